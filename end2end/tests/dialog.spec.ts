import type { Page } from '@playwright/test';
import { expect, held, openDialog, row, test } from '../fixtures';

test.beforeEach(({ javaScriptEnabled }) => test.skip(javaScriptEnabled === false, 'pages are not drawn anew there'));

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

test('each row of a list sends its own, and is answered by itself', async ({ page, signIn, baseURL }, info) => {
  const emails = ['zeta', 'omega'].map((name) => `${name}-${info.project.name}-${info.retry}@northwind.example`);
  await signIn('olivia');
  await invited(page, baseURL!, emails);
  await page.goto('/team');
  const answer = await held(page, /\/api\/team\/revoke/);
  const open = page.locator('dialog:modal');

  await (await openDialog(row(page, emails[0]), 'Revoke')).getByRole('button', { name: 'Revoke invitation' }).click();
  await page.keyboard.press('Escape');
  await expect(open).toHaveCount(0);
  const second = await openDialog(row(page, emails[1]), 'Revoke');
  await second.getByRole('button', { name: 'Revoke invitation' }).click();
  answer();
  await expect(row(page, emails[0])).toHaveCount(0);
  await expect(row(page, emails[1])).toHaveCount(0);
  await expect(open).toHaveCount(0);
});

test('a refused form of a row stays in front, says why, and can be left', async ({ page, signIn, baseURL, provoke }, info) => {
  provoke(/./);
  const [email, other] = ['theta', 'kappa'].map((name) => `${name}-${info.project.name}-${info.retry}@northwind.example`);
  await signIn('olivia');
  await invited(page, baseURL!, [email, other]);
  await page.goto('/team');
  await page.route(/\/api\/team\/revoke/, (route) => route.abort());
  const listed = page.waitForResponse(/\/api\/team\/list/);
  const question = await openDialog(row(page, email), 'Revoke');
  await question.getByRole('button', { name: 'Revoke invitation' }).click();
  await listed;
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  await expect(question.getByRole('alert')).toContainText(/./);
  await expect(question.getByRole('button', { name: 'Revoke invitation' })).toBeVisible();
  await page.unrouteAll();
  await page.keyboard.press('Escape');
  await expect(page.locator('dialog:modal')).toHaveCount(0);
  const neighbour = await openDialog(row(page, other), 'Revoke');
  await expect(neighbour.getByRole('heading')).toContainText(other);
  await expect(neighbour.getByRole('alert')).toHaveCount(0);
  await neighbour.getByRole('button', { name: 'Revoke invitation' }).click();
  await expect(row(page, other)).toHaveCount(0);
  await (await openDialog(row(page, email), 'Revoke')).getByRole('button', { name: 'Revoke invitation' }).click();
  await expect(row(page, email)).toHaveCount(0);
});

test('a dialog that has done its work is empty the next time', async ({ page, signIn }, info) => {
  const email = `iota-${info.project.name}-${info.retry}@northwind.example`;
  await signIn('olivia');
  await page.goto('/team');
  const invite = await openDialog(page, 'Invite a person');
  await invite.getByRole('textbox', { name: /e-?mail/i }).fill(email);
  await invite.getByRole('button', { name: 'Send invitation' }).click();
  await expect(row(page, email)).toHaveCount(1);
  await expect((await openDialog(page, 'Invite a person')).getByRole('textbox', { name: /e-?mail/i })).toHaveValue('');
  await page.keyboard.press('Escape');
  await (await openDialog(row(page, email), 'Revoke')).getByRole('button', { name: 'Revoke invitation' }).click();
  await expect(row(page, email)).toHaveCount(0);
});

test('a refused dialog that was closed stays closed, and has forgotten what was wrong', async ({ page, signIn, baseURL }, info) => {
  const email = `lambda-${info.project.name}-${info.retry}@northwind.example`;
  await signIn('olivia');
  await invited(page, baseURL!, [email]);
  await page.goto('/team');
  for (const leave of [() => page.keyboard.press('Escape'), () => page.getByRole('button', { name: 'Cancel' }).click()]) {
    const invite = await openDialog(page, 'Invite a person');
    await expect(invite.getByText('is already invited')).toHaveCount(0);
    await invite.getByRole('textbox', { name: /e-?mail/i }).fill(email);
    await invite.getByRole('button', { name: 'Send invitation' }).click();
    await expect(invite.getByText('is already invited')).toBeVisible();
    await leave();
    await expect(page.locator('dialog:modal')).toHaveCount(0);

    const listed = page.waitForResponse(/\/api\/team\/list/);
    await row(page, email).getByRole('button', { name: 'Resend' }).click();
    await listed;
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    await expect(page.locator('dialog:modal')).toHaveCount(0);
  }
  await (await openDialog(row(page, email), 'Revoke')).getByRole('button', { name: 'Revoke invitation' }).click();
  await expect(row(page, email)).toHaveCount(0);
});

test('a dialog that the address asked for stays closed, too', async ({ page, signIn, baseURL }, info) => {
  const email = `mu-${info.project.name}-${info.retry}@northwind.example`;
  await signIn('olivia');
  await invited(page, baseURL!, [email]);
  await page.goto('/team?open=invite');
  await expect(page.locator('dialog:modal')).toHaveCount(1);
  await page.keyboard.press('Escape');
  await expect(page.locator('dialog:modal')).toHaveCount(0);
  await expect(page).toHaveURL(/\/team$/);
  const listed = page.waitForResponse(/\/api\/team\/list/);
  await row(page, email).getByRole('button', { name: 'Resend' }).click();
  await listed;
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  await expect(page.locator('dialog:modal')).toHaveCount(0);
  await (await openDialog(row(page, email), 'Revoke')).getByRole('button', { name: 'Revoke invitation' }).click();
  await expect(row(page, email)).toHaveCount(0);
});
