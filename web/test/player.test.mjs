// The player against the mock: it plays, seeks, steps and folds by mouse and by
// key; and it stays shut against hostile recordings (attacks S1 to S8, S11 to S15),
// which here come straight to the dashboard, as if the server's own line had failed.
//
//	node --test web/test/player.test.mjs

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, test } from 'node:test'
import { chromium } from 'playwright-core'
import { project, rows } from './data.mjs'
import { hostile } from './hostile.mjs'
import { start } from './mock.mjs'

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-quic'] })
const where = (id, more = '') => `p/${project().key}/sessions/${id}${more}`
const plain = rows.find((r) => r.hasReplay && !r.live && r.gaps > 0)

const check = (name, world, run) => test(name, async () => {
  const mock = await start(world)
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  const tab = await context.newPage()
  const errors = []
  tab.on('pageerror', (e) => errors.push(e.message))
  tab.on('dialog', (d) => (errors.push(`dialog: ${d.message()}`), d.dismiss()))
  try {
    await run(tab, mock)
    assert.deepEqual(errors, [], 'no script of the recording ran, and none of ours failed')
  } finally {
    await context.close()
    mock.stop()
  }
})

after(async () => {
  canary.close()
  await browser.close()
})

const ready = (tab) => tab.locator('.button.play:enabled').waitFor()
const place = async (tab) => Number(await tab.getByRole('slider').getAttribute('aria-valuenow'))
const stage = (tab) => tab.frames().find((f) => f.url().includes('/player/'))
const replayed = (tab) => stage(tab).childFrames()[0]

check('plays, pauses, seeks and keeps the moment in the address', {}, async (tab, mock) => {
  await tab.goto(mock.address + where(plain.id))
  await ready(tab)
  assert.equal(await tab.getByRole('button', { name: 'Pause' }).count(), 0, 'it does not begin by itself')
  await tab.keyboard.press('Space')
  await tab.waitForFunction(() => Number(document.querySelector('[role=slider]').ariaValueNow) > 1000)
  await tab.keyboard.press('Space')
  const held = await place(tab)
  await tab.waitForTimeout(400)
  assert.equal(await place(tab), held, 'paused')
  assert.match(tab.url(), /record=.*&t=\d/)
  await tab.keyboard.press('ArrowRight')
  assert.ok((await place(tab)) > held, 'forward')
  await tab.keyboard.press('ArrowLeft')
  await tab.keyboard.press('ArrowLeft')
  assert.ok((await place(tab)) < held, 'back')
  await tab.keyboard.press('>')
  assert.equal(await tab.getByLabel('Speed').inputValue(), '2')
})

check('skips idle time, goes on to the next page, and ends', {}, async (tab, mock) => {
  await tab.goto(mock.address + where(plain.id))
  await ready(tab)
  const began = Date.now()
  await tab.keyboard.press('Space')
  await tab.getByRole('button', { name: 'Again' }).waitFor({ timeout: 30_000 })
  assert.ok(Date.now() - began < 13_000, `8 s of reading were skipped (${Date.now() - began} ms)`)
  assert.ok(await replayed(tab).evaluate(() => document.body.textContent.includes('Enter a postcode that is in this area')), 'the second page is shown as it ended')
})

check('steps and pages seek, gaps are named, the page without a picture cannot be chosen', {}, async (tab, mock) => {
  await tab.goto(mock.address + where(plain.id))
  await ready(tab)
  await tab.getByRole('button', { name: 'Submitted' }).click()
  await tab.waitForFunction(() => document.querySelector('.step.is-submit.current'))
  await tab.keyboard.press(',')
  await tab.waitForFunction(() => document.querySelector('.step.current')?.textContent.includes('Continue'))
  await tab.getByText('Chunks 4–6 never arrived').first().waitFor()
  await tab.getByRole('tab', { name: 'Pages' }).click()
  assert.ok(await tab.getByRole('button', { name: 'Check your answers' }).isDisabled())
})

