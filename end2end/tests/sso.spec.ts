import { expect, hydrated, openDialog, PASSWORD, people, test } from '../fixtures';
import { namesPortOf } from '../portal';
import { client, startNames, startProvider } from '../provider.mjs';
import type { Browser, BrowserContext, Page } from '@playwright/test';

const DOMAIN = 'northwind.example';

type Provider = Awaited<ReturnType<typeof startProvider>>;
type Names = Awaited<ReturnType<typeof startNames>>;
let provider: Provider;
let names: Names;
const opened: BrowserContext[] = [];

test.beforeAll(async ({}, info) => {
  const portal = info.project.use.baseURL!;
  provider = await startProvider(portal);
  names = await startNames(namesPortOf(info.project.name));
});

test.afterAll(async () => {
  await provider.stop();
  await names.stop();
});

test.afterEach(async () => {
  await Promise.all(opened.splice(0).map((context) => context.close()));
});

/** A browser in which nobody has signed in. */
async function another(browser: Browser, page: Page, baseURL: string, javaScriptEnabled?: boolean): Promise<Page> {
  const context = await browser.newContext({ baseURL, javaScriptEnabled, viewport: page.viewportSize() });
  opened.push(context);
  return context.newPage();
}

async function go(page: Page, path: string, scripted: boolean) {
  await page.goto(path);
  if (scripted) await hydrated(page);
}

async function byPassword(page: Page, email: string, scripted: boolean) {
  await go(page, '/signin', scripted);
  await page.getByLabel(/e-?mail address/i).fill(email);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL((url) => url.pathname !== '/signin');
}

/** Olivia has two companies, and is where she was last. */
async function changeTo(company: string, page: Page, baseURL: string) {
  const { customers } = await (await page.request.get('/api/signin/shell')).json();
  const { id } = customers.find(({ name }: { name: string }) => name === company);
  await page.request.post('/api/signin/switch', { form: { customer_id: id }, headers: { accept: 'application/json', origin: baseURL } });
}

