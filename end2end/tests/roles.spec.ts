import { expect, openDialog, row, test } from '../fixtures';

test('the table of roles marks the own role', async ({ page, signIn }) => {
  await signIn('mo');
  await page.goto('/team');
  await page.getByRole('link', { name: 'What each role may do' }).first().click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('What each role may do');
  const keys = row(page, 'Create, rotate and revoke API keys.');
  await expect(keys).toContainText('Yes');
  await expect(keys).toContainText('No');
  await expect(page.getByText('Member (your role)').first()).toBeAttached();
  await expect(keys.getByRole('link', { name: /Ask for it/ })).toBeVisible();
});

test('whoever is refused sees who may, asks, and takes it back', async ({ page, signIn }) => {
  await signIn('bella');
  const answer = await page.goto('/keys');
  expect(answer?.status()).toBe(403);
  const main = page.getByRole('main');
  await expect(main).toContainText('Who can do this:');
  await page.getByLabel('What do you need it for?').fill('To look after the import');
  await page.getByRole('button', { name: 'Send request' }).click();
  await expect(page.getByText('Request sent.')).toBeVisible();
  await expect(main).toContainText('Waits for an answer');
  await page.getByRole('button', { name: 'Withdraw' }).click();
  await expect(page.getByText('Request withdrawn.')).toBeVisible();
});

test('an owner declines a request on the team page, and the person is told', async ({ page, browser, sessionFor, signIn, baseURL, javaScriptEnabled }) => {
  const [right, sentence] = ['manage_billing_email', 'Change where invoices are sent.'];
  const asking = await browser.newContext({ baseURL, javaScriptEnabled });
  await asking.addCookies(await sessionFor('dev'));
  const theirs = await asking.newPage();
  await theirs.goto(`/requests/${right}`);
  await theirs.getByRole('button', { name: 'Send request' }).click();
  await expect(theirs.getByRole('main')).toContainText('Waits for an answer');

  await signIn('olivia');
  await page.goto('/team');
  const request = row(page, sentence);
  await expect(request).toContainText('dev@northwind.example');
  await expect(request.getByRole('button', { name: 'Grant: make them Admin' })).toBeVisible();
  const other = await openDialog(request, 'Another role');
  await expect(other.getByLabel('Role')).toBeVisible();
  await page.goto('/team');
  await request.getByRole('button', { name: 'Decline' }).click();
  await expect(page.getByText('Request declined.')).toBeVisible();
  await expect(row(page, sentence)).toHaveCount(0);

  await theirs.goto(`/requests/${right}`);
  await expect(theirs.getByRole('main')).toContainText('Declined');
  await asking.close();
});