check('fields are boxes that tell only whether they are filled', {}, async (tab, mock) => {
  await tab.goto(mock.address + where(plain.id, `?record=${plain.id}-1&t=0`))
  await ready(tab)
  const found = await replayed(tab).evaluate(() => ({ inputs: document.querySelectorAll('input,textarea,select').length, boxes: document.querySelectorAll('fp-field').length }))
  assert.deepEqual(found, { inputs: 0, boxes: 5 })
})

// A page whose style sheet names fields by their tags.
const field = (id, type) => ({ type: 2, id, tagName: 'fp-field', attributes: { 'data-fp-type': type, 'data-fp-filled': '0' }, childNodes: [] })
const styled = (at) => [
  { type: 4, data: { href: 'https://site.example/', width: 800, height: 600 }, timestamp: at },
  { type: 2, timestamp: at + 10, data: { initialOffset: { left: 0, top: 0 }, node: { type: 0, id: 1, childNodes: [{ type: 2, id: 2, tagName: 'html', attributes: {}, childNodes: [
    { type: 2, id: 3, tagName: 'head', attributes: {}, childNodes: [{ type: 2, id: 4, tagName: 'style', attributes: {}, childNodes: [{ type: 3, id: 5, textContent: 'textarea { min-height: 200px } input[type=text], select { border: 7px solid } select { height: 90px } input:focus, form > input { color: red }' }] }] },
    { type: 2, id: 6, tagName: 'body', attributes: {}, childNodes: [field(7, 'text'), field(8, 'textarea'), field(9, 'select'), field(10, 'email')] }] }] } } },
  { type: 3, timestamp: at + 4000, data: { source: 3, id: 1, x: 0, y: 0 } },
]

check('a sheet that styles fields by their tag reaches the boxes of that kind alone', { feed: () => JSON.stringify(styled(plain.start)) }, async (tab, mock) => {
  await tab.goto(mock.address + where(plain.id))
  await ready(tab)
  const found = await replayed(tab).evaluate(() => [...document.querySelectorAll('fp-field')].map((f) => [f.dataset.fpType, getComputedStyle(f).borderTopWidth, f.offsetHeight >= 200, f.offsetHeight === 90]))
  assert.deepEqual(found, [['text', '7px', false, false], ['textarea', '1px', true, false], ['select', '7px', false, true], ['email', '1px', false, false]])
})

// A canary that hears every packet that reaches it.
const heard = []
const canary = createServer((request, response) => (heard.push(request.url), response.end()))
canary.on('connection', () => heard.push('connection'))
await new Promise((done) => canary.listen(0, '127.0.0.1', done))
const bait = `http://127.0.0.1:${canary.address().port}`

check('a hostile recording asks for nothing and runs nothing', { feed: () => JSON.stringify(hostile(bait, plain.start)) }, async (tab, mock) => {
  await tab.goto(mock.address + where(plain.id))
  await ready(tab)
  await tab.keyboard.press('Space')
  await tab.waitForTimeout(2500)
  const frames = await stage(tab).evaluate(() => [...document.querySelectorAll('iframe')].map((f) => f.getAttribute('sandbox')))
  assert.deepEqual(frames, ['allow-same-origin'], 'one frame, without scripts')
  const left = await replayed(tab).evaluate(() => ({
    nodes: document.querySelectorAll('*').length, shown: document.body.textContent.includes('still here'), changed: document.body.textContent.includes('and changed'),
    bad: document.querySelectorAll('script,object,embed,base,meta,link,input,[onload],[onerror],[onclick],[srcdoc],[srcset],[poster],[action],[formaction],[background],iframe[src]').length,
    addresses: [...document.querySelectorAll('[src],[href]')].map((e) => e.getAttribute('src') ?? e.getAttribute('href')).filter((a) => !a.startsWith('#') && !a.startsWith('data:image/')),
    sheets: [...document.styleSheets].flatMap((s) => [...s.cssRules].map((r) => r.cssText)).filter((t) => t.includes('127.0.0.1')),
  }))
  assert.ok(left.nodes > 20 && left.shown && left.changed, `the page was built: ${JSON.stringify(left)}`)
  assert.deepEqual([left.bad, left.addresses, left.sheets], [0, [], []])
  assert.deepEqual(heard, [], 'the canary heard nothing')
  await tab.evaluate((at) => fetch(at, { mode: 'no-cors' }).catch(() => 0), bait) // the dashboard's own policy
  assert.deepEqual(heard, [], 'nor may the dashboard reach it')
  await (await fetch(bait)).text()
  assert.ok(heard.length > 0, 'and it can hear')
  assert.equal(await tab.evaluate(() => ({}).polluted), undefined)
  const box = await tab.locator('.stage').boundingBox()
  const on = await tab.evaluate(([x, y]) => document.elementFromPoint(x, y).className, [box.x + 40, box.y + 40])
  assert.equal(on, 'stage-click', 'the replay takes no click')
})

