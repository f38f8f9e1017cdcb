import { expect, test } from '../fixtures';

test('the name is changed, and shown in the menu', async ({ page, signIn }, info) => {
  test.skip(info.project.name === 'phone', 'the menu of the person is not on a phone');
  await signIn('adam');
  await page.goto('/account/profile');
  const name = page.getByLabel('Name', { exact: true });
  const before = await name.inputValue();
  await name.fill('Adam of Northwind');
  await page.getByRole('button', { name: 'Save name' }).click();
  await expect(page.getByText('Saved.')).toBeVisible();
  await expect(page.locator('.person-name').filter({ hasText: 'Adam of Northwind' }).first()).toBeAttached();
  await page.goto('/account/profile');
  await name.fill(before);
  await page.getByRole('button', { name: 'Save name' }).click();
  await expect(page.getByText('Saved.')).toBeVisible();
});

test('a new address waits for its confirmation, and opening the link confirms nothing', async ({ page, signIn, linkInMail }, info) => {
  await signIn('mo', { fresh: true });
  const email = `new-${info.retry}@northwind.example`;
  await page.goto('/account/profile');
  await page.getByLabel('New address').fill(email);
  await page.getByRole('button', { name: 'Send the link' }).click();
  await expect(page.getByText('Link sent.')).toBeVisible();
  await expect(page.getByText(`${email} waits for its confirmation`)).toBeVisible();

  const link = await linkInMail(email, /Confirm your new/);
  await page.goto(link);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Confirm your new address');
  await expect(page.getByRole('main')).toContainText(email);
  await expect(page.getByRole('button', { name: 'Confirm the address' })).toBeVisible();

  await page.goto('/account/profile');
  await page.getByRole('button', { name: 'Cancel the change' }).click();
  await expect(page.getByText(`${email} waits for its confirmation`)).toHaveCount(0);
  await page.goto(link);
  await expect(page.getByRole('main')).toContainText('expired or was used already');
});

test('an address that cannot be one is refused beside its field', async ({ page, signIn }) => {
  await signIn('adam', { fresh: true });
  await page.goto('/account/profile');
  await page.getByLabel('New address').fill('adam@northwind');
  await page.getByRole('button', { name: 'Send the link' }).click();
  await expect(page.getByLabel('New address')).toHaveAttribute('aria-invalid', 'true');
});
