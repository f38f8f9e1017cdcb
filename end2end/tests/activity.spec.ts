import { readFileSync } from 'node:fs';
import { expect, openDialog, row, test } from '../fixtures';

test('an admin reads who did what, narrows it, and looks at what it was before', async ({ page, signIn, unique }) => {
  const name = unique('Trail');
  await signIn('olivia', { fresh: true });
  await page.goto('/keys');
  const dialog = await openDialog(page, 'Create key');
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByRole('button', { name: 'Create key' }).click();
  await expect(row(page, name)).toBeVisible();

  await page.goto('/activity');
  const entry = row(page, `created the API key “${name}”`);
  await expect(entry).toContainText('Olivia Hartmann');
  await expect(entry.locator('time')).toHaveText(/ UTC$/);
  await entry.getByText('Details').click();
  await expect(entry.getByText('Fingerprint')).toBeVisible();
  await expect(entry).toContainText('active');

  await page.getByLabel('Area').selectOption({ label: 'Team' });
  await page.getByRole('button', { name: 'Filter' }).click();
  await expect(page).toHaveURL(/area=team/);
  await expect(page.getByRole('heading', { name: 'Matching entries' })).toBeVisible();
  await expect(entry).toHaveCount(0);
  await expect(page.getByRole('table')).toContainText('joined the team');

  await page.getByRole('navigation', { name: 'Period' }).getByRole('link', { name: '24 hours' }).click();
  await expect(page).toHaveURL(/area=team&period=24h/);

  await page.goto('/activity?from=2001-01-01&to=2001-01-31');
  await expect(page.getByText('Nothing matches')).toBeVisible();
  await expect(page.getByLabel('From (UTC)')).toHaveValue('2001-01-01');
  await page.getByRole('link', { name: 'Clear filters' }).click();
  await expect(page).toHaveURL(/\/activity$/);
  await expect(entry).toBeVisible();
});

test('the list goes on to older entries and back', async ({ page, signIn }) => {
  await signIn('gus');
  await page.goto('/activity');
  // With what its details hold: the fingerprint of the entry, and nothing that grows older.
  const entry = page.getByRole('row').nth(1).locator('th');
  const first = (await entry.textContent())!;
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Older' }).click();
  await expect(page).toHaveURL(/before=/);
  await expect(entry).not.toHaveText(first);
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Newer' }).click();
  await expect(page).toHaveURL(/after=/);
  await expect(entry).toHaveText(first);
});

test('what the filter lets through is exported, and the export is an entry itself', async ({ page, signIn }) => {
  await signIn('olivia');
  await page.goto('/activity?area=keys');
  for (const format of ['CSV', 'JSON']) {
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: `Export ${format}` }).click();
    const download = await saved;
    expect(download.suggestedFilename()).toMatch(new RegExp(`^activity-northwind-analytics-\\d{4}-\\d\\d-\\d\\d\\.${format.toLowerCase()}$`));
    const text = readFileSync(await download.path(), 'utf8');
    if (format === 'CSV') {
      expect(text.split('\r\n')[0]).toMatch(/^chain_number,created_at,/);
    } else {
      const entries = JSON.parse(text);
      expect(entries.length).toBeGreaterThan(0);
      expect(entries.every((entry: { kind: string }) => entry.kind.startsWith('key.'))).toBe(true);
    }
  }
  await page.goto('/activity?area=activity');
  await expect(row(page, 'exported the activity as CSV').first()).toBeVisible();
});

test('a member neither sees the page in the menu nor opens it', async ({ page, signIn }) => {
  await signIn('mo');
  await page.goto('/');
  await expect(page.locator('a[href="/activity"]')).toHaveCount(0);
  expect((await page.goto('/activity'))?.status()).toBe(403);
});