async function bySso(page: Page, email: string, scripted: boolean) {
  await go(page, '/signin', scripted);
  await page.getByRole('link', { name: 'Single sign-on' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Single sign-on');
  if (scripted) await hydrated(page);
  await page.getByLabel('E-mail address').fill(email);
  await page.getByRole('button', { name: 'Continue to your provider' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Company sign-in');
  await page.getByLabel('Work address').fill(email);
  await page.getByRole('button', { name: 'Sign in at the company' }).click();
  await page.waitForURL((url) => url.origin !== provider.issuer);
}

test('a company signs in with its own provider', async ({ browser, page, baseURL, javaScriptEnabled, signIn, unique }) => {
  test.setTimeout(120_000);
  const scripted = javaScriptEnabled !== false;
  const newcomer = `${unique('ada').replace(/\W/g, '-').toLowerCase()}@${DOMAIN}`;
  const post = (who: Page, path: string, form: Record<string, string> = {}) =>
    who.request.post(path, { form, headers: { accept: 'application/json', origin: baseURL! } });

  // The owner connects the provider; a wrong issuer is explained.
  await signIn('olivia', { fresh: true });
  await page.goto('/team/sso');
  await expect(page.getByLabel('Redirect address')).toHaveValue(`${baseURL}/signin/sso/callback`);
  await page.getByLabel('Issuer').fill(`${provider.issuer}/elsewhere`);
  await page.getByLabel('Client ID').fill(client.id);
  await page.getByLabel('Client secret').fill(client.secret);
  await page.getByRole('button', { name: 'Save and test' }).click();
  await expect(page.getByRole('main')).toContainText('Is the issuer right?');
  await page.getByLabel('Issuer').fill(provider.issuer);
  await page.getByLabel('Client secret').fill(client.secret);
  await page.getByRole('button', { name: 'Save and test' }).click();
  await expect(page.getByRole('button', { name: 'Test connection' })).toBeVisible();
  expect(await page.content()).not.toContain(client.secret);

  try {
    // Its domain is proved by a record.
    await page.getByLabel('Domain', { exact: true }).fill(DOMAIN);
    await page.getByRole('button', { name: 'Add domain' }).click();
    const item = page.getByRole('region', { name: DOMAIN });
    await expect(item).toContainText('Not verified');
    await item.getByRole('button', { name: 'Verify' }).click();
    await expect(page.getByRole('main')).toContainText('There is no TXT record');
    names.records.set(await item.getByLabel('Name').inputValue(), await item.getByLabel('Value').inputValue());
    await item.getByRole('button', { name: 'Verify' }).click();
    await expect(item.getByText('Verified', { exact: true })).toBeVisible();

    // Somebody new signs in at the provider, and is in.
    const ada = await another(browser, page, baseURL!, javaScriptEnabled);
    await bySso(ada, newcomer, scripted);
    await expect(ada.getByRole('heading', { level: 1 })).toBeVisible();
    expect(new URL(ada.url()).origin).toBe(baseURL);
    await ada.goto('/team');
    await expect(ada.getByRole('main')).toContainText('Everyone who can sign in to the portal of Northwind');

    // The owner comes the same way, reaches this company only, and makes it the only way in.
    const owner = await another(browser, page, baseURL!, javaScriptEnabled);
    await bySso(owner, people.olivia, scripted);
    await go(owner, '/team/sso', scripted);
    await expect(owner.getByText('Initech')).toHaveCount(0);
    await owner.getByLabel('Owner for emergencies').selectOption({ label: 'Olivia Hartmann' });
    await owner.getByRole('button', { name: 'Make it the only way in' }).click();
    await expect(owner.getByText('Single sign-on is the only way in', { exact: true })).toBeVisible();

    // A password no longer opens the company, and leads to the provider.
    const member = await another(browser, page, baseURL!, javaScriptEnabled);
    await byPassword(member, people.mo, scripted);
    await expect(member.getByRole('heading', { level: 1 })).toHaveText('Single sign-on');
    await expect(member.getByRole('main')).toContainText('lets people in by its single sign-on only');

    // But for one owner, who opens the other ways again.
    const emergency = await another(browser, page, baseURL!, javaScriptEnabled);
    await byPassword(emergency, people.olivia, scripted);
    await changeTo('Northwind Analytics', emergency, baseURL!);
    await go(emergency, '/team/sso', scripted);
    const dialog = await openDialog(emergency, 'Open the other ways in');
    await dialog.getByRole('button', { name: 'Open them' }).click();
    await expect(emergency.getByRole('button', { name: 'Make it the only way in' }).or(emergency.getByText('Sign out and sign in with single sign-on'))).toBeVisible();
    await go(member, '/', scripted);
    await expect(member.getByRole('heading', { level: 1 })).not.toHaveText('Single sign-on');
  } finally {
    // The demo data is everybody's: leave it as it was.
    const owner = await another(browser, page, baseURL!, false);
    await byPassword(owner, people.olivia, false);
    await changeTo('Northwind Analytics', owner, baseURL!);
    const { members } = await (await owner.request.get(`/api/team/list?query[q]=${encodeURIComponent(newcomer)}`)).json();
    for (const { user_id } of members?.rows ?? []) await post(owner, '/api/team/remove', { 'form[user]': user_id });
    await post(owner, '/api/sso/relax');
    await post(owner, '/api/sso/disconnect');
    await post(owner, '/api/sso/remove_domain', { 'form[domain]': DOMAIN });
  }
});

test('an address without single sign-on is told so', async ({ page }) => {
  await page.goto('/signin/sso');
  await page.getByLabel('E-mail address').fill('somebody@nowhere.example');
  await page.getByRole('button', { name: 'Continue to your provider' }).click();
  await expect(page.getByRole('main')).toContainText('No company has set up single sign-on for addresses of this domain');
});
