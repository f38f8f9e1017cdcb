import type { Page } from '@playwright/test';
import { expect, held, hydrated, test } from '../fixtures';

test.beforeEach(({ javaScriptEnabled }) => test.skip(javaScriptEnabled === false, 'the browser itself does it there'));

/** Follows a link of the menu, whichever of the two forms of it this screen has. */
const follow = async (page: Page, name: string) => {
  const links = page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name, exact: true });
  await links.filter({ visible: true }).first().click();
};

const isAt = async (page: Page, path: string, title: string, heading = title) => {
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(heading);
  await expect(page).toHaveURL((url) => url.pathname === path);
  await expect(page).toHaveTitle(`${title} · Foyer`);
};

test('the address follows a link after a step back and one forth', async ({ page, signIn }) => {
  await signIn('mo');
  await page.goto('/usage');
  await follow(page, 'Team');
  await isAt(page, '/team', 'Team');
  await follow(page, 'Support');
  await isAt(page, '/support', 'Support');
  await page.goBack();
  await isAt(page, '/team', 'Team');
  await page.goForward();
  await isAt(page, '/support', 'Support');
  await follow(page, 'Team');
  await isAt(page, '/team', 'Team');
  await page.goBack();
  await isAt(page, '/support', 'Support');

  await page.evaluate(() => history.go(-2));
  await isAt(page, '/usage', 'Usage');
  await follow(page, 'Support');
  await isAt(page, '/support', 'Support');
});

test('a step back from a page that was loaded anew, before it is alive, opens the page before', async ({ page, signIn }) => {
  await signIn('mo');
  await page.goto('/support');
  await follow(page, 'Team');
  await isAt(page, '/team', 'Team');
  const program = await held(page, /\/pkg\/.*\.wasm/);
  await page.evaluate(() => location.reload());
  await expect(page.locator('html')).not.toHaveAttribute('data-hydrated');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Team');
  await page.evaluate(() => history.back());
  await expect(page).toHaveURL((url) => url.pathname === '/support');
  program();
  await isAt(page, '/support', 'Support');
  await hydrated(page);
});

test('of three pages asked for while their parts are loading the last one is shown', async ({ page, signIn }) => {
  await signIn('mo');
  const daily = await held(page, /\/pkg\/split_daily_pages\./);
  const seldom = await held(page, /\/pkg\/split_seldom_pages\./);
  await page.goto('/');
  await follow(page, 'Team');
  await follow(page, 'Account');
  await follow(page, 'Dashboard');
  daily();
  seldom();
  // Both parts have come when pages of both can be shown.
  await page.waitForFunction(() => performance.getEntriesByType('resource').filter(({ name }) => /split_(daily|seldom)_pages/.test(name)).length === 2);
  await page.evaluate(() => new Promise((drawn) => setTimeout(() => requestAnimationFrame(drawn), 500)));
  await isAt(page, '/', 'Dashboard', 'Northwind Analytics');
  await follow(page, 'Team');
  await isAt(page, '/team', 'Team');
});
