import { expect, openDialog, row, test } from '../fixtures';
import type { Page } from '@playwright/test';

const SECRET = /^sk_(live|test)_[0-9a-f]{72}$/;

// With JavaScript the secret stands masked in a dialog, without it behind a word on the next page.
async function takeSecret(page: Page, nojs: boolean): Promise<string> {
  if (nojs) {
    await page.getByText('Show the key').click();
  }
  const secret = page.getByLabel('API key', { exact: true });
  await expect(secret).toHaveValue(SECRET);
  const value = await secret.inputValue();
  if (nojs) {
    await page.getByLabel('I have copied the key').check();
    await page.getByRole('button', { name: 'Done' }).click();
  } else {
    await page.getByRole('button', { name: 'Copy', exact: true }).click();
    await expect(page.getByRole('button', { name: 'Copied', exact: true })).toBeVisible();
    await page.getByRole('button', { name: 'Done' }).click();
  }
  await expect(secret).toHaveCount(0);
  return value;
}

async function create(page: Page, name: string, nojs: boolean): Promise<string> {
  await page.goto('/keys');
  const dialog = await openDialog(page, 'Create key');
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByRole('button', { name: 'Create key' }).click();
  return takeSecret(page, nojs);
}

test('a key for tests is created with its limits', async ({ page, signIn, unique }, info) => {
  const name = unique('Nightly tests');
  await signIn('dev', { fresh: true });
  await page.goto('/keys');
  const dialog = await openDialog(page, 'Create key');
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByLabel('Environment').selectOption({ label: 'Test: calls are not counted' });
  await dialog.getByText('Limits: expiry, access, addresses, calls').click();
  await dialog.getByLabel('Expires').selectOption('7d');
  await dialog.getByLabel('Do only what I choose').check();
  await dialog.getByLabel('Read events').check();
  await dialog.getByLabel('Allowed addresses').fill('nowhere');
  await dialog.getByLabel('Calls per minute').fill('60');
  await dialog.getByRole('button', { name: 'Create key' }).click();

  // What is wrong is in sight, and the rest is kept.
  await expect(page.getByText(/“nowhere” is no/)).toBeVisible();
  await expect(page.getByLabel('Environment').first()).toHaveValue('test');
  await page.getByLabel('Allowed addresses').fill('203.0.113.0/24');
  await page.getByRole('button', { name: 'Create key' }).click();
  expect(await takeSecret(page, info.project.name === 'nojs')).toMatch(/^sk_test_/);
  await row(page, name).getByRole('link', { name }).click();
  const settings = page.locator('dl');
  for (const text of ['Test', 'Read events', '203.0.113.0/24', '60', /in [67] days/]) await expect(settings).toContainText(text);
});

test('a key is created, rotated with an overlap, extended and revoked', async ({ page, signIn, unique }, info) => {
  const nojs = info.project.name === 'nojs';
  const name = unique('Import job');
  await signIn('dev', { fresh: true });
  const first = await create(page, name, nojs);
  await expect(row(page, name)).toContainText(`${first.slice(0, 16)}…${first.slice(-4)}`);
  await expect(row(page, name)).toContainText('Active');
  expect(await page.content()).not.toContain(first);

  await row(page, name).getByRole('link', { name }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(name);
  const rotate = await openDialog(page, 'Rotate');
  await expect(rotate).toContainText('No program has ever used it');
  await rotate.getByLabel('The old key keeps working').selectOption({ label: 'For 1 hour' });
  await rotate.getByRole('button', { name: 'Rotate key' }).click();
  expect(await takeSecret(page, nojs)).not.toBe(first);

  await expect(page.getByText('Safe to revoke')).toBeVisible();
  await page.getByRole('button', { name: /^Extend to / }).click();
  await expect(page.locator('dl').getByText('in 1 day')).toBeVisible();
  await page.goto('/keys');
  await expect(row(page, name)).toHaveCount(2);
  await expect(row(page, name).filter({ hasText: 'Ending' })).toContainText('in 1 day');
  await expect(row(page, name).filter({ hasText: 'Ending' })).toContainText('Replaced by sk_live_');
  await expect(row(page, name).filter({ hasText: 'Active' })).toContainText(`Replaces ${first.slice(0, 16)}…${first.slice(-4)}`);

  await row(page, name).filter({ hasText: 'Ending' }).getByRole('link', { name }).click();
  const revoke = await openDialog(page, 'Revoke');
  await expect(revoke).toContainText('refused at once');
  await revoke.getByLabel('Reason').selectOption('Replaced by another key');
  await revoke.getByRole('button', { name: 'Revoke key' }).click();
  await expect(page.getByText('Reason: Replaced by another key.')).toBeVisible();
  await page.goto('/keys?state=revoked');
  await expect(row(page, name)).toHaveCount(1);
});

test('a secret that was not copied is not let go by accident', async ({ page, signIn, unique }, info) => {
  test.skip(info.project.name === 'nojs', 'the browser itself asks for the tick');
  const name = unique('Careless');
  await signIn('dev', { fresh: true });
  await page.goto('/keys');
  const dialog = await openDialog(page, 'Create key');
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByRole('button', { name: 'Create key' }).click();
  const secret = page.getByLabel('API key', { exact: true });
  await expect(secret).toHaveAttribute('type', 'password');
  await expect(page.getByRole('button', { name: 'Copy', exact: true })).toBeFocused();
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await expect(secret).toHaveAttribute('type', 'text');
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByText('You have not copied the key')).toBeVisible();
  await page.getByRole('button', { name: 'Go back' }).click();
  await expect(secret).toBeVisible();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Close without it' }).click();
  await expect(secret).toHaveCount(0);
});

