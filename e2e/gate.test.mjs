// The gate: what refuses, refuses before anything leaves the browser; and the
// collector refuses what should not have come, with the status, the reason and the
// counter of the response contract.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { allow, bundle, custom, desktop, envelope, launch, newId, page as pageView, policy, post, project, Server, setUp, skip, startSite, storage, TIER_B, watch } from './lib.mjs'
import { createServer, request as httpRequest } from 'node:http'
import { journey } from './pages/journey.mjs'

const origin = 'http://site.localhost'

describe('the recorder asks for nothing when it must not', { skip }, () => {
  let server, api, browser, key

  before(async () => {
    await bundle('e2e/pages/smartlook.js', 'smartlook.js')
    server = await Server.start()
    api = await setUp(server)
    browser = await launch()
    key = (await project(api, { name: 'Gate' })).key
  })

  after(async () => {
    await browser?.close()
    await server?.dispose()
  })

  // Visits a page that grants consent, in a context prepared by the case, and
  // gives the requests that reached for the collector.
  async function visit({ collector = server.url, prepare, act, contextOptions = {} }) {
    const site = await startSite(journey({ key, relay: collector, choice: 'granted' }), { csp: policy(collector) })
    await allow(api, key, site)
    const context = await browser.newContext({ ...desktop, ...contextOptions })
    const seen = watch(context)
    try {
      await prepare?.(context, site)
      const page = await context.newPage()
      await page.goto(site.origin() + '/', { waitUntil: 'load' })
      await act?.(page, seen)
      await page.click('#more')
      await sleep(3000)
      const own = seen.requests.filter((r) => r.url.startsWith(collector)).map((r) => `${r.method} ${new URL(r.url).pathname}`)
      return { own, kept: await storage(page), errors: seen.errors }
    } finally {
      await context.close()
      await site.close()
    }
  }

  test('the control: with consent and no signal it records', async () => {
    const { own } = await visit({})
    assert.ok(own.includes('POST /v1/chunks'), own.join())
  })

  test('Global Privacy Control: the script alone', async () => {
    const { own, kept } = await visit({
      prepare: (context) => context.addInitScript(() => Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true })),
    })
    assert.deepEqual(own, ['GET /recorder.js'])
    assert.deepEqual([kept.cookies, kept.local], [[], {}])
  })

  test('Do Not Track: the script alone', async () => {
    const { own, kept } = await visit({
      prepare: (context) => context.addInitScript(() => Object.defineProperty(Navigator.prototype, 'doNotTrack', { get: () => '1' })),
    })
    assert.deepEqual(own, ['GET /recorder.js'])
    assert.deepEqual([kept.cookies, kept.local], [[], {}])
  })

  for (const where of ['cookie', 'local storage']) {
    test(`opted out, by ${where}: the script alone`, async () => {
      const { own, kept } = await visit({
        prepare: async (context, site) => {
          if (where === 'cookie') await context.addCookies([{ name: 'SL_OPTOUT', value: '1', url: site.origin() }])
          else await context.addInitScript(() => localStorage.setItem('SL_OPTOUT', '1'))
        },
      })
      assert.deepEqual(own, ['GET /recorder.js'])
      const names = [...kept.cookies.map((c) => c.name), ...Object.keys(kept.local)]
      assert.deepEqual([...new Set(names)], ['SL_OPTOUT'])
    })
  }

  // A collector in front of the real one whose configuration fails.
  async function broken(handle) {
    const front = createServer((req, res) => {
      if (req.url.startsWith('/v1/config')) return handle(req, res)
      const on = httpRequest(server.url + req.url, { method: req.method, headers: req.headers }, (answer) => {
        res.writeHead(answer.statusCode, answer.headers)
        answer.pipe(res)
      })
      on.on('error', () => res.destroy())
      req.pipe(on)
    })
    await new Promise((resolve) => front.listen(0, '127.0.0.1', resolve))
    return { url: `http://127.0.0.1:${front.address().port}`, close: () => (front.closeAllConnections(), front.close()) }
  }

  const cors = { 'Access-Control-Allow-Origin': '*' }
  const failures = {
    'answers 500': (_, res) => res.writeHead(500, cors).end('{}'),
    'is absent (404)': (_, res) => res.writeHead(404, cors).end(),
    'is no JSON': (_, res) => res.writeHead(200, cors).end('<html>'),
    'is empty': (_, res) => res.writeHead(200, cors).end('{}'),
    'breaks off': (_, res) => res.destroy(),
  }
  for (const [what, handle] of Object.entries(failures)) {
    test(`configuration ${what}: nothing is recorded`, async () => {
      const front = await broken(handle)
      try {
        const { own, kept } = await visit({ collector: front.url })
        assert.deepEqual([...new Set(own)], ['GET /recorder.js', `GET /v1/config/${key}`])
        assert.deepEqual([kept.cookies, kept.local], [[], {}])
      } finally {
        front.close()
      }
    })
  }

  test('the visitor opts out in the middle: unsent and stored things go, no request follows', async () => {
    const { own, kept } = await visit({
      act: async (page, seen) => {
        await page.waitForFunction(() => document.cookie.includes('SL_C_23361dd035530_SID'), null, { timeout: 8000 })
        await page.evaluate(() => window.smartlook('optOut'))
        await sleep(300)
        seen.requests.length = 0
      },
    })
    assert.deepEqual(own, [])
    const names = [...kept.cookies.map((c) => c.name), ...Object.keys(kept.local)]
    assert.deepEqual([...new Set(names)], ['SL_OPTOUT'])
  })

  for (const [status, reason] of [[401, 'unknown-key'], [403, 'origin'], [204, 'opt-out']]) {
    test(`the recorder stops for good on ${status} ${reason}`, async () => {
      let posts = 0
      const front = createServer((req, res) => {
        if (req.url !== '/v1/chunks') {
          const on = httpRequest(server.url + req.url, { method: req.method, headers: req.headers }, (answer) => {
            res.writeHead(answer.statusCode, answer.headers)
            answer.pipe(res)
          })
          return req.pipe(on)
        }
        posts++
        req.resume()
        res.writeHead(status, { 'Footpath-Reason': reason, 'Access-Control-Allow-Origin': req.headers.origin ?? '*', 'Access-Control-Expose-Headers': 'Footpath-Reason, Retry-After' })
        res.end()
      })
      await new Promise((resolve) => front.listen(0, '127.0.0.1', resolve))
      try {
        const { kept } = await visit({
          collector: `http://127.0.0.1:${front.address().port}`,
          act: async (page) => {
            for (let i = 0; i < 8; i++) {
              await page.mouse.wheel(0, 200)
              await page.evaluate((n) => window.smartlook('track', 'again-' + n), i)
              await sleep(1200)
            }
          },
        })
        assert.equal(posts, 1)
        if (reason === 'opt-out') {
          const names = [...kept.cookies.map((c) => c.name), ...Object.keys(kept.local)]
          assert.ok(names.every((n) => n === 'SL_OPTOUT'), `after opt-out: ${names}`)
        }
      } finally {
        front.closeAllConnections()
        front.close()
      }
    })
  }
})

