import { expect, openDialog, row, test } from '../fixtures';
import type { Locator, Page } from '@playwright/test';

/** Goes on with Tab until a control has the focus, and sees that it shows. */
async function tabTo(page: Page, control: Locator) {
  for (let steps = 0; steps < 80; steps++) {
    await page.keyboard.press('Tab');
    if (await control.evaluate((element) => element === document.activeElement)) {
      const shown = await control.evaluate((element) => {
        const { outlineStyle, boxShadow } = getComputedStyle(element);
        return element.matches(':focus-visible') && (outlineStyle !== 'none' || boxShadow !== 'none');
      });
      expect(shown, 'the focus can be seen').toBe(true);
      await expect(control).toBeInViewport();
      return;
    }
  }
  throw new Error(`no Tab leads to ${control}`);
}

const opener = (page: Page, label: string) => page.locator('summary').filter({ hasText: new RegExp(`^\\s*${label}\\s*$`) });

/** Tab never leaves the dialog in front; between its end and its beginning the browser's own controls have the focus. */
async function expectTrapped(page: Page) {
  for (let steps = 0; steps < 30; steps++) {
    await page.keyboard.press('Tab');
    const outside = await page.evaluate(() => document.activeElement !== document.body && !document.activeElement?.closest('dialog:modal'));
    expect(outside, 'the focus stays in the dialog').toBe(false);
  }
}

/** After a change the page was drawn anew: whoever works by keyboard goes on from the content, not from the top. */
async function expectFocusInContent(page: Page) {
  await expect.poll(() => page.evaluate(() => Boolean(document.activeElement?.closest('main')))).toBe(true);
}

test('keys by keyboard', async ({ page, signIn, unique }, info) => {
  test.skip(info.project.name === 'nojs', 'dialogs are disclosures there, which the browser itself leads through');
  test.slow();
  const name = unique('By keyboard');
  await signIn('dev', { fresh: true });
  await page.goto('/keys');
  const create = opener(page, 'Create key');
  await tabTo(page, create);
  await page.keyboard.press('Enter');
  const field = page.locator('dialog:modal').getByLabel('Name');
  await expect(field).toBeFocused();
  await expectTrapped(page);
  await page.keyboard.press('Escape');
  await expect(page.locator('dialog:modal')).toHaveCount(0);
  await expect(create).toBeFocused();
  await page.keyboard.press('Space');
  await expect(field).toBeFocused();
  await page.keyboard.type(name);
  await page.keyboard.press('Enter');

  // The secret: Escape asks, and leads back.
  const copy = page.getByRole('button', { name: 'Copy', exact: true });
  await expect(copy).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Go back' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expectTrapped(page);
  await tabTo(page, copy);
  await page.keyboard.press('Space');
  await expect(page.getByRole('button', { name: 'Copied', exact: true })).toBeVisible();
  await tabTo(page, page.getByRole('button', { name: 'Done' }));
  await page.keyboard.press('Enter');
  await expect(page.locator('dialog:modal')).toHaveCount(0);
  await expect(create).toBeFocused();

  await tabTo(page, row(page, name).getByRole('link', { name }));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(name);

  await tabTo(page, opener(page, 'Rotate'));
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('The old key keeps working')).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByLabel('The old key keeps working')).toHaveValue('1h');
  await tabTo(page, page.getByRole('button', { name: 'Rotate key' }));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Copy', exact: true })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Copied', exact: true })).toBeVisible();
  await tabTo(page, page.getByRole('button', { name: 'Done' }));
  await page.keyboard.press('Enter');
  await expect(page.getByText('This key was rotated')).toBeVisible();
  await expectFocusInContent(page);

  await tabTo(page, page.getByRole('button', { name: /^Extend to / }));
  await page.keyboard.press('Enter');
  await expect(page.locator('dl').getByText('in 1 day')).toBeVisible();
  await expectFocusInContent(page);

  await tabTo(page, opener(page, 'Rename'));
  await page.keyboard.press('Enter');
  await expect(page.locator('dialog:modal').getByLabel('Name')).toBeFocused();
  await page.keyboard.press('End');
  await page.keyboard.type(', old');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(`${name}, old`);
  await expect(opener(page, 'Rename')).toBeFocused();

  await tabTo(page, opener(page, 'Revoke'));
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Reason')).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await tabTo(page, page.getByRole('button', { name: 'Revoke key' }));
  await page.keyboard.press('Enter');
  await expect(page.getByText('This key is revoked')).toBeVisible();
  await expectFocusInContent(page);
});

