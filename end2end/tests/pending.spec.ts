import type { Page } from '@playwright/test';
import { expect, held, openDialog, test } from '../fixtures';

test.beforeEach(({ javaScriptEnabled }) => test.skip(javaScriptEnabled === false, 'there the browser waits by itself'));

test('meters keep the newest values when an earlier answer comes late', async ({ page, signIn }) => {
  await page.clock.install();
  await signIn('olivia');
  await page.goto('/usage');
  let letThrough = () => {};
  const through = new Promise<void>((resolve) => (letThrough = resolve));
  let asked = 0;
  await page.route(/\/api\/usage\/meters/, async (route) => {
    const number = ++asked;
    const answer = await route.fetch();
    const meters = await answer.json();
    meters.used.api_calls = number * 1_000;
    if (number === 1) await through;
    await route.fulfill({ response: answer, json: meters });
  });
  const first = page.waitForRequest(/\/api\/usage\/meters/);
  await page.clock.runFor(15_000);
  const late = await first;
  await page.clock.runFor(15_000);
  const calls = page.getByRole('meter', { name: 'API calls' });
  await expect(calls).toHaveAttribute('aria-valuenow', '2000');
  const ended = page.waitForEvent('requestfinished', (request) => request === late);
  letThrough();
  await ended;
  await page.clock.runFor(1_000);
  await expect(calls).toHaveAttribute('aria-valuenow', '2000');
  await page.clock.runFor(15_000);
  await expect(calls).toHaveAttribute('aria-valuenow', '3000');
});

test('what is written while a reply is sent stays in its field', async ({ page, signIn, unique }) => {
  await signIn('dev');
  await page.goto('/support/new');
  await page.getByLabel('Subject').fill(unique('Two thoughts'));
  await page.getByLabel('Message').fill('It begins.');
  await page.getByRole('button', { name: 'Open ticket' }).click();
  await expect(page).toHaveURL(/\/support\/ticket-/);
  const letThrough = await held(page, /\/api\/support\/reply/);
  const message = page.getByRole('textbox', { name: 'Message' });
  await message.fill('The first thought.');
  await page.getByRole('button', { name: 'Send reply' }).click();
  await expect(page.getByRole('button', { name: 'Sending…' })).toBeVisible();
  await message.fill('A second thought.');
  letThrough();
  const messages = page.getByRole('list', { name: 'Messages' });
  await expect(messages).toContainText('The first thought.');
  await expect(message).toHaveValue('A second thought.');

  await page.getByRole('button', { name: 'Send reply' }).click();
  await expect(messages).toContainText('A second thought.');
  await expect(message).toHaveValue('');
});

for (const [lost, lose] of [
  ['is lost', 'abort'],
  ['comes from a gateway', 'gateway'],
] as const) {
  test(`a form whose answer ${lost} is not said to have changed nothing`, async ({ page, signIn, unique, provoke }) => {
    provoke(/Failed to load resource|api\/support\/create/);
    const subject = unique(`No answer: ${lose}`);
    await signIn('dev');
    await page.goto('/support/new');
    await page.route(/\/api\/support\/create/, async (route) => {
      await route.fetch();
      await (lose === 'abort' ? route.abort() : route.fulfill({ status: 502, contentType: 'text/html', body: '<h1>Bad Gateway</h1>' }));
    });
    await page.getByLabel('Subject').fill(subject);
    await page.getByLabel('Message').fill('Did this arrive?');
    await page.getByRole('button', { name: 'Open ticket' }).click();
    await expect(page.getByText('No answer came, so we cannot say whether this was done.')).toBeVisible();
    await expect(page.getByText('Nothing was changed')).toHaveCount(0);
    await expect(page.getByLabel('Message')).toHaveValue('Did this arrive?');
    await page.goto('/support');
    await expect(page.getByRole('link', { name: subject })).toBeVisible();
  });
}