check('strangers who post messages are not heard', {}, async (tab, mock) => {
  await tab.goto(mock.address + where(plain.id))
  await ready(tab)
  await replayed(tab).evaluate(() => document.title) // it is there
  const before = await place(tab)
  await tab.evaluate((record) => postMessage({ for: 'footpath-player', body: { say: 'at', record, at: 9e15, playing: true } }, '*'), `${plain.id}-0`)
  await stage(tab).evaluate(() => postMessage({ for: 'footpath-player', body: { say: 'clear' } }, '*'))
  await tab.waitForTimeout(300)
  assert.equal(await place(tab), before)
  assert.ok(stage(tab).childFrames().length === 1, 'the stage is not cleared')
})

const wide = (n) => ({ type: 2, id: 3, tagName: 'div', attributes: {}, childNodes: Array.from({ length: n }, (_, i) => ({ type: 3, id: 10 + i, textContent: 'x' })) })
const nested = (n) => '{"type":2,"id":10,"tagName":"div","attributes":{},"childNodes":['.repeat(n) + ']}'.repeat(n)
const pageOf = (node) => [{ type: 4, data: { href: '', width: 1e9, height: -5 }, timestamp: plain.start }, { type: 2, data: { node: { type: 0, id: 1, childNodes: [{ type: 2, id: 2, tagName: 'html', attributes: {}, childNodes: [node] }] } }, timestamp: plain.start + 1 }, { type: 3, data: { source: 3, id: 1, x: 0, y: 0 }, timestamp: plain.start + 3e11 }]
for (const [name, events] of [['too many nodes', JSON.stringify(pageOf(wide(210_000)))], ['nesting too deep', JSON.stringify(pageOf('here')).replace('"here"', nested(4000))]]) {
  check(`a page with ${name} is refused in words`, { feed: () => events }, async (tab, mock) => {
    await tab.goto(mock.address + where(plain.id))
    await tab.getByText('This page cannot be played').waitFor({ timeout: 20_000 })
    assert.match(await tab.locator('.stage-note').innerText(), /more than|too deep/)
  })
}
check('a gap of ten years and an absurd window do not hang it', { feed: () => JSON.stringify(pageOf({ type: 2, id: 3, tagName: 'body', attributes: {}, childNodes: [] })) }, async (tab, mock) => {
  await tab.goto(mock.address + where(plain.id))
  await ready(tab)
  await tab.keyboard.press('Space')
  await tab.waitForTimeout(800)
  await tab.keyboard.press('Space')
  assert.ok((await place(tab)) >= 0)
})

check('a live session is followed as it grows', { grows: true }, async (tab, mock) => {
  await tab.goto(mock.address + where(rows[0].id))
  await ready(tab)
  await tab.getByRole('button', { name: 'Follow' }).waitFor()
  await tab.keyboard.press('Space')
  // Beyond what the first answer held, still on the first page.
  await tab.waitForFunction(() => /^0:(0[6-9]|1)/.test(document.querySelector('.clock').textContent) && document.querySelector('.step.current')?.textContent.includes('/apply0:00'), null, { timeout: 20_000 })
  assert.ok(mock.world.looks > 1, 'the detail is looked at again')
})

check('works below a path prefix', { prefix: '/measure' }, async (tab, mock) => {
  await tab.goto(mock.address + where(plain.id))
  await ready(tab)
  await tab.getByRole('link', { name: 'Overview' }).click()
  await tab.locator('.series canvas').waitFor()
  assert.match(tab.url(), /\/measure\/p\//)
})
