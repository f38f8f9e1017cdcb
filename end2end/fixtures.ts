import { test as base, expect, type Browser, type BrowserContext, type Cookie, type Locator, type Page, type Response } from '@playwright/test';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { PASSWORD, people, type Person } from './people.mjs';
import { startServer } from './portal';

export { expect, PASSWORD, people, type Person };
export const sessions = join(import.meta.dirname, '.sessions');

type Fixtures = {
  /**
   * Makes the page belong to one of the demo people; signs in by the form only the first time. With `fresh` the person has
   * proved within the last minutes who they are, as keys, plans and owners require.
   */
  signIn: (who: Person, how?: { fresh: boolean }) => Promise<void>;
  /** The cookies of one of the demo people, for a second browser. */
  sessionFor: (who: Person) => Promise<Cookie[]>;
  /** A name that no other test uses. */
  unique: (name: string) => string;
  /** Opens the newest mail to an address in the development inbox and gives its first link into the portal. */
  linkInMail: (to: string, subject: RegExp, earlier?: number) => Promise<string>;
  /** How many mails to an address there are: taken before a mail is asked for, it tells `linkInMail` which is the new one. */
  mailsTo: (to: string, subject: RegExp) => Promise<number>;
  /** Problems that the test provokes, which are then not held against it. */
  provoke: (problem: RegExp) => void;
  /** Watches every browser that the test opens, also those of other people. */
  watched: Watched;
};

type Watched = { browser: (context: BrowserContext) => Promise<void>; provoked: RegExp[] };

// The browser reports answers of 4xx as console errors; those to forms and to pages asked for on purpose are expected.
const EXPECTED = /Failed to load resource: the server responded with a status of 4\d\d/;

// Pages of identity providers and the development inbox are not the portal's. A project has twenty ports for its servers.
function isPortal(page: Page | null, port: number): boolean {
  const url = new URL(page?.url() || 'about:blank');
  return url.protocol === 'about:' || (Math.abs(Number(url.port) - port) < 20 && !url.pathname.startsWith('/dev/'));
}

async function watch(context: BrowserContext, port: number, problems: string[]) {
  context.on('weberror', (error) => {
    if (isPortal(error.page(), port)) problems.push(`page error: ${error.error().message}`);
  });
  context.on('console', (message) => {
    const path = new URL(message.location().url || 'about:blank').pathname;
    const expected = EXPECTED.test(message.text()) && !/^\/(pkg|fonts|images)\//.test(path);
    if (message.type() === 'error' && !expected && isPortal(message.page(), port)) {
      problems.push(`console: ${message.text()} (${path})`);
    }
  });
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`content security policy: ${event.violatedDirective} blocked ${event.blockedURI || 'inline'}`);
    });
  });
}

/** Waits until the page answers to clicks as an application, not only as a document. */
export async function hydrated(page: Page) {
  await page.locator('html[data-hydrated]').waitFor({ state: 'attached', timeout: 15_000 });
}

type Session = { cookies: Cookie[]; usedAt: number; provedAt: number };
const MINUTE = 60_000;

// A browser of its own signs in, so that a test's own browser never holds somebody else's session. A session that was not
// used for most of its hour is made anew, and so is one that has to be fresh and is not: by the password, as people do.
async function cookiesOf(who: Person, browser: Browser, baseURL: string, fresh = false): Promise<Cookie[]> {
  const file = join(sessions, new URL(baseURL).port, `${who}.json`);
  const now = Date.now();
  const stored: Session | undefined = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  if (stored && (await isOpen(stored, browser, baseURL)) && now - stored.usedAt < 50 * MINUTE && (!fresh || now - stored.provedAt < 3 * MINUTE)) {
    writeFileSync(file, JSON.stringify({ ...stored, usedAt: now }));
    return stored.cookies;
  }
  const context = await browser.newContext({ baseURL, javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto('/signin');
  await page.getByLabel(/e-?mail address/i).fill(people[who]);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL((url) => url.pathname !== '/signin');
  const cookies = await context.cookies();
  await context.close();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ cookies, usedAt: now, provedAt: now } satisfies Session));
  return cookies;
}

// A test may have ended it: by a new password, or with all other sessions of the person.
async function isOpen({ cookies }: Session, browser: Browser, baseURL: string): Promise<boolean> {
  const context = await browser.newContext({ baseURL });
  await context.addCookies(cookies);
  const answer = await context.request.get('/account/sessions', { maxRedirects: 0, headers: { accept: 'text/html' } });
  await context.close();
  return answer.status() === 200;
}

/** Holds the answers at an address back until they are let through. */
export async function held(page: Page, address: RegExp): Promise<() => void> {
  let letThrough = () => {};
  const through = new Promise<void>((resolve) => (letThrough = resolve));
  await page.route(address, async (route) => {
    await through;
    await route.continue().catch(() => {});
  });
  return letThrough;
}

