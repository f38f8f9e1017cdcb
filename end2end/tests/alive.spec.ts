import { expect, held, hydrated, openDialog, row, test } from '../fixtures';

test.beforeEach(({ javaScriptEnabled }) => test.skip(javaScriptEnabled === false, 'no page comes alive'));

test('what was sent before the page was alive is not sent again when it is', async ({ page, signIn }, info) => {
  const email = `kappa-${info.project.name}-${info.retry}@northwind.example`;
  await signIn('olivia');
  await page.goto('/support');
  const program = await held(page, /\/pkg\/.*\.wasm/);
  const document = await held(page, /\/api\/team\/invite/);
  await page.evaluate(() => location.assign('/team?open=invite'));
  await page.waitForURL((url) => url.pathname === '/team', { waitUntil: 'commit' });
  const dialog = page.locator('details.dialog[open] dialog');
  await dialog.getByRole('textbox', { name: /e-?mail/i }).fill(email);
  // Pressed by the page: it is about to be left all the while.
  await page.evaluate(() => {
    const press = () => [...document.querySelectorAll('button')].find((button) => button.textContent?.trim() === 'Send invitation')?.click();
    const again = setInterval(() => {
      if (!document.documentElement.hasAttribute('data-hydrated')) return;
      clearInterval(again);
      press();
      setTimeout(() => console.info('pressed again'), 200);
    }, 20);
    press();
  });
  let sent = 0;
  page.on('request', (request) => (sent += Number(!request.isNavigationRequest() && /\/api\/team\/invite/.test(request.url()))));
  const pressed = page.waitForEvent('console', (message) => message.text() === 'pressed again');
  program();
  await pressed;
  expect(sent).toBe(0);
  document();
  await expect(page.getByText('Invitation sent.')).toBeVisible();
  await hydrated(page);
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await (await openDialog(row(page, email), 'Revoke')).getByRole('button', { name: 'Revoke invitation' }).click();
  await expect(row(page, email)).toHaveCount(0);
});

test('whoever types in a dialog goes on typing when the page comes alive', async ({ page, signIn }) => {
  await signIn('dev');
  await page.goto('/support');
  const program = await held(page, /\/pkg\/.*\.wasm/);
  await page.evaluate(() => location.assign('/keys'));
  await page.waitForURL((url) => url.pathname === '/keys', { waitUntil: 'commit' });
  const dialog = await openDialog(page, 'Create key');
  await dialog.getByLabel('Name').fill('Nightly');
  await dialog.locator('summary').filter({ hasText: 'Limits' }).click();
  const networks = dialog.locator('[name="form[networks]"]');
  await networks.pressSequentially('10.0.');
  program();
  await hydrated(page);
  await expect(page.locator('dialog:modal')).toHaveCount(1);
  await expect(networks).toBeFocused();
  await page.keyboard.type('0.0/8');
  await expect(networks).toHaveValue('10.0.0.0/8');
  await expect(dialog.getByLabel('Name')).toHaveValue('Nightly');
});

test('a menu that was opened before the page was alive stays open', async ({ page, signIn }) => {
  await signIn('dev');
  await page.goto('/support');
  const program = await held(page, /\/pkg\/.*\.wasm/);
  await page.evaluate(() => location.assign('/team'));
  await page.waitForURL((url) => url.pathname === '/team', { waitUntil: 'commit' });
  const menu = page.locator('details.person-menu');
  await menu.locator('summary').click();
  program();
  await hydrated(page);
  await expect(menu.getByRole('link', { name: 'Your profile' }).or(menu.getByRole('button', { name: 'Sign out' })).first()).toBeVisible();
});
