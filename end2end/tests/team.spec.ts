import { expect, openDialog, PASSWORD, row, test } from '../fixtures';

test('a person is invited, joins, changes role and is removed', async ({ page, browser, signIn, linkInMail, baseURL, javaScriptEnabled }, info) => {
  test.slow();
  const email = `nora-${info.retry}@northwind.example`;
  await signIn('olivia');
  await page.goto('/team');

  const invite = await openDialog(page, 'Invite a person');
  await invite.getByLabel(/e-?mail address/i).fill(email);
  await invite.getByLabel('Developer').check();
  await invite.getByRole('button', { name: 'Send invitation' }).click();
  await expect(page.getByText('Invitation sent.')).toBeVisible();
  await expect(row(page, email)).toContainText('Pending');
  const first = await linkInMail(email, /./);

  const change = await openDialog(row(page, email), 'Change role');
  await change.getByLabel('Role').selectOption('Billing');
  await change.getByRole('button', { name: 'Save role' }).click();
  await expect(page.getByText('Role changed.')).toBeVisible();
  await expect(row(page, email).getByRole('cell', { name: 'Billing' })).toBeVisible();

  await row(page, email).getByRole('button', { name: 'Resend' }).click();
  await expect(page.getByText('Invitation sent again.')).toBeVisible();
  await expect.poll(() => linkInMail(email, /./), { timeout: 15_000 }).not.toBe(first);
  const second = await linkInMail(email, /./);

  const invited = await browser.newContext({ baseURL, javaScriptEnabled });
  const theirs = await invited.newPage();
  await theirs.goto(first);
  await expect(theirs.getByRole('heading', { level: 1 })).toHaveText('This invitation is no longer valid');
  await theirs.goto(second);
  await theirs.getByLabel('Your name').fill('Nora Newcomer');
  await theirs.getByLabel('Choose a password').fill(PASSWORD);
  await theirs.getByRole('button', { name: 'Join Northwind Analytics' }).click();
  await expect(theirs).toHaveURL(/\/(\?done=joined)?$/);

  await page.goto(`/team?q=${encodeURIComponent(email)}`);
  await page.getByRole('link', { name: 'Manage Nora Newcomer' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Nora Newcomer');
  await page.getByLabel('Admin').check();
  await page.getByRole('button', { name: 'Save role' }).click();
  await expect(page.getByText('Role changed.')).toBeVisible();
  await expect(page.locator('dl').getByText('Admin', { exact: true })).toBeVisible();

  const remove = await openDialog(page, 'Remove person');
  await remove.getByRole('button', { name: 'Remove person' }).click();
  await expect(page.getByText('Person removed.')).toBeVisible();
  await theirs.goto('/team');
  await expect(theirs.getByRole('table', { name: 'People of the team' })).toHaveCount(0);
  await invited.close();
});

test('an invitation is revoked and its link stops working', async ({ page, signIn, linkInMail }, info) => {
  const email = `rex-${info.retry}@northwind.example`;
  await signIn('olivia');
  await page.goto('/team');
  const invite = await openDialog(page, 'Invite a person');
  await invite.getByLabel(/e-?mail address/i).fill(email);
  await invite.getByRole('button', { name: 'Send invitation' }).click();
  await expect(row(page, email)).toContainText('Pending');
  const link = await linkInMail(email, /./);

  const revoke = await openDialog(row(page, email), 'Revoke');
  await revoke.getByRole('button', { name: 'Revoke invitation' }).click();
  await expect(page.getByText('Invitation revoked.')).toBeVisible();
  await expect(row(page, email)).toHaveCount(0);
  await page.goto(link);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('This invitation is no longer valid');
});

test('an address that cannot be one is refused beside its field', async ({ page, signIn }) => {
  await signIn('olivia');
  await page.goto('/team');
  const invite = await openDialog(page, 'Invite a person');
  await invite.getByLabel(/e-?mail address/i).fill('nora@northwind');
  await invite.getByRole('button', { name: 'Send invitation' }).click();
  const field = page.locator('dialog').getByLabel(/e-?mail address/i).first();
  await expect(field).toHaveAttribute('aria-invalid', 'true');
  await expect(field).toHaveValue('nora@northwind');
});

test('a full team says so and leads to the plans', async ({ page, signIn }) => {
  await signIn('ines');
  await page.goto('/team');
  await expect(page.getByText('The team is full')).toBeVisible();
  await page.getByRole('link', { name: 'See plans' }).click();
  await expect(page).toHaveURL(/\/billing/);
});

test('the only owner can neither leave nor be demoted', async ({ page, signIn }) => {
  await signIn('olivia');
  await page.goto('/team');
  await expect(page.locator('summary').filter({ hasText: 'Leave team' })).toHaveCount(0);
  await page.goto('/team?q=olivia');
  await page.getByRole('link', { name: /Manage Olivia/ }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Olivia');
  await expect(page.getByRole('button', { name: 'Save role' })).toHaveCount(0);
});

test('a dialog can be left', async ({ page, signIn, javaScriptEnabled }) => {
  await signIn('olivia');
  await page.goto('/team?open=invite');
  const invite = page.getByRole('dialog', { name: 'Invite a person' });
  await expect(invite).toBeVisible();
  // Without JavaScript it is a link to the page.
  await invite.getByRole(javaScriptEnabled === false ? 'link' : 'button', { name: 'Cancel' }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  if (javaScriptEnabled === false) await expect(page).toHaveURL(/\/team$/);
});
