import { defineConfig, devices } from '@playwright/test';
import { browser } from './browser.mjs';

const port = process.env.E2E_PORT ?? '3199';
const baseURL = `http://127.0.0.1:${port}`;

export default defineConfig({
  testDir: 'tests',
  globalSetup: './global-setup.ts',
  outputDir: 'test-results',
  // The tests share one set of demo data: one after the other, each sees what the one before left.
  workers: 1,
  timeout: 30_000,
  expect: { timeout: 7_000 },
  forbidOnly: true,
  maxFailures: 30,
  reporter: [['list']],
  use: {
    baseURL,
    locale: 'en-GB',
    timezoneId: 'UTC',
    // Recording takes two fifths of the time of every test; `scripts/browser-test --trace on FILE` records one that fails.
    trace: 'off',
    screenshot: 'only-on-failure',
    launchOptions: browser,
  },
  projects: [
    { name: 'desktop', use: { viewport: { width: 1280, height: 900 } } },
    { name: 'phone', use: { ...devices['Pixel 7'], viewport: { width: 390, height: 844 } } },
    { name: 'nojs', use: { viewport: { width: 1280, height: 900 }, javaScriptEnabled: false } },
  ],
  webServer: {
    command: '../target/portal/foyer demo',
    url: `${baseURL}/readyz`,
    timeout: 240_000,
    stdout: 'ignore',
    stderr: 'pipe',
    env: { PORT: port, APP_URL: baseURL, RETURN_URLS: 'http://localhost:4199', DNS_RESOLVER: `127.0.0.1:${Number(port) + 1_000}`, RUST_LOG: 'warn' },
    gracefulShutdown: { signal: 'SIGTERM', timeout: 10_000 },
  },
});
