import { expect, test } from '../fixtures';

test('the company name is changed, and shown everywhere', async ({ page, signIn }) => {
  await signIn('ines');
  await page.goto('/account');
  const name = page.getByLabel('Company name');
  await name.fill('Initech Holding');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Saved.')).toBeVisible();
  await page.goto('/');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Initech Holding');

  await page.goto('/account');
  await name.fill('Initech');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Saved.')).toBeVisible();
});

test('the billing e-mail is set, and cleared again', async ({ page, signIn }) => {
  await signIn('bella');
  await page.goto('/account');
  const billing = page.getByLabel('Billing e-mail');
  await billing.fill('Accounts@Northwind.example');
  await page.getByRole('button', { name: 'Save billing e-mail' }).click();
  await expect(page.getByText('Saved.')).toBeVisible();
  await page.goto('/account');
  await expect(billing).toHaveValue('accounts@northwind.example');
  await expect(page.getByText('Invoices go to accounts@northwind.example.')).toBeVisible();

  await billing.fill('');
  await page.getByRole('button', { name: 'Save billing e-mail' }).click();
  await expect(page.getByText('Saved.')).toBeVisible();
  await page.goto('/account');
  await expect(billing).toHaveValue('');
});

test('what cannot be saved is said beside its field, and what was typed stays', async ({ page, signIn }) => {
  await signIn('ines');
  await page.goto('/account');
  await page.getByLabel('Company name').fill('   ');
  await page.getByLabel('Contact e-mail').fill('office@initech');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByLabel('Company name')).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByLabel('Contact e-mail')).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByLabel('Contact e-mail')).toHaveValue('office@initech');
});

test('a member reads the details and cannot change them', async ({ page, signIn }) => {
  await signIn('mo');
  await page.goto('/account');
  await expect(page.getByText('Owners and admins of your team can change this.')).toBeVisible();
  await expect(page.getByLabel('Company name')).toHaveCount(0);
});

test('a link from the dashboard puts the cursor into the billing field', async ({ page, signIn }) => {
  await signIn('olivia');
  await page.goto('/account?edit=billing-email');
  await expect(page.getByLabel('Billing e-mail')).toBeFocused();
});
