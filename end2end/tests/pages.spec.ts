import { expect, expectAccessible, test } from '../fixtures';
import { pages } from '../pages.mjs';

for (const { name, path, who, link, status } of pages) {
  test(`${name} is well formed and accessible`, async ({ page, signIn, javaScriptEnabled, viewport }) => {
    if (who) await signIn(who as never);
    const answer = await page.goto(path);
    if (link) {
      await page.locator(link).first().click();
      await expect(page).not.toHaveURL(path);
    } else {
      expect(answer?.status()).toBe(status ?? (name === 'forbidden' ? 403 : name === 'not-found' ? 404 : 200));
    }
    await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
    await expect(page).toHaveTitle(/.+ · Foyer$/);
    const width = () => page.locator('body').evaluate((body) => Math.max(body.scrollWidth, document.documentElement.scrollWidth));
    expect(await width(), 'nothing is wider than the window').toBeLessThanOrEqual(viewport!.width);
    if (javaScriptEnabled !== false) await expectAccessible(page);
    // Tablets, and the narrowest window of WCAG 2.2, 1.4.10 Reflow.
    for (const narrower of [1024, 768, 660, 320].filter((narrower) => narrower < viewport!.width)) {
      await page.setViewportSize({ ...viewport!, width: narrower });
      expect(await width(), `nothing is wider than ${narrower} pixels`).toBeLessThanOrEqual(narrower);
    }
  });
}

test('the server sends the data with the page and the browser does not ask for it again', async ({ page, signIn, javaScriptEnabled }) => {
  test.skip(javaScriptEnabled === false, 'without JavaScript nothing is asked for');
  await signIn('olivia');
  for (const path of ['/account', '/billing', '/team', '/keys', '/support', '/activity']) {
    const asked: string[] = [];
    const note = (request: { url(): string }) => {
      if (new URL(request.url()).pathname.startsWith('/api/')) asked.push(request.url());
    };
    page.on('request', note);
    await page.goto(path);
    page.off('request', note);
    expect(asked, `requests of ${path} on its first load`).toEqual([]);
  }
});
