// Records the demo site with the real recorder in Chromium, for the made-up
// visitors of package synth: every page and every way on from it, by desktop and
// by phone, in both masking profiles.
//
//   footpath demo -fresh -empty            (in another terminal)
//   node internal/synth/record.mjs         (writes internal/synth/visits.json.gz)
//
// The first two arguments are the addresses of the strict and the smartlook site,
// if they are not the demo's own.
import { spawnSync } from 'node:child_process'
import { gunzipSync, gzipSync } from 'node:zlib'
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const here = dirname(fileURLToPath(import.meta.url))
const sites = { strict: process.argv[2] ?? 'http://localhost:4001', smartlook: process.argv[3] ?? 'http://127.0.0.1:4002' }
const screens = {
  desktop: { viewport: { width: 1366, height: 768 }, screen: { width: 1366, height: 768 } },
  mobile: { viewport: { width: 390, height: 844 }, screen: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
}

// What visitors do on a page before they go on: each function ends with the step
// that leaves the page. A journey is a list of [name of the page, what to do].
const dwell = (ms) => sleep(ms)
const link = (name) => async (v) => v.leave(v.page.locator('a', { hasText: name }).first())
const button = (name) => async (v) => v.leave(v.page.locator('main').getByRole('button', { name, exact: true }).first())
const read = (steps) => async (v) => {
  for (let i = 0; i < steps; i++) {
    await v.wander()
    await v.scroll(260)
    await dwell(350)
  }
}
const both = (...parts) => async (v) => { for (const p of parts) await p(v) }
const type = (label, text) => async (v) => {
  const field = v.page.getByLabel(label, { exact: true })
  await v.touch(field)
  await field.pressSequentially(text, { delay: 55 })
}
const pick = (label) => async (v) => v.touch(v.page.getByLabel(label, { exact: true }))
const stay = async (v) => { await v.wander(); await v.scroll(300); await dwell(700); await v.wander() }

const journeys = [
  [['start', both(read(2), link('Start now'))], ['work', both(pick('Extend a house'), button('Continue'))],
    ['you', both(type('Full name', 'Ann Other'), type('Email address', 'ann@example.org'), type('Postcode of the building', 'HM1 2AB'), button('Continue'))],
    ['details', both(type('Describe the work', 'A kitchen behind the house, four metres long.'), type('Day', '1'), type('Month', '3'), type('Year', '2099'), button('Continue'))],
    ['check', both(read(2), button('Send application'))], ['done', both(read(1), link('Back to the start'))], ['start', stay]],
  [['start', both(read(1), link('Start now'))], ['work', button('Continue')], ['work-error', both(pick('Convert a loft'), button('Continue'))],
    ['you', both(type('Full name', 'Madonna'), type('Email address', 'nobody'), button('Continue'))],
    ['you-error', both(type('Full name', ' Other'), type('Email address', '@example.org'), type('Postcode of the building', 'HM3 7RS'), button('Continue'))],
    ['details', both(type('Describe the work', 'Short'), type('Day', '31'), type('Month', '2'), type('Year', '2099'), button('Continue'))],
    ['details-error', both(type('Describe the work', ' loft room with two windows'), button('Continue'))],
    ['details-error', both(async (v) => v.page.getByLabel('Month', { exact: true }).fill(''), type('Month', '5'), button('Continue'))], ['check', stay]],
  [['start', both(read(3), async (v) => v.leave(v.page.getByRole('main').getByRole('link', { name: 'Find an application' })))], ['search', both(type('Postcode', 'HM1 2AB'), button('Search'))],
    ['results', both(read(2), async (v) => v.leave(v.page.locator('tbody a').first()))], ['application', both(read(1), link('Find another application'))],
    ['search', both(type('Postcode', 'HM4 4ZZ'), button('Search'))], ['none', stay]],
  [['search', both(type('Postcode', 'nowhere'), button('Search'))], ['search-error', both(async (v) => v.page.getByLabel('Postcode').fill(''), type('Postcode', 'HM2 1QP'), button('Search'))], ['results', stay]],
  [['search', async (v) => v.leave(v.page.locator('tbody a').nth(1))], ['application', both(read(1), async (v) => v.leave(v.page.getByRole('navigation', { name: 'Services' }).getByRole('link', { name: 'Guides' })))],
    ['guide', async (v) => v.leave(v.page.getByRole('main').getByRole('link', { name: 'Trees and hedges' }))], ['trees', both(read(3), link('Tell us about work on a tree'))],
    ['work', both(pick('Work on a protected tree'), button('Continue'))], ['you', stay]],
  [['start', both(read(2), link('Extensions and lofts'))], ['extensions', both(read(5), async (v) => v.touch(v.page.locator('summary')), read(2), link('Work out the fee'))],
    ['fees', both(read(1), pick('House'), async (v) => v.touch(v.page.getByRole('button', { name: 'Work out' })), async () => dwell(500), async (v) => v.leave(v.page.getByRole('link', { name: 'Apply', exact: true })))],
    ['work', both(pick('Put up a garage or shed'), stay)]],
  [['guide', async (v) => v.leave(v.page.getByRole('main').getByRole('link', { name: 'Extensions and lofts' }))], ['extensions', both(read(7), link('Apply for permission'))], ['work', stay]],
  [['start', both(read(2), async (v) => v.leave(v.page.getByRole('main').getByRole('link', { name: 'Fees' })))],
    ['fees', both(read(1), async (v) => v.touch(v.page.getByRole('button', { name: 'Work out' })), async () => dwell(800), async (v) => v.touch(v.page.getByRole('button', { name: 'Work out' })), async () => dwell(300), async (v) => v.touch(v.page.getByRole('button', { name: 'Work out' })), stay)]],
  [['guide', async (v) => v.leave(v.page.getByRole('main').getByRole('link', { name: 'Problems with the form' }))], ['messages', both(read(3), stay)]],
  [['start', link('Cookies')], ['cookies', both(read(4), stay)]],
  [['extensions', both(read(6), stay)]],
  [['trees', both(read(3), stay)]],
  [['start', both(stay, read(1))]],
  [['results', both(read(2), async (v) => v.leave(v.page.locator('tbody a').nth(1)))], ['application', both(stay, read(1))]],
]
const entry = { start: '/', search: '/search', guide: '/guide', extensions: '/guide/extensions', trees: '/guide/trees', results: '/search?postcode=HM1+2AB' }

/** One browser window with a person in it. */
class Visitor {
  constructor(page, phone) {
    this.page = page
    this.phone = phone
    this.seed = 7
  }

  random() {
    this.seed = (this.seed * 48271) % 2147483647
    return this.seed / 2147483647
  }

  async wander() {
    if (this.phone) return dwell(250)
    const { width, height } = this.page.viewportSize()
    await this.page.mouse.move(width * (0.2 + 0.6 * this.random()), height * (0.2 + 0.6 * this.random()), { steps: 12 })
    await dwell(150)
  }

  async scroll(by) {
    if (this.phone) await this.page.evaluate((y) => scrollBy({ top: y, behavior: 'smooth' }), by)
    else await this.page.mouse.wheel(0, by)
    await dwell(300)
  }

  async touch(target) {
    await target.scrollIntoViewIfNeeded()
    const box = await target.boundingBox()
    if (this.phone) return target.tap()
    // Near the start of the first line: a link's box may hold more than one.
    const x = box.x + Math.min(box.width * 0.4, 60)
    const y = box.y + Math.min(box.height / 2, 12)
    await this.page.mouse.move(x, y, { steps: 15 })
    await dwell(120)
    await this.page.mouse.click(x, y)
    await dwell(200)
  }

  async leave(target) {
    await dwell(300)
    const gone = this.page.waitForNavigation({ waitUntil: 'load' })
    await this.touch(target)
    await gone
  }
}

/** Unpacks an envelope: the ids that order it, and its events. */
function unpack(body) {
  const text = (from, to) => body.subarray(from, to).toString('latin1')
  const offset = { session: 24, record: 45, visitor: 66, seq: 88 }
  return {
    tierB: (body[2] & 1) === 1,
    record: text(offset.record, offset.record + 21),
    seq: body.readUInt32BE(offset.seq),
    events: gunzipSync(body.subarray(108 + body[3])).toString().trim().split('\n').map((line) => JSON.parse(line)),
  }
}

const blobs = []
const numbers = new Map()
/** The number of a JSON text in the common table: equal snapshots are kept once. */
function blob(value) {
  const text = JSON.stringify(value)
  if (!numbers.has(text)) {
    numbers.set(text, blobs.length)
    blobs.push(text)
  }
  return numbers.get(text)
}

/** A record as it is kept: times from its start, DOM events without their own time. */
function compact(chunks, origin) {
  // A chunk that was sent again on leaving is the same chunk.
  const events = [...new Map(chunks.map((c) => [c.seq, c])).values()].sort((a, b) => a.seq - b.seq).flatMap((c) => c.events)
  const start = events.find((e) => e.k === 'page').t
  return events.filter((e) => e.k !== 'consent').map((e) => {
    const data = JSON.parse(JSON.stringify(e.d).replaceAll(origin, 'http://site.invalid'))
    if (e.k === 'dom') delete data.timestamp
    return [e.t - start, e.k, blob(data)]
  }).sort((a, b) => a[0] - b[0])
}

const records = []
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] })
try {
  // The four kinds of visitors side by side: most of the time they read.
  await Promise.all(Object.entries(sites).flatMap(([profile, site]) => Object.entries(screens).map(async ([device, screen]) => {
    for (const journey of journeys) await follow(profile, site, device, screen, journey)
  })))
  records.sort((a, b) => `${a.profile} ${a.device} ${a.page} ${a.next}`.localeCompare(`${b.profile} ${b.device} ${b.page} ${b.next}`))
} finally {
  await browser.close()
}

