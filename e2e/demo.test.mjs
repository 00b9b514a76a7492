// What a newcomer sees: footpath demo, its site and its dashboard, alive without a
// visit; and one's own visit in the list within five seconds.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Api, desktop, inStage, launch, openPlayer, Server, signIn, skip, until, watch } from './lib.mjs'

const day = (ago) => new Date(Date.now() - ago * 864e5).toISOString().slice(0, 10)

describe('footpath demo', { skip }, () => {
  let server, browser, api, site, account

  before(async () => {
    server = await Server.start({ command: 'demo', args: ['-site', '127.0.0.1:0', '-site2', '127.0.0.1:0'] })
    browser = await launch()
    const said = (pattern) => server.output.match(pattern)?.[1]
    account = await until('the addresses', () => {
      const found = { name: said(/the name: (\S+)/), password: said(/the password: (\S+)/) }
      site = said(/^Site:\s+(\S+)/m)
      return site && found.name && found.password && found
    }, { timeout: 120_000 })
    api = new Api(server.url)
    await api.post('/api/login', account)
  })

  after(async () => {
    await browser?.close()
    await server?.dispose()
  })

  test('two projects, one strict with public texts, one as Smartlook, with history in both', async () => {
    const { projects } = await api.get('/api/projects')
    assert.deepEqual(projects.map((p) => p.profile).sort(), ['smartlook', 'strict'])
    for (const p of projects) {
      // The history is processed like any other data: from the journal, after the start.
      let last = -1
      const overview = await until(`the history of ${p.name}`, async () => {
        const o = await api.get(`/api/projects/${p.key}/overview?from=${day(27)}&to=${day(0)}`)
        const settled = o.totals.sessions > 30 && o.totals.sessions === last
        last = o.totals.sessions
        return settled && o
      }, { timeout: 90_000, every: 1500 })
      for (const list of ['pages', 'referrers', 'devices', 'browsers']) assert.ok(overview[list].length > 1, list)
    }
    const strict = projects.find((p) => p.profile === 'strict')
    assert.ok((await api.get(`/api/projects/${strict.key}/texts`)).set, 'a public text set was learned')
  })

  test('one’s own visit is in the list within five seconds, and its replay shows the public words and none typed', async () => {
    const { projects } = await api.get('/api/projects')
    const { key } = projects.find((p) => p.profile === 'strict')
    const before = (await api.sessions(key)).rows[0]
    const visitors = await browser.newContext(desktop)
    const seen = watch(visitors)
    const page = await visitors.newPage()
    await page.goto(site, { waitUntil: 'load' })
    assert.deepEqual((await visitors.cookies()).filter((c) => c.name.startsWith('SL_')), [], 'nothing before the choice')
    const agreed = Date.now()
    await page.locator('.choice button[value=yes]').click()
    const row = await until('the visit', async () => {
      const [newest] = (await api.sessions(key)).rows
      return newest.id !== before.id && newest.live && newest
    }, { timeout: 5000 })
    const took = Date.now() - agreed
    assert.ok(took <= 5000, `${took} ms`)
    await page.goto(new URL('/search', site).href, { waitUntil: 'load' })
    await page.locator('main input').first().fill('ZZ99 SECRET')
    await until('the second page', async () => (await api.sessions(key)).rows.find((r) => r.id === row.id).pages === 2)
    assert.deepEqual(seen.errors, [])
    await visitors.close()

    const context = await browser.newContext(desktop)
    const dashboard = await signIn(context, server, account)
    await openPlayer(dashboard, key, row.id)
    const text = await until('the page in words', async () => {
      const t = await inStage(dashboard, (page) => page.body.innerText)
      return t.length > 200 && t
    })
    assert.match(text, /planning/i, 'what the public can read is shown in clear')
    assert.equal(text.includes('SECRET'), false)
    console.log(`own visit in the list after ${took} ms`)
    await context.close()
  })
})
