// Real Chromium for the recorder's tests.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** skip names the reason where there is no browser; CI must have one. */
export const skip = existsSync(executablePath) || process.env.CI === 'true' ? false : 'no chromium';

/** launch starts the browser; close it in a finally. */
export const launch = () => chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

/** until waits for something to be true. */
export async function until(what, f, ms = 10_000) {
  const end = Date.now() + ms;
  for (;;) {
    const v = await f();
    if (v) return v;
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** kept is everything that the page's origin holds. */
export const kept = (page) => page.evaluate(() => ({ cookies: document.cookie.split('; ').filter(Boolean).map((c) => c.split('=')[0]).sort(), local: Object.keys(localStorage).sort() }));
