// A customer moves from Smartlook by changing one address. The page bundles
// Smartlook's own npm client; a scripted visitor browses it, once without a choice
// and once after consent('granted').
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { allow, bundle, desktop, dump, files, findBytes, launch, policy, project, Server, setUp, skip, startSite, storage, until, watch } from './lib.mjs'
import { journey } from './pages/journey.mjs'

// What the visitor types. None of it may be anywhere on the server's disk.
const typed = {
  name: 'Zebulon Quartermaine',
  email: 'zeb.quartermaine@vexing.example',
  secret: 'correct-h0rse-Zq9',
  why: 'The neighbour at Flat 7734 objects',
  free: 'Gribblenook meadow 41',
}

describe('smartlook-client 10.0.0 from npm, relayProxyUrl pointing at Footpath', { skip }, () => {
  let server, api, key, browser

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

  test('without a choice: the script and the configuration, no data, no storage', async () => {
    const p = await project(api, { name: 'No choice' })
    const settings = { key: p.key, relay: server.url }
    const site = await startSite(journey(settings), { csp: policy(server.url) })
    await allow(api, p.key, site)
    const context = await browser.newContext(desktop)
    const seen = watch(context)
    try {
      const page = await context.newPage()
      await page.goto(site.origin() + '/', { waitUntil: 'load' })
      await page.mouse.wheel(0, 3000)
      await page.click('#more')
      await page.click('#start')
      await page.waitForURL('**/form')
      await page.fill('#name', typed.name)
      await page.click('#send')
      await page.waitForURL('**/done')
      await sleep(4000) // longer than the recorder's first send at 2 s
      const own = seen.requests.filter((r) => r.url.startsWith(server.url))
      assert.ok(own.length >= 2, 'the recorder was never asked for')
      const kinds = [...new Set(own.map((r) => `${r.method} ${new URL(r.url).pathname}${new URL(r.url).search}`))].sort()
      assert.deepEqual(kinds, ['GET /recorder.js', `GET /v1/config/${p.key}`])
      const kept = await storage(page)
      assert.deepEqual(kept, { local: {}, session: [], databases: [], caches: [], workers: 0, cookies: [] })
      assert.deepEqual(seen.errors, [])
    } finally {
      await context.close()
      await site.close()
    }
    const list = await api.sessions(p.key)
    assert.equal(list.total, 0)
    const pulse = await api.get(`/api/projects/${p.key}/pulse`)
    assert.equal(pulse.state, 'waiting', 'the site check says that it waits for consent')
  })

  test("after consent('granted'): the whole visit, and nothing of what was typed", async () => {
    const p = await project(api, { name: 'Granted', idleMinutes: 1 }) // so that it is sealed soon
    key = p.key
    const site = await startSite(journey({ key, relay: server.url, choice: 'granted' }), { csp: policy(server.url) })
    await allow(api, p.key, site)
    const context = await browser.newContext(desktop)
    const seen = watch(context)
    let began, ended, first
    try {
      const page = await context.newPage()
      began = Date.now()
      await page.goto(site.origin() + '/', { waitUntil: 'load' })
      await sleep(2500) // reads
      await page.mouse.move(640, 400)
      for (let i = 0; i < 10; i++) await page.mouse.wheel(0, 400)
      await page.locator('#more').scrollIntoViewIfNeeded()
      await page.click('#more')
      first = Date.now() - began
      await page.click('#start')
      await page.waitForURL('**/form')
      await page.waitForLoadState('load')
      for (const id of ['name', 'email', 'secret', 'why', 'free']) {
        await page.focus('#' + id)
        await page.keyboard.type(typed[id], { delay: 15 })
      }
      await page.selectOption('#kind', 'loft')
      await sleep(1200)
      await page.click('#send')
      await page.waitForURL('**/done')
      await page.waitForLoadState('load')
      await page.click('#done')
      const second = await context.newPage() // a second tab, on a subdomain
      await second.goto(site.origin('sub.site.localhost') + '/help', { waitUntil: 'load' })
      await sleep(800)
      await second.click('#helpful')
      await sleep(2500) // reads on
      ended = Date.now()
      await second.goto('about:blank') // and leaves both tabs
      await page.goto('about:blank')
      assert.deepEqual(seen.errors, [])
      await check(site, began, ended, first)
    } finally {
      await context.close()
      await site.close()
    }
  })

  async function check(site, began, ended, first) {
    const row = await until('the session with all its page views', async () => {
      const list = await api.sessions(key)
      const r = list.rows[0]
      return list.total === 1 && r.pages === 4 && r.clicks === 5 && r.duration > ended - began - 1500 ? r : Promise.reject(new Error(JSON.stringify(list)))
    })
    assert.equal(row.device, 'desktop')
    assert.match(row.browser, /^Chrome 156/)
    assert.match(row.os, /^Linux/)
    assert.equal(row.customs, 1)
    assert.deepEqual(row.events, ['application-sent'])
    assert.equal(row.entry, site.origin() + '/')
    assert.equal(row.exit, site.origin('sub.site.localhost') + '/help')
    assert.equal(row.hasReplay, true)
    assert.equal(row.errors, 0)
    assert.equal(row.consent, 'api')
    near('duration of the session', row.duration, ended - began, 1500)
    assert.ok(row.active > 0 && row.active <= row.duration, `active ${row.active} of ${row.duration}`)

    const detail = await api.session(key, row.id)
    const steps = (kind) => detail.steps.filter((s) => s.kind === kind)
    assert.deepEqual(steps('page').map((s) => s.url), [
      site.origin() + '/', site.origin() + '/form', site.origin() + '/done', site.origin('sub.site.localhost') + '/help',
    ])
    const ends = steps('click').map((s) => s.detail.split(' > ').at(-1))
    for (const [i, want] of [/^button#more.*\[data-testid="show-more"\]/, /^a#start/, /^button#send/, /^button#done/, /^button#helpful/].entries()) {
      assert.match(ends[i] ?? '', want)
    }
    assert.equal(steps('submit').length, 1)
    assert.ok(steps('input').length >= 4, `${steps('input').length} fields were typed into`)
    const leave = steps('leave')[0]
    assert.ok(leave, 'the first page view ended')
    near('time on the first page', leave.t - steps('page')[0].t, first, 1500)
    assert.equal(detail.records.length, 4)
    for (const r of detail.records) assert.equal(r.snapshot, true, `record of ${r.url} can be played`)
  }

  test('the typed text is nowhere below the data directory', { timeout: 240_000 }, async () => {
    // Once the session has ended its recording is sealed, and the journal may forget it.
    const sealed = async () => (await stat(join(server.dir, 'recordings')).catch(() => null)) && (await files(join(server.dir, 'recordings'))).length > 1
    await until('the recording is sealed', sealed, { timeout: 180_000, every: 1000 })
    await server.stop() // everything flushed, as on an operator's restart
    const plain = await dump(server.dir, 'smartlook')
    const hits = await findBytes([server.dir, plain], Object.values(typed))
    assert.deepEqual(hits, [])
    const parts = await findBytes([plain], ['Quartermaine', 'quartermaine', 'neighbour', 'Gribblenook', 'h0rse'])
    assert.deepEqual(parts, [])
    // The search must be able to find: what may be kept is there, once opened, in
    // the journal, in the recordings and in the tables.
    const kept = await findBytes([plain], ['govuk-main-wrapper', 'application-sent'])
    assert.ok(kept.some((h) => h.includes('/recording-') && h.includes('govuk-main-wrapper')), 'class names are kept in the recording')
    assert.ok(kept.some((h) => h.includes('application-sent')), 'event names are kept')
  })
})

function near(what, got, want, tolerance) {
  assert.ok(Math.abs(got - want) <= tolerance, `${what}: ${got} ms, the visitor's own clock says ${want} ms`)
}