test('a page that cannot be read says so without a word of changes', async ({ page, signIn, provoke }) => {
  provoke(/Failed to load resource|api\/keys\/list/);
  await signIn('dev');
  await page.goto('/');
  await page.route(/\/api\/keys\/list/, (route) => route.abort());
  await page.getByRole('link', { name: 'All keys' }).click();
  await expect(page.getByRole('heading', { name: 'Not reachable right now' })).toBeVisible();
  await expect(page.getByText('The portal cannot be reached right now.')).toBeVisible();
  await expect(page.getByText('Nothing was changed')).toHaveCount(0);
});

test('the fields of a filter follow the list back and forth', async ({ page, signIn }) => {
  await signIn('olivia');
  await page.goto('/keys');
  const state = page.getByLabel('State', { exact: true });
  const search = page.getByRole('searchbox', { name: 'Search keys' });
  const filter = async (chosen: string, text: string) => {
    await state.selectOption(chosen);
    await search.fill(text);
    const read = page.waitForResponse(/\/api\/keys\/list/);
    await page.getByRole('button', { name: 'Filter' }).click();
    await read;
    await expect(page).toHaveURL(new RegExp(`state=${chosen}`));
  };
  const shows = async (chosen: string, text: string) => {
    await expect(state).toHaveValue(chosen);
    await expect(search).toHaveValue(text);
  };
  await filter('active', 'prod');
  await filter('all', 'test');
  await page.goBack();
  await expect(page).toHaveURL(/state=active/);
  await shows('active', 'prod');
  await page.goBack();
  await expect(page).toHaveURL(/\/keys$/);
  await shows('', '');
  await page.goForward();
  await shows('active', 'prod');

  await test.step('also while the list is still awaited', async () => {
    const letThrough = await held(page, /\/api\/keys\/list/);
    await state.selectOption('revoked');
    await page.getByRole('button', { name: 'Filter' }).click();
    await expect(page).toHaveURL(/state=revoked/);
    await page.goBack();
    await shows('active', 'prod');
    const read = page.waitForResponse((response) => response.url().includes('state=active'));
    letThrough();
    await read;
    await shows('active', 'prod');
  });
});

test.describe('while a key is made', () => {
  /** The list of keys, from another page of the portal, with a form that is on its way; lets its answer through. */
  async function making(page: Page, name: string) {
    await page.goto('/');
    await page.getByRole('link', { name: 'All keys' }).click();
    const letThrough = await held(page, /\/api\/keys\/create/);
    const dialog = await openDialog(page, 'Create key');
    await dialog.getByLabel('Name').fill(name);
    await dialog.getByRole('button', { name: 'Create key' }).click();
    await expect(dialog.getByRole('button', { name: 'Creating…' })).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.locator('dialog:modal')).toHaveCount(0);
    return letThrough;
  }
  const link = (page: Page) => page.getByRole('table', { name: 'API keys' }).getByRole('link').first();

  test('back does not lead away from its secret', async ({ page, signIn, unique }) => {
    await signIn('dev', { fresh: true });
    const letThrough = await making(page, unique('Waited for'));
    await page.evaluate(() => history.back());
    // Time enough to leave.
    await page.waitForTimeout(500);
    await expect(page).toHaveURL(/\/keys$/);
    letThrough();
    const secret = page.locator('dialog:modal').getByLabel('API key', { exact: true });
    await expect(secret).toHaveValue(/^sk_/);

    // The page is held on for the secret, and let go with it.
    await page.evaluate(() => history.back());
    await expect(page.getByText('You have not copied the key')).toBeVisible();
    await page.getByRole('button', { name: 'Close without it' }).click();
    await expect(secret).toHaveCount(0);
    await link(page).click();
    await expect(page).toHaveURL(/\/keys\/key-/);
  });

  test('the browser asks before a link leads away from its secret', async ({ page, signIn, unique }) => {
    await signIn('dev', { fresh: true });
    await making(page, unique('Asked about'));
    const asked = new Promise<string>((resolve) => {
      page.on('dialog', async (question) => {
        resolve(question.type());
        await question.accept();
      });
    });
    await link(page).click({ noWaitAfter: true });
    expect(await asked).toBe('beforeunload');
    await expect(page).toHaveURL(/\/keys\/key-/);
  });
});
