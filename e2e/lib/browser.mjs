// Real Chromium, driven by playwright-core.
import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'

/** Debian's browser. */
export const executable = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** For test(): skip where there is no browser; CI must have one. */
export const skip = existsSync(executable) || process.env.CI === 'true' ? false : 'no chromium'

/** A user agent without the word that says it is headless. */
export const desktop = {
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36',
  viewport: { width: 1280, height: 800 },
  locale: 'en-GB',
  timezoneId: 'Europe/London',
}

/** Starts a browser; close it in a finally. */
export function launch() {
  return chromium.launch({
    executablePath: executable,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  })
}

/**
 * Watches a context: every request, console errors, page errors and policy
 * violations, in arrays that grow.
 */
export function watch(context) {
  const seen = { requests: [], errors: [] }
  context.on('request', (r) => seen.requests.push({ method: r.method(), url: r.url(), page: r.frame ? safeFrame(r) : '' }))
  context.on('console', (m) => {
    // The answer itself is noted below, with its address.
    if (m.type() === 'error' && !m.text().startsWith('Failed to load resource')) seen.errors.push(m.text())
  })
  context.on('response', (r) => {
    if (r.status() >= 400) seen.errors.push(`${r.status()} ${r.url()}`)
  })
  context.on('requestfailed', (r) => {
    const why = r.failure()?.errorText ?? ''
    if (why !== 'net::ERR_ABORTED') seen.errors.push(`${why} ${r.url()}`) // aborted: the page was left
  })
  context.on('weberror', (e) => seen.errors.push(String(e.error())))
  return seen
}

function safeFrame(request) {
  try {
    return request.frame().url()
  } catch {
    return '' // a service worker's request has no frame
  }
}

/** Everything a page's origin keeps on the device, by kind. */
export async function storage(page) {
  const kept = await page.evaluate(async () => ({
    local: Object.fromEntries(Object.keys(localStorage).map((k) => [k, localStorage.getItem(k)])),
    session: Object.keys(sessionStorage),
    databases: indexedDB.databases ? (await indexedDB.databases()).map((d) => d.name) : [],
    caches: window.isSecureContext && window.caches ? await caches.keys() : [],
    workers: window.isSecureContext && navigator.serviceWorker ? (await navigator.serviceWorker.getRegistrations()).length : 0,
  }))
  return { ...kept, cookies: await page.context().cookies() }
}
