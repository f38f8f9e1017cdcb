import { expect, hydrated, test } from '../fixtures';
import { pages } from '../pages.mjs';

test.beforeEach(({ javaScriptEnabled }) => test.skip(javaScriptEnabled === false, 'without JavaScript no part is loaded'));

test('a first page loads its own part of the program, and the others once it is alive', async ({ page, signIn }) => {
  // By the clock of the page, so that it does not matter when somebody looks.
  await page.addInitScript(() => {
    const noted = new MutationObserver(() => {
      performance.mark('alive');
      noted.disconnect();
    });
    noted.observe(document, { attributes: true, attributeFilter: ['data-hydrated'], subtree: true });
  });
  const parts = async (which: 'all' | 'early') => {
    const loaded = await page.evaluate(() => {
      const [alive] = performance.getEntriesByName('alive');
      return performance.getEntriesByType('resource').map(({ name, startTime }) => ({ name, early: startTime < alive!.startTime }));
    });
    const names = loaded.filter(({ early }) => early || which === 'all').map(({ name }) => /\/pkg\/split_([a-z_]+)\./.exec(name)?.[1]);
    return [...new Set(names)].filter((name) => name !== undefined).sort();
  };
  await signIn('olivia');
  await page.goto('/');
  await expect.poll(() => parts('all'), { timeout: 15_000 }).toEqual(['daily_pages', 'landing_page', 'seldom_pages', 'visitor_pages']);
  expect(await parts('early')).toEqual(['landing_page']);
});

// Side by side, as many people come: what a page says of its parts must not depend on what else its thread does.
test('every page says in its head which parts of the program it needs', async ({ browser, baseURL, sessionFor }) => {
  for (const who of [...new Set(pages.map((page) => page.who))]) {
    const context = await browser.newContext({ baseURL });
    if (who) await context.addCookies(await sessionFor(who));
    const own = pages.filter((page) => page.who === who && !page.link);
    const heads = await Promise.all(
      [...own, ...own].map(async ({ path }) => {
        const answer = await context.request.get(path);
        return { path, found: answer.ok(), html: await answer.text() };
      }),
    );
    for (const { path, html } of heads.filter(({ found }) => found)) {
      const parts = [...html.matchAll(/<link[^>]* href="\/pkg\/((?:split|chunk|__wasm_split)[^"]*)"/g)].map(([, part]) => part!);
      expect(parts.filter((part) => part.startsWith('split_')), path).toHaveLength(1);
      expect(parts.filter((part) => part.startsWith('__wasm_split')), path).toHaveLength(1);
      expect(new Set(parts).size, path).toBe(parts.length);
    }
    await context.close();
  }
});

test('a page whose part cannot be loaded comes from the server and works', async ({ browser, baseURL, sessionFor, unique, provoke }) => {
  // The browser reports the part that it was not given, and what the loader makes of that.
  provoke(/./);
  const context = await browser.newContext({ baseURL });
  await context.addCookies(await sessionFor('olivia'));
  const page = await context.newPage();
  await page.route(/\/pkg\/split_daily_pages\./, (route) => route.abort());
  // The pages whose loader has said that it did not get their part.
  const without: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) without.push(page.url());
  });
  await page.goto('/');
  await hydrated(page);
  await page.getByRole('link', { name: 'Usage by day' }).click();
  await expect(page).toHaveURL(/\/usage$/);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Usage');

  const subject = unique('A part was missing');
  await page.goto('/support/new');
  await page.getByLabel('Subject').fill(subject);
  await page.getByLabel('Message').fill('And nobody noticed.');
  await page.getByRole('button', { name: 'Open ticket' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(subject);
  await expect.poll(() => without).toContain(page.url());
  await expect(page.locator('html')).not.toHaveAttribute('data-hydrated');
  await page.getByRole('main').getByRole('link', { name: 'Support' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Support');
  await context.close();
});

// The router listens before the page is taken over: what it showed then stood inside of what the server had made for another page.
test('a link that is followed before its page is alive opens a whole page', async ({ page, signIn }) => {
  await signIn('mo');
  await page.goto('/team');
  const asked = page.waitForRequest(/\/pkg\/split_seldom_pages\./);
  let followed = false;
  await page.route(/\/pkg\/split_seldom_pages\./, async (route) => {
    while (!followed) await new Promise((passed) => setTimeout(passed, 20));
    await route.continue();
  });
  await page.evaluate(() => location.assign('/account'));
  await page.waitForURL(/\/account$/, { waitUntil: 'commit' });
  await asked;
  await page.getByRole('main').getByRole('link', { name: 'Your own settings' }).click();
  followed = true;
  await expect(page).toHaveURL(/\/account\/profile$/);
  await hydrated(page);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Your profile');
  await expect(page.getByRole('navigation', { name: 'Main' }).locator('[aria-current]')).toHaveCount(0);
});
