import { expect, test } from '../fixtures';

test('usage stands against the plan, by day and by month', async ({ page, signIn }) => {
  await signIn('mo');
  await page.goto('/usage');
  await expect(page.getByRole('meter', { name: 'API calls' })).toHaveAttribute('aria-valuemax', '500000');
  await expect(page.getByRole('table', { name: 'Usage by month' }).getByRole('row')).toHaveCount(14);
});

test('the meters ask for new values by themselves', async ({ page, signIn, javaScriptEnabled }) => {
  test.skip(javaScriptEnabled === false, 'needs JavaScript');
  test.slow();
  await signIn('olivia');
  await page.goto('/usage');
  const answer = await page.waitForResponse((response) => response.url().includes('/api/usage/'), { timeout: 25_000 });
  expect(answer.status()).toBe(200);
});

test('a person without the right to change the plan is told who has it', async ({ page, signIn }) => {
  await signIn('mo');
  await page.goto('/usage');
  await expect(page.getByText('An owner, admin or billing person of your team can upgrade the plan.')).toBeVisible();
});