describe('the collector refuses with status, reason and counter', () => {
  let server, api, key

  before(async () => {
    server = await Server.start()
    api = await setUp(server)
    key = (await project(api, { domains: ['site.localhost'] })).key
  })

  after(() => server?.dispose())

  const chunk = (more = {}) => envelope({ project: key, session: newId(), visitor: newId(), record: newId(), events: [pageView(origin + '/')], ...more })

  async function refused(status, reason, body, options = {}) {
    const before = await counted(reason)
    const answer = await post(server.url, body, { origin, ...options })
    assert.equal(answer.status, status, `${reason}: ${await answer.text()}`)
    assert.equal(answer.headers.get('footpath-reason'), reason)
    assert.ok((await counted(reason)) > before, `/metrics counts ${reason}`)
    return answer
  }

  // The sum of the collector's counters that carry this reason.
  async function counted(reason) {
    const text = await (await fetch(server.metrics)).text()
    return text.split('\n').filter((l) => l.startsWith(`footpath_collect_chunks_total{outcome="${reason}"`)).reduce((n, l) => n + Number(l.split(' ').at(-1)), 0)
  }

  test('the control: a good chunk is 202, and so is its repeat (fault 1)', async () => {
    const body = chunk()
    for (let i = 0; i < 2; i++) {
      const answer = await post(server.url, body, { origin })
      assert.equal(answer.status, 202)
      assert.deepEqual((await answer.json()).durable, [0])
    }
  })

  test('unknown key 401', () => refused(401, 'unknown-key', chunk({ project: 'ab'.repeat(20) })))
  test('foreign origin 403', () => refused(403, 'origin', chunk(), { origin: 'http://elsewhere.example' }))
  test('null origin 403 (S24)', () => refused(403, 'origin', chunk(), { origin: 'null' }))
  test('no envelope 400', () => refused(400, 'malformed', Buffer.from('hello')))
  test('damaged checksum 400', () => {
    const body = chunk()
    body[body.length - 1] ^= 1
    return refused(400, 'malformed', body)
  })
  test('cut in the middle of its gzip 400 (fault 8)', () => {
    const whole = gzipSync(JSON.stringify(pageView(origin + '/')) + '\n')
    return refused(400, 'malformed', chunk({ payload: whole.subarray(0, whole.length - 12) }))
  })
  test('body past the limit 413 (fault 10)', () => refused(413, 'too-large', Buffer.concat([chunk(), Buffer.alloc(2 << 20)])))
  test('gzip bomb 413 (fault 11)', () => refused(413, 'too-large', chunk({ payload: gzipSync(Buffer.alloc(64 << 20, 32)) })))
  test('a content type that is not the recorder’s 415', () => refused(415, 'encoding', chunk(), { type: 'application/xml' }))
  test('an unknown version 415', () => {
    const body = chunk()
    body[0] = 9
    return refused(415, 'encoding', body)
  })
  test('unknown flags 422', () => refused(422, 'invalid', chunk({ flags: TIER_B | 8 | 128 })))
  test('no consent in an opt-in project 204', () => refused(204, 'consent', chunk({ flags: TIER_B })))
  test('opt-out in the request 204', async () => {
    await refused(204, 'opt-out', chunk(), { headers: { 'Sec-GPC': '1' } })
    await refused(204, 'opt-out', chunk(), { headers: { DNT: '1' } })
  })
  test('somebody else’s session 409 (S21)', async () => {
    const ids = { session: newId(), visitor: newId() }
    const first = await post(server.url, chunk(ids), { origin })
    assert.equal(first.status, 202)
    await refused(409, 'token', chunk({ ...ids, token: 'A'.repeat(32) }))
  })
  test('nothing of what was refused is stored', async () => {
    const list = await api.sessions(key)
    assert.equal(list.rows.length <= 2, true)
    const event = await post(server.url, chunk({ events: [pageView(origin + '/'), custom('x', 1)], count: 2 }), { origin })
    assert.equal(event.status, 202)
  })
  test('GET, PUT and DELETE on the chunks address 405', async () => {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      assert.equal((await fetch(server.url + '/v1/chunks', { method })).status, 405)
    }
  })
})
