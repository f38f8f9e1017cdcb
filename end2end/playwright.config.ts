import { defineConfig, devices } from '@playwright/test';
import { browser } from './browser.mjs';
import { portOf } from './portal';

const at = (project: string) => ({ baseURL: `http://127.0.0.1:${portOf(project)}` });

export default defineConfig({
  testDir: 'tests',
  globalSetup: './global-setup.ts',
  outputDir: 'test-results',
  // A project's tests share its demo data: one after the other, each sees what the one before left. Projects share nothing.
  workers: 2,
  timeout: 30_000,
  expect: { timeout: 7_000 },
  forbidOnly: true,
  maxFailures: 30,
  reporter: [['list']],
  use: {
    locale: 'en-GB',
    timezoneId: 'UTC',
    // A browser with a window gives it to the page that its person looks at.
    permissions: ['clipboard-write'],
    // Recording takes two fifths of the time of every test; `scripts/browser-test --trace on FILE` records one that fails.
    trace: 'off',
    screenshot: 'only-on-failure',
    launchOptions: browser,
  },
  projects: [
    { name: 'desktop', workers: 1, use: { ...at('desktop'), viewport: { width: 1280, height: 900 } } },
    { name: 'phone', workers: 1, use: { ...at('phone'), ...devices['Pixel 7'], viewport: { width: 390, height: 844 } } },
    { name: 'nojs', workers: 1, use: { ...at('nojs'), viewport: { width: 1280, height: 900 }, javaScriptEnabled: false } },
  ],
});
