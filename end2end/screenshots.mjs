// Takes a picture of every page at 1280 and 390 pixels, light and dark, of a running demo:
//     node end2end/screenshots.mjs [address] [folder]
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { browser as options } from './browser.mjs';
import { pages } from './pages.mjs';
import { PASSWORD, people } from './people.mjs';

const address = process.argv[2] ?? 'http://127.0.0.1:3000';
const folder = process.argv[3] ?? join(tmpdir(), 'foyer-screenshots');
const only = process.argv[4];
mkdirSync(folder, { recursive: true });

const browser = await chromium.launch(options);
const sessions = new Map();

async function sessionOf(who) {
  if (!sessions.has(who)) {
    const context = await browser.newContext({ baseURL: address });
    const page = await context.newPage();
    await page.goto('/signin');
    await page.getByLabel(/e-?mail address/i).fill(people[who]);
    await page.getByLabel('Password').fill(PASSWORD);
    await Promise.all([page.waitForURL((url) => url.pathname !== '/signin'), page.getByRole('button', { name: 'Sign in', exact: true }).click()]);
    sessions.set(who, await context.storageState());
    await context.close();
  }
  return sessions.get(who);
}

for (const width of [1280, 390]) {
  for (const colorScheme of ['light', 'dark']) {
    for (const { name, path, who, link } of pages) {
      if (only && name !== only) continue;
      const context = await browser.newContext({
        baseURL: address,
        viewport: { width, height: width > 600 ? 900 : 844 },
        deviceScaleFactor: 1,
        colorScheme,
        reducedMotion: 'reduce',
        timezoneId: 'UTC',
        storageState: who && (await sessionOf(who)),
      });
      const page = await context.newPage();
      await page.goto(path, { waitUntil: 'networkidle' });
      if (link) {
        await page.locator(link).first().click();
        await page.waitForLoadState('networkidle');
      }
      await page.locator('.skeleton').waitFor({ state: 'detached' });
      const file = join(folder, `${name}-${width}-${colorScheme}.png`);
      await page.screenshot({ path: file, fullPage: true });
      console.log(file);
      await context.close();
    }
  }
}
await browser.close();
