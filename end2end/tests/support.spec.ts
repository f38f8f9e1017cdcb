import { expect, hydrated, PASSWORD, people, test } from '../fixtures';

test('a ticket is opened, answered by staff, read in mail and thread, closed, and reopened by a reply', async ({
  page, browser, baseURL, javaScriptEnabled, signIn, sessionFor, linkInMail, unique,
}) => {
  test.slow();
  const subject = unique('Import stops at row 5,000');
  await signIn('dev');
  await page.goto('/support');
  await page.getByRole('link', { name: 'New ticket' }).click();
  await page.getByLabel('Subject').fill(subject);
  await page.getByLabel('Message').fill('Since this morning.\n<b>Every</b> file, see https://status.example/import');
  await page.getByRole('button', { name: 'Open ticket' }).click();
  await expect(page.getByText('Ticket opened.')).toBeVisible();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(subject);
  await expect(page.getByRole('list', { name: 'Messages' })).toContainText('<b>Every</b> file');
  await expect(page.getByRole('link', { name: 'https://status.example/import' })).toBeVisible();
  const address = new URL(page.url()).pathname;

  // Mia of the staff has a browser of her own.
  const other = await browser.newContext({ baseURL, javaScriptEnabled });
  await other.addCookies(await sessionFor('mia'));
  const staff = await other.newPage();
  await staff.goto(address.replace('/support/', '/staff/tickets/'));
  if (javaScriptEnabled !== false) await staff.locator('html[data-hydrated]').waitFor({ state: 'attached' });
  await expect(staff.getByRole('heading', { level: 1 })).toHaveText(subject);
  await expect(staff.getByRole('main')).toContainText('Northwind Analytics');
  await staff.getByRole('textbox', { name: 'Message' }).fill('Fixed. Please try again.');
  await staff.getByRole('button', { name: 'Send reply' }).click();
  await expect(staff.getByRole('list', { name: 'Messages' })).toContainText('Fixed. Please try again.');
  await other.close();

  expect(await linkInMail(people.dev, new RegExp(subject))).toContain(address);
  await page.goto(address);
  await expect(page.getByRole('list', { name: 'Messages' })).toContainText('Fixed. Please try again.');

  await page.getByRole('button', { name: 'Close ticket' }).click();
  await expect(page.getByText('Ticket closed.')).toBeVisible();
  await expect(page.getByText('This ticket is closed. A reply opens it again.')).toBeVisible();
  await page.getByRole('textbox', { name: 'Message' }).fill('It happened once more.');
  await page.getByRole('button', { name: 'Send reply' }).click();
  await expect(page.getByText('Ticket opened again.')).toBeVisible();
  await expect(page.getByRole('list', { name: 'Messages' }).getByRole('listitem')).toHaveCount(3);
  await expect(page.getByRole('textbox', { name: 'Message' })).toHaveValue('');
});

test('a ticket without words is refused beside its fields', async ({ page, signIn }) => {
  await signIn('mo');
  await page.goto('/support/new');
  await page.getByLabel('Subject').fill('   ');
  await page.getByLabel('Message').fill('   ');
  await page.getByRole('button', { name: 'Open ticket' }).click();
  await expect(page.getByLabel('Subject')).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByLabel('Message')).toHaveAttribute('aria-invalid', 'true');
});

const LONG = 'Seit heute früh bricht jede Übertragung ab. '.repeat(120);

test('a long message stays in its form when the subject is missing', async ({ page, signIn }) => {
  await signIn('mo');
  await page.goto('/support/new');
  await page.getByLabel('Subject').fill('   ');
  await page.getByLabel('Message').fill(LONG);
  await page.getByRole('button', { name: 'Open ticket' }).click();
  await expect(page.getByLabel('Subject')).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByLabel('Message')).toHaveValue(LONG);
});

test('a form that was sent before its page was alive comes back whole, and alive', async ({ page, signIn, javaScriptEnabled }) => {
  test.skip(javaScriptEnabled === false, 'no page comes alive');
  await signIn('mo');
  await page.goto('/support');
  // The program does not come before the form was sent.
  let sent = false;
  page.on('request', (request) => (sent ||= request.method() === 'POST'));
  await page.route(/\/pkg\/.*\.wasm/, (route) => (sent ? route.continue() : undefined));
  await page.evaluate(() => location.assign('/support/new'));
  await page.waitForURL(/\/support\/new$/, { waitUntil: 'commit' });
  await page.getByLabel('Subject').fill('   ');
  await page.getByLabel('Message').fill(LONG);
  await page.getByRole('button', { name: 'Open ticket' }).click();
  await hydrated(page);
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await expect(page).toHaveURL(/__err=kept\./);
  await expect(page.getByLabel('Subject')).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByLabel('Message')).toHaveValue(LONG);
});

test('whoever has to sign in anew before a form is taken goes on with it', async ({ page, context, signIn, unique, javaScriptEnabled }) => {
  await signIn('mo');
  await page.goto('/support/new');
  await page.getByLabel('Subject').fill(unique('Late'));
  await page.getByLabel('Message').fill('It took me a while to write this.');
  await context.clearCookies();
  await page.getByRole('button', { name: 'Open ticket' }).click();
  const signInAgain = async (tab: typeof page) => {
    await tab.getByLabel(/e-?mail address/i).fill(people.mo);
    await tab.getByLabel('Password').fill(PASSWORD);
    await tab.getByRole('button', { name: 'Sign in', exact: true }).click();
  };
  await expect(page.getByText('Your session has ended')).toBeVisible();
  const opened = page.waitForEvent('popup');
  await page.getByRole('link', { name: 'Sign in in a new tab' }).click();
  const tab = await opened;
  if (javaScriptEnabled !== false) await hydrated(tab);
  await signInAgain(tab);
  await tab.waitForURL((url) => url.pathname === '/');
  await tab.close();
  // Without JavaScript the page has to be asked for the form.
  if (javaScriptEnabled === false) await page.reload();
  await expect(page.getByLabel('Message')).toHaveValue('It took me a while to write this.');
  await page.getByRole('button', { name: 'Open ticket' }).click();
  await expect(page).toHaveURL(/\/support\/ticket-/);
});

test("another customer's ticket does not exist", async ({ page, signIn, sessionFor, browser, baseURL }) => {
  await signIn('olivia');
  await page.goto('/support');
  const href = await page.getByRole('table', { name: 'Tickets' }).getByRole('link').first().getAttribute('href');
  const other = await browser.newContext({ baseURL });
  await other.addCookies(await sessionFor('gus'));
  const theirs = await other.newPage();
  expect((await theirs.goto(href!))?.status()).toBe(404);
  await other.close();
});