test('a secret that the browser closes uncopied comes back with the question', async ({ page, signIn, unique }, info) => {
  test.skip(info.project.name === 'nojs', 'there is no dialog');
  await signIn('dev', { fresh: true });
  await page.goto('/keys');
  const dialog = await openDialog(page, 'Create key');
  await dialog.getByLabel('Name').fill(unique('Closed'));
  await dialog.getByRole('button', { name: 'Create key' }).click();
  const secret = page.getByLabel('API key', { exact: true });
  await expect(secret).toHaveValue(SECRET);
  // As a browser does that takes a second Escape or the gesture that leads back for a wish to close whatever the page says.
  await page.locator('dialog:modal').evaluate((shown: HTMLDialogElement) => shown.close());
  await expect(page.getByText('You have not copied the key')).toBeVisible();
  await expect(page.locator('dialog:modal').getByLabel('API key', { exact: true })).toHaveValue(SECRET);
  await page.getByRole('button', { name: 'Go back' }).click();
  await page.getByRole('button', { name: 'Copy', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Copied', exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(secret).toHaveCount(0);
});

test('whoever goes back past a secret that was not copied is asked first', async ({ page, signIn, unique }, info) => {
  test.skip(info.project.name === 'nojs', 'the page that asks for the tick can be gone back to');
  await signIn('dev', { fresh: true });
  await page.goto('/');
  await page.getByRole('link', { name: 'All keys' }).click();
  await expect(page).toHaveURL(/\/keys$/);
  const before = await page.evaluate(() => history.length);
  const dialog = await openDialog(page, 'Create key');
  await dialog.getByLabel('Name').fill(unique('Back'));
  await dialog.getByRole('button', { name: 'Create key' }).click();
  const secret = page.locator('dialog:modal').getByLabel('API key', { exact: true });
  await expect(secret).toHaveValue(SECRET);
  for (const time of ['once', 'once more']) {
    await test.step(time, async () => {
      await page.evaluate(() => history.back());
      await expect(page.getByText('You have not copied the key')).toBeVisible();
      await expect(page).toHaveURL(/\/keys$/);
      await expect(secret).toHaveValue(SECRET);
      await page.getByRole('button', { name: 'Go back' }).click();
    });
  }
  await page.getByRole('button', { name: 'Copy', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Copied', exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(secret).toHaveCount(0);
  expect(await page.evaluate(() => history.length), 'no press of Back is spent on the question').toBe(before);
  await page.goBack();
  await expect(page).toHaveURL(/:\d+\/$/);
});

test('a button that is pressed twice without JavaScript makes one key', async ({ page, signIn, unique }, info) => {
  test.skip(info.project.name !== 'nojs', 'with JavaScript the button sends nothing twice');
  const name = unique('Pressed twice');
  await signIn('dev', { fresh: true });
  await page.goto('/keys');
  const dialog = await openDialog(page, 'Create key');
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByRole('button', { name: 'Create key' }).dblclick();
  await takeSecret(page, true);
  await expect(row(page, name)).toHaveCount(1);
});

test('a key is limited, disabled and enabled again', async ({ page, signIn, unique }, info) => {
  const name = unique('Limited');
  await signIn('dev', { fresh: true });
  await create(page, name, info.project.name === 'nojs');
  await row(page, name).getByRole('link', { name }).click();

  const limits = await openDialog(page, 'Change limits');
  await limits.getByLabel('Do only what I choose').check();
  await limits.getByLabel('Read events').check();
  await limits.getByLabel('Allowed addresses').fill('203.0.113.0/24');
  await limits.getByRole('button', { name: 'Save' }).click();
  await expect(page.locator('dl').getByText('203.0.113.0/24')).toBeVisible();

  const disable = await openDialog(page, 'Disable');
  await disable.getByRole('button', { name: 'Disable key' }).click();
  await expect(page.getByText('This key is disabled')).toBeVisible();
  await page.getByRole('button', { name: 'Enable', exact: true }).click();
  await expect(page.getByText('This key is disabled')).toHaveCount(0);
});

test('the page of a key says why calls are refused', async ({ page, signIn }) => {
  await signIn('olivia', { fresh: true });
  await page.goto('/keys?search=Production');
  await row(page, 'Production').first().getByRole('link', { name: 'Production' }).click();
  const why = page.locator('section', { has: page.getByRole('heading', { name: 'Why is my key failing?' }) });
  await expect(why).toContainText('Address not allowed');
  await expect(why).toContainText('Too many calls');
  await expect(why.getByRole('link', { name: 'Change limits' }).first()).toBeVisible();
});

test('a whole key that is searched for does not stay in the address', async ({ page, signIn, unique }, info) => {
  const name = unique('Searched');
  await signIn('dev', { fresh: true });
  const secret = await create(page, name, info.project.name === 'nojs');
  await page.goto('/keys');
  await page.getByLabel('Search keys').fill(secret);
  await page.getByRole('button', { name: 'Filter' }).click();
  await expect.poll(() => new URL(page.url()).searchParams.get('search')).toBe(secret.slice(0, 16));
  await expect(page.getByRole('row'), 'the head and the one key').toHaveCount(2);
  await expect(row(page, name)).toHaveCount(1);
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
