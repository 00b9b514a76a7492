// A team's first hour: the printed token, a project, the snippet on a page, the
// check that turns green, then overview, sessions and the player, by keyboard too.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Api, desktop, inStage, launch, openPlayer, owner, Server, skip, startSite, until, violations, watch } from './lib.mjs'

describe('the dashboard', { skip }, () => {
  let server, browser, context, page, seen, key, site, session

  before(async () => {
    server = await Server.start()
    browser = await launch()
    context = await browser.newContext(desktop)
    seen = watch(context)
    page = await context.newPage()
  })

  after(async () => {
    await browser?.close()
    await site?.close()
    await server?.dispose()
  })

  // Every screen: no axe violation, no console error, no policy violation.
  async function clean(what) {
    await sleep(400)
    assert.deepEqual(await violations(page), [], `axe on ${what}`)
    assert.deepEqual(seen.errors, [], `console on ${what}`)
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    assert.ok(wide <= 0, `${what} is ${wide} px wider than the window`)
  }

  test('set-up by the printed token; a wrong one is refused; there is no default password', async () => {
    await page.goto(server.url + '/', { waitUntil: 'load' })
    await page.waitForSelector('#token')
    await clean('set-up')
    await page.fill('#token', 'A'.repeat(22))
    await page.fill('#name', owner.name)
    await page.fill('#password', owner.password)
    await page.keyboard.press('Enter')
    await page.waitForSelector('[role=alert]')
    seen.errors.length = 0 // the browser reports the refused request itself
    await page.fill('#token', server.setupToken())
    await page.fill('#name', owner.name)
    await page.fill('#password', owner.password)
    await page.keyboard.press('Enter')
    await page.waitForSelector('#token', { state: 'detached' })
    await clean('no projects yet')
    const again = await new Api(server.url).post('/api/setup', { token: server.setupToken(), ...owner, name: 'second' }).catch((e) => e)
    assert.match(String(again), /40[0-9]/, 'the token works once')
  })

  test('a new project, its snippet, and the check that turns amber, then green', async () => {
    let html = ''
    const mode = { grant: false }
    site = await startSite({
      '/': () => ({ body: `<!doctype html><html lang="en"><head><title>Our site</title>${html}</head><body><h1>Our site</h1><p>Words</p><button id="b">Press</button>${mode.grant ? '<script>smartlook("consent","granted")</script>' : ''}</body></html>` }),
      '/two': () => ({ body: `<!doctype html><html lang="en"><head><title>Second</title>${html}</head><body><h1>Second</h1><button id="c">Again</button><script>smartlook("consent","granted")</script></body></html>` }),
    })
    await page.getByRole('link', { name: /new project|create|first project/i }).first().click()
    await page.waitForSelector('#domains')
    await clean('new project')
    await page.fill('#name', 'Our site')
    await page.fill('#domains', `site.localhost:${site.port}`)
    await page.fill('#purpose', 'See where people get stuck.')
    await page.getByRole('button', { name: 'Create project' }).click()
    await page.waitForURL(/\/p\/[0-9a-f]{40}\/install/)
    key = page.url().match(/\/p\/([0-9a-f]{40})/)[1]
    await page.waitForSelector('.pulse')
    assert.equal(await page.locator('.pulse.receiving, .pulse.waiting').count(), 0)
    await clean('install')

    // The customer pastes what the page shows. The test's browser is driven, so
    // automation is let in.
    const api = new Api(server.url)
    await api.post('/api/login', owner)
    const p = await api.patch(`/api/projects/${key}`, { bots: true, replay: true })
    assert.equal(p.replay, true)
    await sleep(1300) // the collector takes changes up within a second
    html = (await api.get(`/api/projects/${key}/snippet`)).html
    assert.ok((await page.textContent('main')).includes(html.trim().split('\n')[0].trim()), 'the snippet is on the page')

    const visitors = await browser.newContext(desktop)
    const visitor = await visitors.newPage()
    await visitor.goto(site.origin() + '/', { waitUntil: 'load' })
    await page.waitForSelector('.pulse.waiting', { timeout: 15_000 })
    mode.grant = true
    await visitor.goto(site.origin() + '/', { waitUntil: 'load' })
    await visitor.mouse.move(300, 300)
    await visitor.click('#b')
    await page.waitForSelector('.pulse.receiving', { timeout: 15_000 })
    await clean('install, receiving')
    await visitor.goto(site.origin() + '/two', { waitUntil: 'load' })
    await visitor.click('#c')
    await sleep(2500)
    await visitors.close()
    session = (await until('a session with two pages', async () => {
      const { rows } = await api.sessions(key)
      return rows.length === 1 && rows[0].pages === 2 && rows[0].clicks === 2 && rows[0]
    })).id
  })

  test('overview and sessions show it, within the state of the address', async () => {
    await page.goto(`${server.url}/p/${key}`, { waitUntil: 'load' })
    await until('figures', async () => /Page views\s*2/.test((await page.innerText('main')).replace(/\n/g, ' ')))
    await clean('overview')
    await page.goto(`${server.url}/p/${key}/sessions`, { waitUntil: 'load' })
    await page.waitForSelector(`a[href*="${session}"]`)
    await clean('sessions')
    await page.goto(`${server.url}/p/${key}/sessions?device=mobile`, { waitUntil: 'load' })
    await sleep(800)
    assert.equal(await page.locator(`a[href*="${session}"]`).count(), 0, 'the filter in the address holds')
    await clean('sessions, nothing found')
  })

  test('the player plays, seeks, changes speed and lists what happened, by keyboard', async () => {
    await openPlayer(page, key, session)
    await until('the page is rebuilt', () => inStage(page, (page) => Boolean(page.querySelector('h1'))))
    await clean('player')
    const body = await page.innerText('body')
    assert.match(body, /\/two/, 'the second page is listed')
    const position = () => page.locator('input[type=range]').first().inputValue().then(Number)
    const at = await position()
    await page.locator('body').press('Space')
    await until('it plays', async () => (await position()) > at)
    await page.locator('body').press('Space')
    await sleep(300)
    const held = await position()
    await sleep(700)
    assert.equal(await position(), held, 'it is paused')
    await page.locator('input[type=range]').first().press('Home')
    await until('it is at the start', async () => (await position()) <= 100)
    const control = page.frames().find((f) => f.url().includes('/player'))
    const hosts = new Set(seen.requests.map((r) => new URL(r.url).host))
    assert.ok(control)
    assert.equal([...hosts].filter((h) => h !== new URL(server.url).host).every((h) => h.includes('site.localhost')), true, `only our own hosts: ${[...hosts]}`)
    const fromStage = seen.requests.filter((r) => r.page.includes('/player') && !r.url.startsWith(server.url) && !r.url.startsWith('blob:') && !r.url.startsWith('data:'))
    assert.deepEqual(fromStage, [], 'the player asks nobody for anything')
  })

  test('settings and account are clean; signing out ends it', async () => {
    for (const where of [`/p/${key}/settings`, '/account', '/users', '/audit']) {
      await page.goto(server.url + where, { waitUntil: 'load' })
      await clean(where)
    }
    const keyboard = await page.evaluate(() => document.querySelectorAll('a[href], button, input, select, textarea').length)
    assert.ok(keyboard > 0)
  })

  test('every screen holds at 390 px', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    for (const where of ['/', `/p/${key}`, `/p/${key}/sessions`, `/p/${key}/sessions/${session}`, `/p/${key}/install`, `/p/${key}/settings`]) {
      await page.goto(server.url + where, { waitUntil: 'load' })
      await clean(`${where} at 390 px`)
    }
  })
})
