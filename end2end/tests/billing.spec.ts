import { readFileSync } from 'node:fs';
import { expect, test } from '../fixtures';

test("last month's invoice is downloaded as a PDF", async ({ page, signIn }) => {
  await signIn('bella');
  await page.goto('/billing');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download last month’s invoice' }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^invoice-.+\.pdf$/);
  expect(readFileSync(await download.path()).subarray(0, 5).toString()).toBe('%PDF-');
});

test('a plan is changed after a confirmation that names the charge, and back', async ({ page, signIn }) => {
  await signIn('ines', { fresh: true });
  await page.goto('/billing');
  await page.getByRole('link', { name: 'Upgrade' }).click();
  await page.getByRole('link', { name: 'Upgrade to Pro' }).click();
  const confirm = page.getByRole('region', { name: 'Upgrade from Free to Pro?' });
  await expect(confirm).toContainText('$99.00 USD');
  await expect(confirm.getByRole('row', { name: /API calls/ })).toContainText('500,000');
  await expect(page.getByText('Confirm above.')).toBeVisible();
  await confirm.getByRole('button', { name: 'Upgrade to Pro for $99.00 USD a month' }).click();
  await expect(page.getByText('Plan changed.')).toBeVisible();
  await expect(page.getByText('$99.00 USD a month plus VAT')).toBeVisible();

  await page.goto('/billing/plan?to=free');
  await page.getByRole('button', { name: 'Downgrade to Free' }).click();
  await expect(page.getByText('Plan changed.')).toBeVisible();
  await expect(page.getByText('No charge')).toBeVisible();
});

test('a plan that is too small for the team is refused with the reason', async ({ page, signIn }) => {
  await signIn('gus');
  await page.goto('/billing/plan?to=free');
  await expect(page.getByText('This plan is too small for your team')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Downgrade to Free' })).toHaveCount(0);
});
