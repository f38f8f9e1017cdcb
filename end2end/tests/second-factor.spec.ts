import { createHmac } from 'node:crypto';
import type { Browser, Page } from '@playwright/test';
import { expect, hydrated, openDialog, PASSWORD, test } from '../fixtures';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** What an authenticator app shows for a key at a moment (RFC 6238). */
function codeAt(key: string, milliseconds: number): string {
  const bits = [...key.replace(/\s/g, '')].map((letter) => LETTERS.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const secret = Buffer.from(bits.match(/.{8}/g)!.map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(milliseconds / 30_000)));
  const hash = createHmac('sha1', secret).update(counter).digest();
  const at = hash[hash.length - 1]! & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** Waits until the page answers by itself, where it is going to. */
async function settled(page: Page, javaScript: boolean | undefined) {
  if (javaScript !== false) await hydrated(page);
}

test('a second factor is set up, asked for, recovered and turned off', async ({ page, browser, signIn, linkInMail, baseURL, javaScriptEnabled }, info) => {
  test.slow();
  const email = `sia-${info.retry}@northwind.example`;
  await signIn('olivia');
  await page.goto('/team');
  const invite = await openDialog(page, 'Invite a person');
  await invite.getByLabel(/e-?mail address/i).fill(email);
  await invite.getByRole('button', { name: 'Send invitation' }).click();
  await expect(page.getByText('Invitation sent.')).toBeVisible();
  const link = await linkInMail(email, /./);

  const context = await (browser as Browser).newContext({ baseURL, javaScriptEnabled });
  const theirs = await context.newPage();
  await theirs.goto(link);
  await settled(theirs, javaScriptEnabled);
  await theirs.getByLabel('Your name').fill('Sia Secure');
  await theirs.getByLabel('Choose a password').fill(PASSWORD);
  await theirs.getByRole('button', { name: 'Join Northwind Analytics' }).click();
  await expect(theirs).toHaveURL(/\/(\?done=joined)?$/);

  await theirs.goto('/account/profile');
  await settled(theirs, javaScriptEnabled);
  await theirs.getByRole('navigation', { name: 'Your own settings' }).getByRole('link', { name: 'Second factor' }).click();
  await expect(theirs.getByRole('heading', { level: 1 })).toHaveText('Second factor');
  await theirs.getByRole('button', { name: 'Set up' }).click();
  await expect(theirs.getByRole('img', { name: /Picture for an authenticator app/ })).toBeVisible();
  await theirs.getByText('Type it instead').click();
  const key = await theirs.locator('dd code').innerText();
  const first = Date.now();
  await theirs.getByLabel('Enter the code that your app shows').fill(codeAt(key, first));
  await theirs.getByRole('button', { name: 'Turn on' }).click();
  await expect(theirs.getByText('Keep these recovery codes now')).toBeVisible();
  const codes = await theirs.locator('.second-factor-codes li').allInnerTexts();
  expect(codes).toHaveLength(10);
  await expect(theirs.getByText('10 recovery codes are left')).toBeVisible();

  await context.clearCookies();
  const givePassword = async () => {
    await theirs.goto('/signin?next=/account/second-factor');
    await settled(theirs, javaScriptEnabled);
    await theirs.getByLabel(/e-?mail address/i).fill(email);
    await theirs.getByLabel('Password').fill(PASSWORD);
    await theirs.getByRole('button', { name: 'Sign in', exact: true }).click();
    await expect(theirs.getByRole('heading', { level: 1 })).toHaveText('Enter your second factor');
  };
  await givePassword();
  // The same code is not accepted twice; the next one already is.
  await theirs.getByLabel('Code', { exact: true }).fill(codeAt(key, first));
  await theirs.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(theirs.getByText('This code is wrong or was used already.')).toBeVisible();
  await theirs.getByLabel('Code', { exact: true }).fill(codeAt(key, first + 30_000));
  await theirs.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(theirs.getByRole('heading', { level: 1 })).toHaveText('Second factor');

  await context.clearCookies();
  await givePassword();
  await theirs.getByText('Use a recovery code instead').click();
  await theirs.getByLabel('Recovery code').fill(codes[4]!);
  await theirs.getByRole('button', { name: 'Sign in with a recovery code' }).click();
  await expect(theirs.getByText('9 recovery codes are left')).toBeVisible();

  await settled(theirs, javaScriptEnabled);
  const off = await openDialog(theirs, 'Turn off');
  await off.getByRole('button', { name: 'Turn off' }).click();
  await expect(theirs.getByText('Second factor off.')).toBeVisible();
  await expect(theirs.getByRole('button', { name: 'Set up' })).toBeVisible();
  await context.close();
});

test('the owner is told to set up their own second factor before asking everybody', async ({ page, signIn }) => {
  await signIn('olivia', { fresh: true });
  await page.goto('/account');
  await expect(page.getByText('A password or a code by e-mail is enough')).toBeVisible();
  const dialog = await openDialog(page, 'Ask everybody for a second factor');
  await dialog.getByRole('button', { name: 'Ask everybody' }).click();
  await expect(page.getByText('Set up your own second factor first').first()).toBeVisible();
});

test('without a first factor no second one can be given', async ({ page }) => {
  await page.goto('/signin/second-factor');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('No code can be entered here');
  await page.getByRole('link', { name: 'Sign in again' }).click();
  await expect(page).toHaveURL(/\/signin$/);
});
