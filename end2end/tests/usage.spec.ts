import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures';

/** Lets the time pass after which the meters ask again, and waits until that has come to its end. */
async function nextTry(page: Page, end: 'requestfailed' | 'requestfinished') {
  const ended = page.waitForEvent(end, (request) => request.url().includes('/api/usage/meters'));
  await page.clock.runFor(15_000);
  await ended;
}

test('usage stands against the plan, by day and by month', async ({ page, signIn }) => {
  await signIn('mo');
  await page.goto('/usage');
  await expect(page.getByRole('meter', { name: 'API calls' })).toHaveAttribute('aria-valuemax', '500000');
  await expect(page.getByRole('table', { name: 'Usage by month' }).getByRole('row')).toHaveCount(14);
});

test('the meters ask for new values by themselves', async ({ page, signIn, javaScriptEnabled }) => {
  test.skip(javaScriptEnabled === false, 'needs JavaScript');
  test.slow();
  await signIn('olivia');
  await page.goto('/usage');
  const answer = await page.waitForResponse((response) => response.url().includes('/api/usage/'), { timeout: 25_000 });
  expect(answer.status()).toBe(200);
});

test('meters that cannot be read say so, until they can be again', async ({ page, signIn, provoke, javaScriptEnabled }) => {
  test.skip(javaScriptEnabled === false, 'needs JavaScript');
  provoke(/Failed to load resource|api\/usage\/meters/);
  await page.clock.install();
  await signIn('olivia');
  await page.goto('/usage');
  await expect(page.getByText('Refreshes by itself.')).toBeVisible();
  // From here on no time passes but what a try lets pass. The moment has to lie ahead when the page hears of it.
  await page.clock.pauseAt(Date.now() + 5_000);
  await page.route('**/api/usage/meters*', (route) => route.abort());
  await nextTry(page, 'requestfailed');
  await expect(page.getByText('Refreshes by itself.')).toBeVisible();
  await nextTry(page, 'requestfailed');
  await expect(page.getByText(/^Not refreshed since \d+ \w+ \d{4}, \d\d:\d\d UTC\./)).toBeVisible();
  await page.unroute('**/api/usage/meters*');
  await nextTry(page, 'requestfinished');
  await expect(page.getByText('Refreshes by itself.')).toBeVisible();
});

test('meters are no longer asked for once the session has ended', async ({ page, context, signIn, provoke, javaScriptEnabled }) => {
  test.skip(javaScriptEnabled === false, 'needs JavaScript');
  provoke(/401/);
  await page.addInitScript(() => {
    const setInterval = window.setInterval.bind(window);
    window.setInterval = ((ask: TimerHandler, time?: number) => setInterval(ask, (time ?? 0) / 15)) as typeof window.setInterval;
  });
  await signIn('olivia');
  await page.goto('/');
  await context.clearCookies();
  const region = page.getByText('Your session has ended, so this is not refreshed any more.');
  await expect(region).toBeVisible();
  let asked = 0;
  page.on('request', (request) => (asked += request.url().includes('/api/usage/meters') ? 1 : 0));
  // Four times as long as between two requests.
  await page.waitForTimeout(4_000);
  expect(asked).toBe(0);
  await region.getByRole('link', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(/\/signin\?next=%2F$/);
});

test('a person without the right to change the plan is told who has it', async ({ page, signIn }) => {
  await signIn('mo');
  await page.goto('/usage');
  await expect(page.getByText('An owner, admin or billing person of your team can upgrade the plan.')).toBeVisible();
});
