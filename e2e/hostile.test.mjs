// S1–S12, H13, H14: recordings that attack their viewer. A forged recorder posts
// them; the player and every list of the dashboard show them; no script runs and
// no packet reaches the canary.
import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { desktop, envelope, inStage, launch, newId, openPlayer, page as pageView, post, project, Server, setUp, signIn, skip, startSite, until } from './lib.mjs'
import { inMutations, inSnapshot, plain, vectors } from './pages/hostile.mjs'

const origin = 'http://site.localhost'

// The canary counts connections, so that even a preconnect without a request shows.
function startCanary() {
  const hits = []
  const server = createServer((socket) => {
    hits.push('connection')
    socket.on('data', (d) => {
      hits.push(String(d).split('\r\n')[0])
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
    })
    socket.on('error', () => {})
  })
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve({ hits, url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() })))
}

describe('hostile recordings', { skip }, () => {
  let server, api, browser, canary, key

  before(async () => {
    canary = await startCanary()
    server = await Server.start()
    api = await setUp(server)
    key = (await project(api, { domains: ['site.localhost'] })).key
    browser = await launch()
  })

  after(async () => {
    await browser?.close()
    await server?.dispose()
    canary?.close()
  })

  // Posts events as one record of a new session and gives its id.
  async function record(dom, first = pageView(origin + '/', dom[0].timestamp)) {
    const session = newId()
    const events = [first, ...dom.map((e) => ({ k: 'dom', t: e.timestamp, d: e }))]
    const answer = await post(server.url, envelope({ project: key, session, visitor: newId(), record: newId(), events }), { origin })
    assert.equal(answer.status, 202, `${answer.headers.get('footpath-reason')}`)
    await until('the session is listed', async () => (await api.sessions(key)).rows.some((r) => r.id === session))
    return session
  }

  // Opens pages in a signed-in browser and reports scripts run and canary hits.
  async function view(act) {
    const context = await browser.newContext(desktop)
    const ran = []
    context.on('console', (m) => m.text().includes('PWNED') && ran.push(m.text()))
    context.on('dialog', (d) => (ran.push('dialog ' + d.message()), d.dismiss()))
    canary.hits.length = 0
    try {
      const page = await signIn(context, server)
      await act(page)
      await sleep(1500)
      const frames = await Promise.all(page.frames().map((f) => f.evaluate(() => Boolean(globalThis.PWNED)).catch(() => false)))
      assert.equal(frames.includes(true), false)
      return { ran, hits: [...canary.hits] }
    } finally {
      await context.close()
    }
  }

  test(`the ${vectors('').length} vectors bite on a page that nothing guards`, async () => {
    assert.ok(vectors('').length >= 40)
    const site = await startSite({ '/': plain(canary.url) })
    const context = await browser.newContext(desktop)
    const ran = new Set()
    context.on('console', (m) => m.text().includes('PWNED') && ran.add(m.text()))
    canary.hits.length = 0
    try {
      const page = await context.newPage()
      await page.goto(site.origin(), { waitUntil: 'load' }).catch(() => {})
      await sleep(1500)
      const asked = new Set(canary.hits.filter((h) => h !== 'connection'))
      assert.ok(ran.size >= 8, `only ${ran.size} ran: ${[...ran]}`)
      assert.ok(asked.size >= 20, `only ${asked.size} asked: ${[...asked]}`)
    } finally {
      await context.close()
      await site.close()
    }
  })

  for (const [what, make] of [['in the snapshot', inSnapshot], ['in mutations and style rules', inMutations]]) {
    for (const guard of ['server and player', 'the player alone']) {
      test(`${what}, guarded by ${guard}: 0 scripts, 0 requests`, async () => {
        const events = make(canary.url, Date.now() - 10_000)
        const session = await record(events)
        const { ran, hits } = await view(async (page) => {
          // As if the server's own sanitising had missed everything.
          if (guard === 'the player alone') {
            await page.route('**/records/**', (route) => route.fulfill({ json: { events, next: events.length, open: false } }))
          }
          await openPlayer(page, key, session)
          await play(page)
        })
        assert.deepEqual(ran, [])
        assert.deepEqual(hits, [])
      })
    }
  }

  // Plays to the end and looks at what has been rebuilt.
  async function play(page) {
    const shows = (selector) => inStage(page, (page, s) => Boolean(page.querySelector(s)), selector)
    await until('the first mark is drawn', () => shows('.mark-before'))
    await page.keyboard.press('Space')
    await until('the last mark is drawn', () => shows('.mark-after'), { timeout: 20_000 })
    await sleep(2500)
    const acting = 'script, object, embed, base, meta, frame, [onerror], [onload], [onclick], [srcdoc], [ping]'
    const left = await inStage(page, (page, s) => [...page.querySelectorAll(s)].map((e) => e.outerHTML.slice(0, 120)), acting)
    assert.deepEqual(left, [], 'nothing that could act is rebuilt')
  }

  test('S9, S10: names, titles, addresses and campaigns with markup, in every list', async () => {
    const bad = `"><img src=${canary.url}/list onerror=console.log('PWNED list')>`
    const first = pageView(`${origin}/${encodeURIComponent(bad)}`)
    first.d.ti = bad
    first.d.r = `javascript:console.log('PWNED referrer')`
    first.d.utm = { s: bad, m: bad, c: bad }
    first.d.tz = bad
    first.d.l = bad
    const session = newId()
    const events = [first, { k: 'custom', t: Date.now(), d: { v: 0, n: bad, p: { [bad]: bad, __proto__: 1 } } },
      { k: 'error', t: Date.now(), d: { v: 0, c: bad, f: `javascript:console.log('PWNED file')`, l: 1, m: bad } },
      { k: 'click', t: Date.now(), d: { v: 0, e: { p: `html > ${bad}`, t: 'img', x: bad, r: bad, a: bad }, x: 1, y: 1, px: 1, py: 1, by: 'mouse' } }]
    const answer = await post(server.url, envelope({ project: key, session, visitor: newId(), record: newId(), events }), { origin })
    assert.ok([202, 422].includes(answer.status), `${answer.status}`)
    const { ran, hits } = await view(async (page) => {
      for (const path of ['', '/sessions', '/settings']) {
        await page.goto(`${server.url}/p/${key}${path}`, { waitUntil: 'load' })
        await sleep(800)
        const links = await page.evaluate(() => [...document.querySelectorAll('a[href]')].map((a) => a.protocol).filter((p) => p !== 'http:' && p !== 'https:' && p !== 'mailto:'))
        assert.deepEqual(links, [])
      }
      if (answer.status === 202) await page.goto(`${server.url}/p/${key}/sessions/${session}`, { waitUntil: 'load' })
    })
    assert.deepEqual(ran, [])
    assert.deepEqual(hits, [])
  })
})
