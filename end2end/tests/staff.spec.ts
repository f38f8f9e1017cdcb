import { expect, test } from '../fixtures';

test('staff sees the queue of all customers, the longest wait first', async ({ page, signIn }) => {
  await signIn('mia');
  await page.goto('/');
  await expect(page).toHaveURL(/\/staff\/tickets/);
  const queue = page.getByRole('table', { name: 'Tickets' });
  await expect(queue.getByRole('link').first()).toBeVisible();
  const since = await queue.locator('tbody time').evaluateAll((times) => times.map((time) => Date.parse(time.getAttribute('datetime')!)));
  expect(since).toEqual([...since].sort((one, other) => one - other));
  await queue.getByRole('link').first().click();
  await expect(page.getByRole('button', { name: 'Send reply' })).toBeVisible();
});

test('a customer has no way into the queue', async ({ page, signIn }) => {
  await signIn('olivia');
  const answer = await page.goto('/staff/tickets');
  expect([403, 404]).toContain(answer?.status());
  await expect(page.getByRole('table', { name: 'Tickets' })).toHaveCount(0);
});
