import { expect, test } from '../fixtures';
import { runCommand } from '../portal';
import type { APIRequestContext, Page } from '@playwright/test';

// Nothing listens there: the browser is caught on its way.
const SAAS = 'http://localhost:4199';

/** A service token that passes these scopes on, made as an administrator makes one. */
function token(project: string, ...scopes: string[]): string {
  const all = ['portal_sessions:create', ...scopes.map((scope) => `portal:${scope}`)].join(',');
  return runCommand(project, 'token', 'create', '--name', 'Browser test', '--scope', all, '--expires', '1h');
}

/** The id of the company that the signed-in person works for, as the SaaS's back end knows it. */
async function customerOf(page: Page): Promise<string> {
  const answer = await page.request.get('/api/signin/shell');
  return (await answer.json()).customer_id;
}

async function open(request: APIRequestContext, secret: string, data: object): Promise<string> {
  const answer = await request.post('/v1/portal_sessions', { headers: { authorization: `Bearer ${secret}` }, data });
  expect(answer.status(), await answer.text()).toBe(201);
  return new URL((await answer.json()).url).pathname;
}

test('the SaaS opens billing for a person, limited to it, and the link works once', async ({ page, context, signIn, request }, info) => {
  await signIn('bella');
  const customer = await customerOf(page);
  await context.clearCookies();
  const link = await open(request, token(info.project.name, 'billing:read'), { customer, user: 'bella@northwind.example', return_url: `${SAAS}/settings` });

  await page.goto(link);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Continue to the portal');
  expect(await page.content()).not.toContain('Northwind');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Billing');
  await expect(page.getByRole('heading', { name: 'Plan', exact: true })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Back to localhost:4199' }).first()).toHaveAttribute('href', `${SAAS}/settings`);
  await expect(page.getByRole('link', { name: 'Change plan' })).toHaveCount(0);
  expect((await page.goto('/keys'))?.status()).toBe(403);

  await page.goto(link);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('This link is no longer valid');
});

test('a task is done without navigation and leads back', async ({ page, context, signIn, request }, info) => {
  await signIn('olivia');
  const customer = await customerOf(page);
  await context.clearCookies();
  const data = { customer, flow: 'update_billing_email', return_url: `${SAAS}/settings` };
  const link = await open(request, token(info.project.name, 'billing_email:write'), data);
  let wentBack = '';
  await page.route(`${SAAS}/**`, (route) => {
    wentBack = route.request().url();
    return route.fulfill({ contentType: 'text/html', body: '<title>SaaS</title><h1>Your product</h1>' });
  });

  await page.goto(link);
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Change the billing e-mail');
  await expect(page.getByRole('navigation', { name: 'Main' })).toHaveCount(0);
  const field = page.getByLabel('Billing e-mail');
  await field.fill('nonsense@');
  await field.evaluate((input: HTMLInputElement) => input.form?.setAttribute('novalidate', ''));
  await page.getByRole('button', { name: 'Save billing e-mail' }).click();
  await expect(page.getByLabel('Billing e-mail')).toHaveAttribute('aria-invalid', 'true');
  await page.getByLabel('Billing e-mail').fill('accounts@northwind.example');
  await page.getByRole('button', { name: 'Save billing e-mail' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Your product');
  expect(wentBack).toBe(`${SAAS}/settings`);
});

test('a guest creates a key and copies it', async ({ page, context, signIn, request, unique }, info) => {
  await signIn('dev');
  const customer = await customerOf(page);
  await context.clearCookies();
  const link = await open(request, token(info.project.name, 'keys:write'), { customer, flow: 'create_key' });
  await page.goto(link);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('Name').fill(unique('Made for us'));
  await page.getByRole('button', { name: 'Create key' }).click();
  await expect(page.getByLabel('API key', { exact: true })).toHaveValue(/^sk_live_[0-9a-f]{72}$/);
  if (info.project.name === 'nojs') {
    await page.getByLabel('I have copied the key').check();
    await page.getByRole('button', { name: 'Done' }).click();
  } else {
    const done = page.getByRole('button', { name: 'I have copied the key' });
    await done.click();
    await expect(page.getByText('You have not copied the key')).toBeVisible();
    await page.getByRole('button', { name: 'Go back' }).click();
    await page.getByRole('button', { name: 'Copy', exact: true }).click();
    await expect(page.getByRole('button', { name: 'Copied', exact: true })).toBeVisible();
    await done.click();
  }
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Done');
  await expect(page.getByText('You can close this page.')).toBeVisible();
});
