import { expect, expectAccessible, test } from '../fixtures';
import { pages } from '../pages.mjs';

for (const { name, path, who, link, status } of pages) {
  test(`${name} is well formed and accessible`, async ({ page, signIn, javaScriptEnabled, viewport }) => {
    test.slow();
    if (who) await signIn(who as never);
    const answer = await page.goto(path);
    const heading = page.getByRole('heading', { level: 1 });
    if (link) {
      const followed = page.locator(link).first();
      // What it leads to is called as the link says, or as its label says where the links of all rows say the same.
      const called = (await followed.getAttribute('aria-label'))?.replace(/^Manage /, '') ?? (await followed.innerText());
      await followed.click();
      await expect(heading).toHaveText(called);
      await expect(page.locator('.skeleton')).toHaveCount(0);
    } else {
      expect(answer?.status()).toBe(status ?? (name === 'forbidden' ? 403 : name === 'not-found' ? 404 : 200));
    }
    await expect(heading).toHaveCount(1);
    await expect(page).toHaveTitle(/.+ · Foyer$/);
    const width = () => page.locator('body').evaluate((body) => Math.max(body.scrollWidth, document.documentElement.scrollWidth));
    await expect.poll(width, 'nothing is wider than the window').toBeLessThanOrEqual(viewport!.width);
    if (javaScriptEnabled !== false) await expectAccessible(page);
    // Tablets, and the narrowest window of WCAG 2.2, 1.4.10 Reflow.
    for (const narrower of [1024, 768, 660, 320].filter((narrower) => narrower < viewport!.width)) {
      await page.setViewportSize({ ...viewport!, width: narrower });
      await expect.poll(width, `nothing is wider than ${narrower} pixels`).toBeLessThanOrEqual(narrower);
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