async function follow(profile, site, device, screen, journey) {
  const context = await browser.newContext({ ...screen, locale: 'en-GB', timezoneId: 'Europe/London' })
  await context.addCookies([['cookies_policy', '%7B%22essential%22:true%2C%22usage%22:true%7D'], ['cookies_preferences_set', 'true']].map(([name, value]) => ({ name, value, url: site })))
  const page = await context.newPage()
  const seen = new Map() // record → chunks, in the order of the pages
  context.on('request', (r) => {
    if (r.method() !== 'POST' || !r.url().endsWith('/v1/chunks')) return
    const chunk = unpack(r.postDataBuffer())
    if (!seen.has(chunk.record)) seen.set(chunk.record, [])
    seen.get(chunk.record).push(chunk)
  })
  const visitor = new Visitor(page, device === 'mobile')
  await page.goto(site + entry[journey[0][0]], { waitUntil: 'load' })
  for (const [name, act] of journey) {
    await dwell(1900) // the recorder's second stage comes when the page is idle
    await act(visitor).catch((e) => { throw new Error(`${profile} ${device} ${name}: ${e.message}`) })
  }
  await dwell(800)
  await page.evaluate(() => { location.href = 'about:blank' })
  await dwell(600)
  const all = [...seen.values()]
  if (all.length !== journey.length) throw new Error(`${profile} ${device}: ${all.length} records of ${journey.length} pages`)
  all.forEach((chunks, i) => {
    const full = chunks.flatMap((c) => c.events).some((e) => e.k === 'dom' && e.d.type === 2)
    if (!full) throw new Error(`${profile} ${device} ${journey[i][0]}: no full snapshot`)
    records.push({ profile, device, page: journey[i][0], next: journey[i + 1]?.[0] ?? '', width: screen.viewport.width, height: screen.viewport.height, events: compact(chunks, new URL(site).origin) })
  })
  await context.close()
}

// The public texts by index: what the recordings name by number is kept in words,
// so that another version of the set can be used.
const learnt = spawnSync(process.env.FOOTPATH_BIN ?? 'bin/footpath', ['learn', '-list', '-delay', '-1ns', sites.strict + '/'], { encoding: 'utf8', maxBuffer: 1 << 24 })
if (learnt.status !== 0) throw new Error(learnt.stderr)
const texts = learnt.stdout.trimEnd().split('\n')
const packed = gzipSync(JSON.stringify({ texts, blobs, records }), { level: 9 })
writeFileSync(join(here, 'visits.json.gz'), packed)
console.log(`${records.length} records, ${blobs.length} texts of events, ${packed.length} bytes`)
