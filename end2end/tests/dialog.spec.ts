import type { Page } from '@playwright/test';
import { expect, openDialog, row, test } from '../fixtures';

test.beforeEach(({ javaScriptEnabled }) => test.skip(javaScriptEnabled === false, 'pages are not drawn anew there'));

/** Holds the answers at an address back until they are let through. */
async function held(page: Page, address: RegExp) {
  let letThrough = () => {};
  const through = new Promise<void>((resolve) => (letThrough = resolve));
  await page.route(address, async (route) => {
    await through;
    await route.continue();
  });
  return letThrough;
}

async function invited(page: Page, baseURL: string, emails: string[]) {
  for (const email of emails) {
    const form = { 'form[email]': email, 'form[role]': 'member' };
    await page.request.post('/api/team/invite', { form, headers: { accept: 'application/json', origin: baseURL } });
  }
}

test('a question stays about its row while the list is drawn anew', async ({ page, signIn, baseURL }, info) => {
  // The newest stands first, so the rows below it move up when it goes.
  const emails = ['alpha', 'beta', 'gamma'].map((name) => `${name}-${info.project.name}-${info.retry}@northwind.example`);
  await signIn('olivia');
  await invited(page, baseURL!, emails);
  await page.goto('/team');
  const letThrough = await held(page, /\/api\/team\/list/);

  const first = await openDialog(row(page, emails[2]), 'Revoke');
  await first.getByRole('button', { name: 'Revoke invitation' }).click();
  await expect(page.getByText('Invitation revoked.')).toBeVisible();
  const second = await openDialog(row(page, emails[1]), 'Revoke');
  await expect(second.getByRole('heading')).toContainText(emails[1]);
  letThrough();
  await expect(row(page, emails[2])).toHaveCount(0);

  const open = page.locator('dialog:modal');
  await expect(open.getByRole('heading')).toContainText(emails[1]);
  await open.getByRole('button', { name: 'Revoke invitation' }).click();
  await expect(row(page, emails[1])).toHaveCount(0);
  await expect(open).toHaveCount(0);
  await expect(row(page, emails[0])).toHaveCount(1);
  await (await openDialog(row(page, emails[0]), 'Revoke')).getByRole('button', { name: 'Revoke invitation' }).click();
  await expect(row(page, emails[0])).toHaveCount(0);
});

test('an answer is shown though its form was drawn anew meanwhile', async ({ page, signIn, baseURL }, info) => {
  const emails = ['delta', 'epsilon'].map((name) => `${name}-${info.project.name}-${info.retry}@northwind.example`);
  await signIn('olivia');
  await invited(page, baseURL!, emails);
  await page.goto('/team');
  const list = await held(page, /\/api\/team\/list/);
  const answer = await held(page, /\/api\/team\/revoke/);

  const listed = page.waitForResponse(/\/api\/team\/list/);
  await row(page, emails[0]).getByRole('button', { name: 'Resend' }).click();
  await expect(page.getByText('Invitation sent again.')).toBeVisible();
  const question = await openDialog(row(page, emails[1]), 'Revoke');
  await question.getByRole('button', { name: 'Revoke invitation' }).click();
  await expect(question.getByRole('button', { name: 'Revoking…' })).toBeVisible();
  list();
  await listed;
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  answer();
  await expect(page.getByText('Invitation revoked.')).toBeVisible();
  await expect(page.locator('dialog:modal')).toHaveCount(0);
  await expect(row(page, emails[1])).toHaveCount(0);
  await (await openDialog(row(page, emails[0]), 'Revoke')).getByRole('button', { name: 'Revoke invitation' }).click();
  await expect(row(page, emails[0])).toHaveCount(0);
});
