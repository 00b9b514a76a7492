// What a real browser holds after a visit is exactly what the cookie table says:
// names, lives, and that nothing renews them; withdrawal removes it all at once.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { allow, bundle, desktop, launch, policy, project, Server, setUp, skip, startSite, storage, until, watch } from './lib.mjs'
import { journey } from './pages/journey.mjs'

// The documented names (Smartlook's, kept exactly) and the life of an identity.
const COOKIE = 'SL_C_23361dd035530_SID'
const LOCAL = 'SL_L_23361dd035530_SID'
const PROBE = 'SL_C_23361dd035530_DOMAIN'
const QUEUE = 'SMARTLOOK_LS_QUEUED_CHUNKS'
const LIFE = 395 * 24 * 3600 // seconds: at most 13 months, never renewed

describe('storage on the visitor’s device', { skip }, () => {
  let server, api, browser

  before(async () => {
    await bundle('e2e/pages/smartlook.js', 'smartlook.js')
    server = await Server.start()
    api = await setUp(server)
    browser = await launch()
  })

  after(async () => {
    await browser?.close()
    await server?.dispose()
  })

  // A project, its site and one browser; run() gets a page on the site with
  // consent granted.
  async function visit(settings, run, contextOptions = {}) {
    const p = await project(api, { name: 'Storage', ...settings })
    const site = await startSite(journey({ key: p.key, relay: server.url, choice: 'granted' }), { csp: policy(server.url) })
    await allow(api, p.key, site)
    const context = await browser.newContext({ ...desktop, ...contextOptions })
    try {
      await run({ context, site, key: p.key, seen: watch(context) })
    } finally {
      await context.close()
      await site.close()
    }
  }

  const open = async (context, url) => {
    const page = await context.newPage()
    await page.goto(url, { waitUntil: 'load' })
    return page
  }

  // Waits until the session's first chunk was acknowledged, so the queue is empty.
  const settled = (page) =>
    until('the queue is empty', async () => {
      const { local, cookies } = await storage(page)
      return Object.keys(local).includes(LOCAL) && !(QUEUE in local) && cookies.length > 0
    })

  test('exactly the documented cookies and keys, with the documented lives', async () => {
    await visit({}, async ({ context, site }) => {
      const began = Date.now() / 1000
      const page = await open(context, site.origin() + '/')
      await settled(page)
      const kept = await storage(page)
      assert.deepEqual(kept.cookies.map((c) => c.name), [COOKIE])
      assert.deepEqual(Object.keys(kept.local), [LOCAL])
      assert.deepEqual([kept.session, kept.databases, kept.caches, kept.workers], [[], [], [], 0])
      const [cookie] = kept.cookies
      assert.equal(cookie.domain, '.site.localhost', 'the widest domain of the site')
      assert.equal(cookie.path, '/')
      assert.equal(cookie.sameSite, 'Lax')
      assert.ok(Math.abs(cookie.expires - (began + LIFE)) < 60, `expires in ${(cookie.expires - began) / 86400} days`)
      assert.equal(kept.cookies.some((c) => c.name === PROBE), false, 'the domain probe is gone')
    })
  })

  test('a second visit continues and does not renew', async () => {
    await visit({}, async ({ context, site }) => {
      const first = await open(context, site.origin() + '/')
      await settled(first)
      const before = await storage(first)
      const ids = await first.evaluate(() => [window.smartlook.visitorId, window.smartlook.sessionId])
      await first.close()
      await sleep(2100) // a renewed expiry would be later by more than the tolerance
      const second = await open(context, site.origin('sub.site.localhost') + '/help')
      await until('recording', () => second.evaluate(() => window.smartlook.sessionId))
      const after = await storage(second)
      assert.deepEqual(await second.evaluate(() => [window.smartlook.visitorId, window.smartlook.sessionId]), ids, 'the same visitor and session on the subdomain')
      assert.ok(Math.abs(after.cookies[0].expires - before.cookies[0].expires) <= 1, 'absolute, never renewed')
      assert.equal(after.cookies.length, 1)
    })
  })

  test('past 395 days the identity is replaced, whatever the browser still holds', async () => {
    await visit({}, async ({ context, site }) => {
      const page = await open(context, site.origin() + '/')
      await settled(page)
      const old = await page.evaluate(() => window.smartlook.visitorId)
      await page.close()
      await context.clock.setSystemTime(Date.now() + (LIFE + 3600) * 1000)
      const later = await open(context, site.origin() + '/')
      await until('recording', () => later.evaluate(() => window.smartlook.visitorId))
      assert.notEqual(await later.evaluate(() => window.smartlook.visitorId), old)
    })
  })

  test('left-over Smartlook values under the same names are replaced', async () => {
    await visit({}, async ({ context, site }) => {
      const stale = encodeURIComponent(JSON.stringify({ id: 'GnXoA7WgXOShFnGjvBUzv', expiration: 1893456000000 }))
      await context.addCookies([
        { name: COOKIE, value: stale, domain: '.site.localhost', path: '/' },
        { name: COOKIE, value: stale, url: site.origin() }, // the same on the host alone
      ])
      await context.addInitScript(([k, v]) => localStorage.getItem(k) ?? localStorage.setItem(k, v), [LOCAL, stale])
      const page = await open(context, site.origin() + '/')
      await until('replaced', async () => {
        const { cookies, local } = await storage(page)
        return cookies.length === 1 && cookies[0].value !== stale && local[LOCAL] && local[LOCAL] !== stale
      })
    })
  })

  test('withdrawal wipes everything at once, and no request follows', async () => {
    await visit({}, async ({ context, site, seen }) => {
      const page = await open(context, site.origin() + '/')
      await settled(page)
      await page.evaluate(() => window.smartlook('track', 'unsent', { n: 1 }))
      await page.evaluate(() => window.smartlook('consent', 'denied'))
      seen.requests.length = 0
      const kept = await storage(page)
      assert.deepEqual([kept.cookies, kept.local], [[], {}])
      await page.click('#more')
      await sleep(3500)
      await page.close({ runBeforeUnload: false })
      await sleep(500)
      assert.deepEqual(seen.requests.filter((r) => r.url.startsWith(server.url)), [])
    })
  })

  test('host-only: the cookie never leaves the host, and no probe is made', async () => {
    await visit({ hostOnly: true }, async ({ context, site }) => {
      const page = await open(context, site.origin() + '/')
      await settled(page)
      assert.deepEqual((await storage(page)).cookies.map((c) => [c.name, c.domain]), [[COOKIE, 'site.localhost']])
    })
  })

  test('storage "local": no cookie; storage "none": nothing at all', async () => {
    await visit({ storage: 'local' }, async ({ context, site }) => {
      const page = await open(context, site.origin() + '/')
      await until('local storage', async () => LOCAL in (await storage(page)).local)
      assert.deepEqual((await storage(page)).cookies, [])
    })
    await visit({ storage: 'none' }, async ({ context, site, seen }) => {
      const page = await open(context, site.origin() + '/')
      await until('a chunk', () => seen.requests.some((r) => r.method === 'POST'))
      await sleep(500)
      const kept = await storage(page)
      assert.deepEqual([kept.cookies, kept.local], [[], {}])
    })
  })

  test('unsent chunks wait in local storage, masked, and are sent by the next page', async () => {
    await visit({}, async ({ context, site, key }) => {
      const page = await open(context, site.origin() + '/')
      await settled(page)
      await context.route(server.url + '/v1/chunks', (route) => route.abort())
      await page.evaluate(() => window.smartlook('track', 'kept', { n: 1 }))
      await until('the queue holds it', async () => QUEUE in (await storage(page)).local, { timeout: 20_000 })
      const waiting = (await storage(page)).local[QUEUE]
      assert.ok(waiting.length < 2 << 20)
      assert.equal(waiting.includes('Paragraph'), false, 'the queue is masked and packed')
      await context.unroute(server.url + '/v1/chunks')
      await page.goto(site.origin() + '/help', { waitUntil: 'load' })
      await until('the queue is empty again', async () => !(QUEUE in (await storage(page)).local), { timeout: 20_000 })
      await until('the event arrived, once', async () => {
        const { rows } = await api.sessions(key)
        return rows.length === 1 && rows[0].events.includes('kept') && rows[0].customs === 1
      })
    })
  })
})
