import type { Page } from '@playwright/test';
import { expect, openDialog, row, test } from '../fixtures';

test.beforeEach(({ javaScriptEnabled }) => test.skip(javaScriptEnabled === false, 'pages are not drawn anew there'));

/** Does something after which the team is read again, and waits until the page shows what was read. */
async function andDrawnAnew(page: Page, change: () => Promise<void>) {
  const isList = (url: string) => new URL(url).pathname === '/api/team/list';
  const [read] = await Promise.all([page.waitForResponse((answer) => isList(answer.url())), change()]);
  await read.finished();
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
}

test('after a change the same button of the same row has the focus', async ({ page, signIn, baseURL }, info) => {
  const emails = ['first', 'second', 'third'].map((name) => `${name}-${info.project.name}-${info.retry}@northwind.example`);
  await signIn('olivia');
  await page.goto('/team');
  for (const email of emails) {
    const form = { 'form[email]': email, 'form[role]': 'member' };
    await page.request.post('/api/team/invite', { form, headers: { accept: 'application/json', origin: baseURL! } });
  }
  await page.reload();
  const resend = row(page, emails[1]).getByRole('button', { name: 'Resend' });
  // Until the list is drawn anew the pressed button has the focus anyway.
  await andDrawnAnew(page, () => resend.press('Enter'));
  await expect(page.getByText('Invitation sent again.')).toBeVisible();
  await expect(resend).toBeFocused();

  // The notice goes when it is told to, and whoever told it goes on from the content.
  await page.getByRole('button', { name: 'Dismiss' }).press('Enter');
  await expect(page.getByText('Invitation sent again.')).toHaveCount(0);
  await expect(page.getByRole('main')).toBeFocused();

  for (const email of emails) {
    const revoke = await openDialog(row(page, email), 'Revoke');
    await revoke.getByRole('button', { name: 'Revoke invitation' }).press('Enter');
    await expect(row(page, email)).toHaveCount(0);
    await expect(page.getByRole('main')).toBeFocused();
  }
});

test('whoever has left a control is not led back when it goes', async ({ page, signIn }) => {
  await signIn('olivia');
  await page.goto('/team');
  const controls = page.getByRole('main').locator('summary');
  await controls.last().focus();
  await controls.last().evaluate((element) => element.remove());
  await expect(page.getByRole('main')).toBeFocused();

  await controls.last().focus();
  await controls.last().blur();
  await controls.last().evaluate((element) => element.remove());
  // One that is led back is so in the same moment.
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('BODY');
});

test('a dialog that is opened again at once stays open', async ({ page, signIn }) => {
  await signIn('dev');
  await page.goto('/keys');
  const dialog = await openDialog(page, 'Create key');
  // The browser tells the page later that it was closed.
  await page.evaluate(async () => {
    const shown = document.querySelector<HTMLDialogElement>('dialog:modal')!;
    const told = new Promise((passed) => shown.addEventListener('close', passed, { once: true }));
    shown.close();
    shown.closest('details')!.querySelector('summary')!.click();
    await told;
  });
  await expect(dialog).toBeVisible();
  await expect(dialog.getByLabel('Name')).toBeFocused();
});
