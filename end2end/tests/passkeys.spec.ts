import type { Page } from '@playwright/test';
import { expect, openDialog, row, test } from '../fixtures';
import { portOf, startServer, type Server } from '../portal';

// Browsers have no passkeys at an IP address, where the other tests visit the portal: this one has a name.
const addressOf = (project: string) => `http://localhost:${portOf(project) + 7}`;
test.use({ baseURL: async ({}, use, info) => use(addressOf(info.project.name)) });

let server: Server;

// A server that starts on a busy machine may take longer than a test.
test.beforeAll(async ({}, info) => {
  test.setTimeout(120_000);
  server = await startServer(info.project.name, addressOf(info.project.name));
});

test.afterAll(async () => {
  test.setTimeout(120_000);
  await server.stop();
});

/** A device with a fingerprint reader, whose owner touches it as soon as it is asked for. */
async function device(page: Page) {
  const client = await page.context().newCDPSession(page);
  await client.send('WebAuthn.enable');
  const { authenticatorId } = await client.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    /** Whether the finger is the right one. */
    recognizes: (isUserVerified: boolean) => client.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
  };
}

/** A browser that offers no passkeys in the field of the address: such a device would answer the offer before a button is pressed. */
const offersNothing = (page: Page) =>
  page.addInitScript(() => {
    if ('PublicKeyCredential' in window) PublicKeyCredential.isConditionalMediationAvailable = async () => false;
  });

/** Their address stands in that of the sign-in, too, which leads there. */
async function expectPasskeysPage(page: Page) {
  await expect(page).toHaveURL(({ pathname }) => pathname === '/account/passkeys');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Passkeys');
}

test('a passkey is added, signs in, confirms, is renamed and removed', async ({ page, context, signIn, unique, javaScriptEnabled }) => {
  test.skip(javaScriptEnabled === false, 'a device can be asked by JavaScript only');
  const laptop = await device(page);
  await offersNothing(page);
  const name = unique('Laptop');
  await signIn('dev', { fresh: true });
  await page.goto('/account/passkeys');
  await page.getByRole('textbox', { name: 'Name' }).fill(name);
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await expect(page.getByText('Passkey added.')).toBeVisible();
  await expect(row(page, name)).toContainText('Never');

  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await expect(page.getByText('This device has a passkey of yours already.')).toBeVisible();

  await context.clearCookies();
  await page.goto('/signin?next=/account/passkeys');
  await laptop.recognizes(false);
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await expect(page.getByText('You stopped, or this device has no passkey for it.')).toBeVisible();

  await laptop.recognizes(true);
  await page.goto('/signin?next=/account/passkeys');
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await expectPasskeysPage(page);
  await expect(row(page, name)).toContainText('just now');

  await page.goto('/signin/confirm?next=/account/passkeys');
  await page.getByRole('button', { name: 'Confirm with a passkey' }).click();
  await expectPasskeysPage(page);

  const rename = await openDialog(row(page, name), 'Rename');
  const phone = unique('Phone');
  await rename.getByLabel('Name').fill(phone);
  await rename.getByRole('button', { name: 'Save name' }).click();
  await expect(row(page, phone)).toBeVisible();

  const remove = await openDialog(row(page, phone), 'Remove');
  await remove.getByRole('button', { name: 'Remove passkey' }).click();
  await expect(page.getByText('Passkey removed.')).toBeVisible();
  await expect(row(page, phone)).toHaveCount(0);

  await context.clearCookies();
  await page.goto('/signin');
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await expect(page.getByText('This passkey does not work here.')).toBeVisible();
});

test('the browser offers the passkey where the address is typed', async ({ page, context, signIn, unique, javaScriptEnabled }) => {
  test.skip(javaScriptEnabled === false, 'a device can be asked by JavaScript only');
  await device(page);
  await signIn('bella', { fresh: true });
  await page.goto('/account/passkeys');
  await page.getByRole('textbox', { name: 'Name' }).fill(unique('Tablet'));
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await expect(page.getByText('Passkey added.')).toBeVisible();
  await context.clearCookies();
  await page.goto('/signin?next=/account/passkeys');
  await expectPasskeysPage(page);
});

test('the button works while the browser offers passkeys in the field', async ({ page, javaScriptEnabled }) => {
  test.skip(javaScriptEnabled === false, 'a device can be asked by JavaScript only');
  await device(page);
  const offered = page.waitForResponse((answer) => answer.url().endsWith('/api/passkeys/start_signin'));
  await page.goto('/signin');
  // The device has no passkey, so that nothing answers the offer, and the button takes its place.
  await offered;
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await expect(page.getByText('You stopped, or this device has no passkey for it.')).toBeVisible();
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await expect(page.getByText('You stopped, or this device has no passkey for it.')).toBeVisible();
});

test('an offer in the field does not begin beside the button', async ({ page, javaScriptEnabled }) => {
  test.skip(javaScriptEnabled === false, 'a device can be asked by JavaScript only');
  // A browser that says late that it can make offers, and a device whose owner refuses when told to.
  await page.addInitScript(() => {
    if (!('PublicKeyCredential' in window)) return;
    const asked: string[] = [];
    const device = { asked, offers: () => {}, refuse: () => {} };
    const able = new Promise<boolean>((say) => (device.offers = () => say(true)));
    PublicKeyCredential.isConditionalMediationAvailable = () => able;
    navigator.credentials.get = (options) =>
      new Promise((_, refused) => {
        asked.push(options?.mediation ?? 'by the button');
        device.refuse = () => refused(new DOMException('', 'NotAllowedError'));
      });
    const { fetch } = window;
    window.fetch = (what, how) => {
      if (String(what).endsWith('/api/passkeys/start_signin')) asked.push('start');
      return fetch(what, how);
    };
    Object.assign(window, { device });
  });
  const asked = () => page.evaluate(() => (window as any).device.asked);
  const refuse = () => page.evaluate(() => (window as any).device.refuse());
  const pressed = ['start', 'by the button'];
  await page.goto('/signin');
  const button = page.getByRole('button', { name: 'Sign in with a passkey' });
  await button.click();
  await expect.poll(asked).toEqual(pressed);
  await refuse();
  await expect(page.getByText('You stopped, or this device has no passkey for it.')).toBeVisible();
  await button.click();
  await expect.poll(asked).toEqual([...pressed, ...pressed]);

  // What waited for the browser goes on within the same moment.
  await page.evaluate(async () => {
    (window as any).device.offers();
    await new Promise((passed) => setTimeout(passed));
  });
  expect(await asked()).toEqual([...pressed, ...pressed]);
  await refuse();
  await expect.poll(asked).toEqual([...pressed, ...pressed, 'start', 'conditional']);
});

test('without JavaScript the page says what it needs', async ({ page, signIn, javaScriptEnabled }) => {
  test.skip(javaScriptEnabled !== false, 'with JavaScript there is nothing to say');
  await signIn('dev');
  await page.goto('/account/passkeys');
  // Its words are told by the tests of the server: Playwright reads none in this element.
  await expect(page.locator('noscript')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Add a passkey' })).toBeHidden();
  await page.goto('/signin');
  await expect(page.getByRole('button', { name: 'Sign in with a passkey' })).toBeHidden();
});
