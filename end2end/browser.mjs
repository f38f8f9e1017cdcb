// How Chromium is started, for the tests and for the screenshots: without its window, of which a test sees nothing, and without
// a process for the graphics card. That takes a third of the time off a test.
// Background traffic of its own is switched off; as root it refuses to start with its sandbox.
export const browser = {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium-headless-shell',
  args: [
    '--in-process-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ],
};
