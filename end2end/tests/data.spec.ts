import { expect, openDialog, test } from '../fixtures';

test('an owner takes everything along', async ({ page, signIn }) => {
  await signIn('ines', { fresh: true });
  await page.goto('/account');
  await page.getByRole('link', { name: 'Open your data' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Your data');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export everything' }).click();
  expect((await download).suggestedFilename()).toMatch(/^foyer-export-\d{4}-\d\d-\d\d\.zip$/);
});

test('the deletion is asked for, announced, and canceled', async ({ page, signIn }) => {
  await signIn('ines', { fresh: true });
  await page.goto('/account/data');
  let close = await openDialog(page, 'Delete this account');
  await expect(close).toContainText('In 30 days:');
  await close.getByRole('textbox').fill('Something else');
  await close.getByRole('button', { name: 'Delete in 30 days' }).click();
  await expect(page.locator('dialog').getByRole('textbox')).toHaveAttribute('aria-invalid', 'true');

  await page.goto('/account/data');
  close = await openDialog(page, 'Delete this account');
  const label = await close.locator('label').innerText();
  await close.getByRole('textbox').fill(label.match(/“(.+)”/)![1]);
  await close.getByRole('button', { name: 'Delete in 30 days' }).click();
  await expect(page.getByText('This account is deleted on')).toBeVisible();

  await page.goto('/');
  await expect(page.getByText('This account is deleted on')).toBeVisible();
  await page.getByRole('link', { name: 'Export your data, or cancel the deletion' }).click();
  await page.getByRole('button', { name: 'Cancel the deletion' }).click();
  await expect(page.getByText('Deletion canceled.')).toBeVisible();
});

test('an admin is told that only owners may', async ({ page, signIn }) => {
  await signIn('adam');
  const answer = await page.goto('/account/data');
  expect(answer?.status()).toBe(403);
  await expect(page.getByRole('main')).toContainText('Owner');
});