/** Opens a dialog by its control: a `<summary>`, which also opens it without JavaScript. */
export async function openDialog(within: Page | Locator, label: string): Promise<Locator> {
  const control = within.locator('summary').filter({ hasText: new RegExp(`^\\s*${label}\\s*$`) });
  await control.click();
  const dialog = within.locator('details.dialog[open] dialog');
  await expect(dialog).toBeVisible();
  return dialog;
}

/** The row of a table that holds a text. */
export function row(page: Page, text: string): Locator {
  return page.getByRole('row').filter({ hasText: text });
}

export const test = base.extend<Fixtures, { portal: void }>({
  portal: [
    async ({}, use, info) => {
      const server = await startServer(info.project.name, info.project.use.baseURL!);
      await use();
      await server.stop();
    },
    { scope: 'worker', auto: true, timeout: 300_000 },
  ],
  watched: [
    async ({ browser, baseURL }, use) => {
      const problems: string[] = [];
      const provoked: RegExp[] = [];
      const known = new WeakSet<BrowserContext>();
      const watchOnce = async (context: BrowserContext) => {
        if (known.has(context)) return;
        known.add(context);
        await watch(context, Number(new URL(baseURL!).port), problems);
      };
      const { newContext } = browser;
      browser.newContext = async (options) => {
        const context = await newContext.call(browser, options);
        await watchOnce(context);
        return context;
      };
      await use({ browser: watchOnce, provoked });
      browser.newContext = newContext;
      const unexpected = problems.filter((problem) => !provoked.some((expected) => expected.test(problem)));
      expect(unexpected, 'the console stays free of errors').toEqual([]);
    },
    { auto: true },
  ],
  provoke: async ({ watched }, use) => {
    await use((problem) => watched.provoked.push(problem));
  },
  page: async ({ watched, page, javaScriptEnabled }, use) => {
    await watched.browser(page.context());
    const [goto, reload] = [page.goto.bind(page), page.reload.bind(page)];
    const alive = async (answer: Response | null) => {
      if (javaScriptEnabled !== false && answer?.headers()['content-type']?.startsWith('text/html')) {
        await hydrated(page);
      }
      return answer;
    };
    page.goto = async (url, options) => alive(await goto(url, options));
    page.reload = async (options) => alive(await reload(options));
    await use(page);
  },
  sessionFor: async ({ browser, baseURL }, use) => {
    await use((who) => cookiesOf(who, browser, baseURL!));
  },
  signIn: async ({ context, browser, baseURL }, use) => {
    await use(async (who, how) => {
      await context.addCookies(await cookiesOf(who, browser, baseURL!, how?.fresh));
    });
  },
  unique: async ({}, use, info) => {
    const suffix = `${info.project.name}-${info.testId.slice(-5)}${info.retry}`;
    await use((name) => `${name} ${suffix}`);
  },
  mailsTo: async ({ context }, use) => {
    await use(async (to, subject) => {
      const inbox = await context.newPage();
      await inbox.goto('/dev/mail');
      const count = await mails(inbox, to, subject).count();
      await inbox.close();
      return count;
    });
  },
  linkInMail: async ({ context, baseURL }, use) => {
    await use(async (to, subject, earlier = 0) => {
      const inbox = await context.newPage();
      try {
        await expect(async () => {
          await inbox.goto('/dev/mail');
          expect(await mails(inbox, to, subject).count()).toBeGreaterThan(earlier);
        }).toPass({ timeout: 15_000 });
        await mails(inbox, to, subject).first().click();
        const text = await inbox.locator('pre').innerText();
        const link = text.match(new RegExp(`${baseURL}/\\S+`));
        expect(link, `a link in the mail to ${to}`).not.toBeNull();
        return new URL(link![0]).pathname + new URL(link![0]).search;
      } finally {
        await inbox.close();
      }
    });
  },
});

/** The mails to an address in the development inbox, the newest first. */
function mails(inbox: Page, to: string, subject: RegExp): Locator {
  return inbox.getByRole('link').filter({ hasText: to }).filter({ hasText: subject });
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const RULES = {
  light: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] },
  dark: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] },
};

/** WCAG 2.2 AA, as far as a program can tell; in the dark scheme those rules that look at colours. */
export async function expectAccessible(page: Page) {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.evaluate(axe);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    // The colours of the other scheme are there only when they have been drawn; those of lists come last.
    await page.waitForFunction((dark) => {
      const parts = getComputedStyle(document.documentElement).backgroundColor.match(/[\d.]+/g)!.slice(0, 3).map(Number);
      return (Math.max(...parts) < 128) === dark;
    }, colorScheme === 'dark');
    await expect(async () => {
      const violations = await page.evaluate(async (runOnly) => {
        // @ts-expect-error axe was put on the window above
        const { violations } = await window.axe.run(document, { runOnly });
        return violations.map((found: any) => `${found.id}: ${found.help} at ${found.nodes.slice(0, 3).map((node: any) => node.target.join(' ')).join(', ')}`);
      }, RULES[colorScheme]);
      expect(violations, `accessibility in the ${colorScheme} scheme`).toEqual([]);
    }).toPass({ timeout: 20_000, intervals: [300] });
  }
}