for (const when of ['before', 'while', 'after'] as const) {
  test(`the focus stays in a page that is drawn anew ${when} a new key stands in front of it`, async ({ page, signIn, unique }, info) => {
    test.skip(info.project.name === 'nojs', 'pages are not drawn anew there');
    test.slow();
    const name = unique('Drawn anew');
    await signIn('dev', { fresh: true });
    await page.goto('/keys');
    const copy = page.getByRole('button', { name: 'Copy', exact: true });
    const done = page.getByRole('button', { name: 'Done' });
    await (await openDialog(page, 'Create key')).getByLabel('Name').fill(name);
    await page.keyboard.press('Enter');
    await copy.press('Enter');
    await expect(page.getByRole('button', { name: 'Copied', exact: true })).toBeVisible();
    await done.press('Enter');
    await row(page, name).getByRole('link', { name }).click();
    await openDialog(page, 'Rotate');

    let drawAnew = () => {};
    const held = new Promise<void>((release) => (drawAnew = release));
    await page.route(/\/api\/keys\//, async (route) => {
      if (route.request().method() === 'GET') await held;
      await route.continue();
    });
    if (when === 'before') {
      // A browser that is slow to draw: the answer is there before the next frame.
      await page.evaluate(() => {
        const soon = window.requestAnimationFrame.bind(window);
        window.requestAnimationFrame = (callback) => window.setTimeout(() => soon(callback), 500);
      });
      drawAnew();
    }
    await page.getByRole('button', { name: 'Rotate key' }).press('Enter');
    await expect(copy).toBeVisible();
    if (when === 'while') drawAnew();
    if (when !== 'after') await expect(page.getByText('This key was rotated')).toBeVisible();
    await copy.press('Enter');
    await expect(page.getByRole('button', { name: 'Copied', exact: true })).toBeVisible();
    await done.press('Enter');
    await expect(page.locator('dialog:modal')).toHaveCount(0);
    await expectFocusInContent(page);
    drawAnew();
    await expect(page.getByText('This key was rotated')).toBeVisible();
    await expectFocusInContent(page);
  });
}

test('a key is created and revoked by keyboard without JavaScript', async ({ page, signIn, unique }, info) => {
  test.skip(info.project.name !== 'nojs', 'see above');
  test.slow();
  const name = unique('By keyboard');
  await signIn('dev', { fresh: true });
  await page.goto('/keys');
  await tabTo(page, opener(page, 'Create key'));
  await page.keyboard.press('Enter');
  await tabTo(page, page.locator('details[open] dialog').getByLabel('Name'));
  await page.keyboard.type(name);
  await page.keyboard.press('Enter');
  await tabTo(page, page.locator('summary', { hasText: 'Show the key' }));
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByLabel('API key', { exact: true }));
  await tabTo(page, page.getByLabel('I have copied the key'));
  await page.keyboard.press('Space');
  await page.keyboard.press('Enter');
  await expect(page.getByText('Show the key')).toHaveCount(0);

  await tabTo(page, row(page, name).getByRole('link', { name }));
  await page.keyboard.press('Enter');
  await tabTo(page, opener(page, 'Revoke'));
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByLabel('Reason'));
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByText('This key is revoked')).toBeVisible();
});
