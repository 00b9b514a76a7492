// Ruling 12: the replay at an instant equals the live page at that instant, in
// normal form (docs/format/normal-form.md). The live page is read through the
// masking that the project uses; the replay is read as the player has built it.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { allow, bundle, desktop, inStage, launch, openPlayer, policy, project, Server, setUp, signIn, skip, startSite, until } from './lib.mjs'
import { truths, truthSite } from './pages/truth.mjs'
import { readFile } from 'node:fs/promises'

// How long a page is left alone before and after it is read: the player is sought
// to the middle of the pause.
const pause = 400

describe('the replay equals the live page', { skip }, () => {
  let server, api, browser, normal

  before(async () => {
    await bundle('e2e/pages/smartlook.js', 'smartlook.js')
    normal = await readFile(await bundle('recorder/src/normal.ts', 'normal.js', ['-global', 'footpathNormal']), 'utf8')
    server = await Server.start()
    api = await setUp(server)
    browser = await launch()
  })

  after(async () => {
    await browser?.close()
    await server?.dispose()
  })

  // Plays a visit; gives the live page's form and the time at each instant.
  async function visit(truth, key, profile) {
    const site = await startSite(truthSite(truth, { key, relay: server.url }), { csp: policy(server.url) })
    await allow(api, key, site)
    const context = await browser.newContext(desktop)
    try {
      const page = await context.newPage()
      await page.goto(site.origin() + '/', { waitUntil: 'load' })
      await until('recording', () => page.evaluate(() => window.smartlook.recordId))
      await sleep(1200) // the core is fetched when the page is idle
      const instants = []
      for (const step of truth.steps) {
        await step(page)
        await sleep(pause)
        instants.push(await page.evaluate(`(() => { ${normal}; return {
          time: Date.now(),
          live: footpathNormal.normalForm(document, footpathNormal.liveMask('${profile}')),
          elements: document.querySelectorAll('*').length,
        } })()`))
        await sleep(pause)
      }
      await page.evaluate(() => window.smartlook('track', 'end', { n: 1 }))
      await page.goto('about:blank') // the last chunk leaves with the page
      return instants
    } finally {
      await context.close()
      await site.close()
    }
  }

  // Seeks the player to each instant and reads what it has built.
  async function replay(key, instants) {
    const session = await until('the whole session', async () => {
      const { rows } = await api.sessions(key)
      return rows.length === 1 && rows[0].events.includes('end') && rows[0].hasReplay && rows[0]
    }, { timeout: 30_000 })
    const context = await browser.newContext({ ...desktop, viewport: { width: 1600, height: 1000 } })
    try {
      const page = await signIn(context, server)
      await openPlayer(page, key, session.id)
      await sleep(1000)
      const forms = []
      for (const { time } of instants) {
        await page.evaluate((at) => {
          const frame = [...document.querySelectorAll('iframe')].find((f) => new URL(f.src).pathname.includes('/player'))
          frame.contentWindow.postMessage({ for: 'footpath-player', body: { say: 'pause', at } }, location.origin)
        }, time)
        await sleep(600)
        forms.push(await inStage(page, (page) => ({
          form: footpathNormal.normalForm(page, footpathNormal.identity),
          elements: page.querySelectorAll('*').length,
        }), null, normal))
      }
      return forms
    } finally {
      await context.close()
    }
  }

  for (const profile of ['strict', 'smartlook']) {
    for (const truth of truths) {
      if (profile === 'smartlook' && truth.name !== 'form' && !process.env.FOOTPATH_ALL) continue
      test(`${truth.name}, ${profile}: five instants`, { timeout: 90_000 }, async () => {
        const signed = profile === 'smartlook' ? { profile, profileReason: 'test', profileUntil: new Date(Date.now() + 30 * 864e5).toISOString() } : {}
        const p = await project(api, { name: `${truth.name} ${profile}`, ...signed })
        assert.equal(p.profile, profile)
        const instants = await visit(truth, p.key, profile)
        const forms = await replay(p.key, instants)
        assert.equal(instants.length, 5)
        for (const [i, { live, elements }] of instants.entries()) {
          const { form, elements: rebuilt } = forms[i]
          // A comparison of little with little shows nothing.
          assert.ok(live.filter((l) => l.includes('<')).length >= elements / 2, `instant ${i}: the live form has too few elements`)
          assert.ok(rebuilt >= elements / 2, `instant ${i}: the player has ${rebuilt} of ${elements} elements`)
          assert.deepEqual(form, live, `instant ${i}`)
        }
        for (let i = 1; i < 5; i++) assert.notDeepEqual(instants[i].live, instants[i - 1].live, `step ${i} changes the page`)
      })
    }
  }
})
