import { expect, openDialog, row, test } from '../fixtures';

test('a key is created, shown once, rotated and revoked', async ({ page, signIn, unique }) => {
  const name = unique('Import job');
  await signIn('dev', { fresh: true });
  await page.goto('/keys');

  const create = await openDialog(page, 'Create key');
  await create.getByLabel('Name').fill(name);
  await create.getByRole('button', { name: 'Create key' }).click();
  const secret = page.getByLabel('API key', { exact: true });
  await expect(secret).toHaveValue(/^sk_live_[0-9a-f]{72}$/);
  const first = await secret.inputValue();
  await expect(row(page, name)).toContainText(`sk_live_${first.slice(8, 16)}…`);
  await expect(row(page, name)).toContainText('Active');

  await page.goto('/keys');
  await expect(page.getByLabel('API key', { exact: true })).toHaveCount(0);
  expect(await page.content()).not.toContain(first);

  const rotate = await openDialog(row(page, name), 'Rotate');
  await rotate.getByLabel('The old key goes on').selectOption({ index: 1 });
  await rotate.getByRole('button', { name: 'Rotate key' }).click();
  await expect(secret).toHaveValue(/^sk_live_[0-9a-f]{72}$/);
  expect(await secret.inputValue()).not.toBe(first);
  await expect(row(page, name)).toHaveCount(2);

  const successor = row(page, name).filter({ hasText: 'Active' });
  const revoke = await openDialog(successor, 'Revoke');
  await expect(revoke).toContainText('refused at once');
  await revoke.getByRole('button', { name: 'Revoke key' }).click();
  await expect(successor).toHaveCount(0);

  await page.getByRole('link', { name: 'Ended' }).click();
  await expect(row(page, name).filter({ hasText: 'Revoked' })).toHaveCount(1);
});

test('a key without a name is refused beside the field', async ({ page, signIn }) => {
  await signIn('dev', { fresh: true });
  await page.goto('/keys');
  const create = await openDialog(page, 'Create key');
  // Spaces satisfy the browser's own check, not ours.
  await create.getByLabel('Name').fill('   ');
  await create.getByRole('button', { name: 'Create key' }).click();
  const name = page.locator('dialog').getByLabel('Name').first();
  await expect(name).toHaveAttribute('aria-invalid', 'true');
});

test('a member who may not see keys is told so', async ({ page, signIn }) => {
  await signIn('mo');
  const answer = await page.goto('/keys');
  expect(answer?.status()).toBe(403);
  await expect(page.getByRole('main')).toContainText(/owner|administrator|admin/i);
});
