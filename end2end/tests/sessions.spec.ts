import type { Browser } from '@playwright/test';
import { expect, openDialog, PASSWORD, people, row, test } from '../fixtures';

// A browser of its own: ending sessions must not end those that other tests share.
async function signedIn(browser: Browser, baseURL: string, javaScriptEnabled: boolean | undefined, userAgent?: string) {
  const context = await browser.newContext({ baseURL, javaScriptEnabled, userAgent });
  const page = await context.newPage();
  await page.goto('/signin');
  await page.getByLabel(/e-?mail address/i).fill(people.mo);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL((url) => url.pathname === '/');
  return page;
}

test('a person sees where they are signed in and ends one session', async ({ browser, baseURL, javaScriptEnabled }) => {
  const here = await signedIn(browser, baseURL!, javaScriptEnabled);
  const curl = await signedIn(browser, baseURL!, javaScriptEnabled, 'curl/8.5.0');

  await here.goto('/account');
  await here.getByRole('main').getByRole('link', { name: 'Your own settings' }).click();
  await expect(here.getByRole('navigation', { name: 'Main' }).locator('[aria-current]')).toHaveCount(0);
  await here.getByRole('navigation', { name: 'Your own settings' }).getByRole('link', { name: 'Sessions' }).click();
  await expect(here.getByRole('heading', { level: 1 })).toHaveText('Where you are signed in');
  const own = here.getByRole('row', { name: /This browser/ });
  await expect(own).toContainText('127.0.0.1');
  await expect(own.getByRole('button', { name: 'Sign out' })).toBeVisible();
  if (javaScriptEnabled !== false) await here.locator('html[data-hydrated]').waitFor({ state: 'attached' });

  const before = await row(here, 'curl').count();
  const end = await openDialog(row(here, 'curl').first(), 'End');
  await end.getByRole('button', { name: 'End session' }).click();
  await expect(here.getByText('Session ended.')).toBeVisible();
  await expect(row(here, 'curl')).toHaveCount(before - 1);
  await curl.goto('/team');
  await expect(curl).toHaveURL(/\/signin/);
  await curl.context().close();

  await own.getByRole('button', { name: 'Sign out' }).click();
  await expect(here).toHaveURL(/\/signin/);
  await here.context().close();
});

test('the way to the sessions is in the menu of the person', async ({ page, signIn }) => {
  await signIn('olivia');
  await page.goto('/keys');
  await page.locator('summary').filter({ hasText: people.olivia }).click();
  await page.getByRole('link', { name: 'Where you are signed in' }).click();
  await expect(page).toHaveURL(/\/account\/sessions$/);
});

test('the password is asked for once more, and the way leads back', async ({ page, signIn, javaScriptEnabled }) => {
  await signIn('dev');
  await page.goto('/signin/confirm?next=/keys');
  await expect(page.getByText(people.dev)).toBeVisible();
  await expect(page.getByRole('link', { name: 'Cancel' })).toHaveAttribute('href', '/keys');
  await page.getByLabel('Password').fill('not-the-password');
  await page.getByRole('button', { name: 'Confirm' }).click();
  await expect(page.getByText('This is not your password.')).toBeVisible();
  if (javaScriptEnabled === false) await expect(page.getByLabel('Password')).toHaveValue('');
});
