import { expect, PASSWORD, people, test } from '../fixtures';

test('a visitor is sent to the sign-in and back to the page they asked for', async ({ page }) => {
  await page.goto('/keys');
  await expect(page).toHaveURL(/\/signin\?next=/);
  await page.getByLabel(/e-?mail address/i).fill(people.dev);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(/\/keys$/);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('API keys');
});

test('a wrong password is refused beside its field and keeps the address', async ({ page, javaScriptEnabled }) => {
  await page.goto('/signin');
  await page.getByLabel(/e-?mail address/i).fill(people.mo);
  await page.getByLabel('Password').fill('not-the-password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByText('The e-mail address or the password is wrong.')).toBeVisible();
  await expect(page.getByLabel(/e-?mail address/i)).toHaveValue(people.mo);
  // A form that comes back from the server never holds a password; one that never left the page keeps it.
  if (javaScriptEnabled === false) await expect(page.getByLabel('Password')).toHaveValue('');
});

test('a forgotten password is replaced by a link that works once', async ({ page, linkInMail, mailsTo }) => {
  const earlier = await mailsTo(people.adam, /password/i);
  await page.goto('/signin');
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Reset your password');
  await page.getByLabel(/e-?mail address/i).fill(people.adam);
  await page.getByRole('button', { name: 'Send the link' }).click();
  await expect(page.getByText('the link is on its way')).toBeVisible();

  const link = await linkInMail(people.adam, /password/i, earlier);
  await page.goto(link);
  await page.getByLabel('New password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Save password' }).click();
  await expect(page.getByText('Password changed.')).toBeVisible();

  await page.goto(link);
  await expect(page.getByText('This link has expired or was used already.')).toBeVisible();
});

test('signing out ends the session', async ({ page, context }) => {
  await page.goto('/signin');
  await page.getByLabel(/e-?mail address/i).fill(people.adam);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1 })).not.toHaveText('Sign in');
  const cookies = await context.cookies();

  await page.goto('/keys');
  await page.locator('summary').filter({ hasText: people.adam }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/signin/);

  await context.addCookies(cookies);
  await page.goto('/keys');
  await expect(page).toHaveURL(/\/signin/);
});

test('a person of two companies changes between them, and what stays open of the first does nothing in the second', async ({ page, signIn, provoke, unique, javaScriptEnabled }) => {
  await signIn('olivia');
  const left = await page.context().newPage();
  const subject = unique('Meant for Northwind');
  await left.goto('/support/new');
  await left.getByLabel('Subject').fill(subject);
  await left.getByLabel('Message').fill('Which of the two companies gets this?');
  const change = async (to: string) => {
    await page.goto('/account');
    await page.locator('summary').filter({ hasText: 'Switch company' }).click();
    await page.getByRole('button', { name: to }).click();
    await expect(page.locator('summary').filter({ hasText: 'Switch company' })).toContainText(to);
  };
  await change('Initech');
  if (javaScriptEnabled !== false) provoke(/409/);
  await left.getByRole('button', { name: 'Open ticket' }).click();
  await expect(left.getByText('You have gone on to Initech since this page was opened')).toBeVisible();
  await expect(left.getByLabel('Subject')).toHaveValue(subject);
  await expect(left.getByLabel('Message')).toHaveValue('Which of the two companies gets this?');
  await left.close();
  await page.goto('/support');
  await expect(page.getByText(subject)).toHaveCount(0);
  await change('Northwind Analytics');
});

test('a code by e-mail signs in, in the browser that asked for it and only by a press of the button', async ({ page, browser, baseURL, linkInMail, mailsTo, javaScriptEnabled }) => {
  const earlier = await mailsTo(people.bella, /code/i);
  await page.goto('/signin?next=/team');
  await page.getByRole('link', { name: 'Sign in with a code by e-mail' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in with a code');
  await page.getByLabel(/e-?mail address/i).fill(people.bella);
  await page.getByRole('button', { name: 'Send the code' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Enter your code');
  const link = await linkInMail(people.bella, /code/i, earlier);

  const elsewhere = await browser.newContext({ baseURL, javaScriptEnabled });
  const theirs = await elsewhere.newPage();
  await theirs.goto(link);
  await expect(theirs.getByRole('heading', { level: 1 })).toHaveText('No code can be entered here');
  await expect(theirs.getByRole('link', { name: 'Ask for a new code' })).toBeVisible();
  await elsewhere.close();

  await page.goto(link);
  await expect(page.getByLabel('Code')).toHaveValue(/^[2-9A-Z]{6}$/);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(/\/team$/);
});

test('a wrong code is refused beside its field', async ({ page }) => {
  await page.goto('/signin/code');
  await page.getByLabel(/e-?mail address/i).fill('nobody@northwind.example');
  await page.getByRole('button', { name: 'Send the code' }).click();
  await page.getByLabel('Code').fill('AAA-AAA');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByText('This code is wrong or no longer works.')).toBeVisible();
});
