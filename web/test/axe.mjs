// axe-core over every screen and state, light and dark, wide and narrow: no
// violation, no error on the console (the policy's refusals show there), no
// sideways scrolling, and nothing of the hostile data runs.
//
//	node web/test/axe.mjs [screen…]

import { chromium } from 'playwright-core'
import { readFile } from 'node:fs/promises'
import { start } from './mock.mjs'
import { screens } from './screens.mjs'

const only = process.argv.slice(2)
const axe = await readFile(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8')
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-quic'] })
// Both themes and both layouts in two looks; FORMS=all takes the other pairs too.
const forms = [
  { width: 1440, height: 900, colorScheme: 'light' },
  { width: 390, height: 844, colorScheme: 'dark' },
  { width: 1440, height: 900, colorScheme: 'dark' },
  { width: 320, height: 640, colorScheme: 'light' },
].slice(0, process.env.FORMS === 'all' ? 4 : 2)
const wrong = []
let looked = 0

async function look(screen, form) {
  const { colorScheme, ...viewport } = form
  const mock = await start(screen.world)
  // The policy would stop axe's own script too; it is put in past it, the page's stays under it.
  const context = await browser.newContext({ viewport, colorScheme, reducedMotion: 'reduce' })
  const tab = await context.newPage()
  const where = `${screen.name} ${viewport.width} ${colorScheme}`
  tab.on('dialog', (d) => (wrong.push(`${where}: a dialog of the page's own opened: ${d.message()}`), d.dismiss()))
  tab.on('pageerror', (e) => wrong.push(`${where}: ${e.message}`))
  tab.on('console', (m) => m.type() === 'error' && !/status of (4\d\d|5\d\d)/.test(m.text()) && wrong.push(`${where}: ${m.text()}`))
  try {
    await tab.goto(new URL(screen.path, mock.address).href)
    await screen.act?.(tab)
    await tab.waitForTimeout(150)
    await tab.evaluate(axe)
    const { violations } = await tab.evaluate(() => window.axe.run(document, { iframes: false, runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }))
    for (const v of violations) for (const n of v.nodes) wrong.push(`${where}: ${v.id}: ${n.target.join(' ')}: ${n.failureSummary.replace(/\s+/g, ' ').slice(0, 200)}`)
    const wide = await tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    if (wide > 0) wrong.push(`${where}: scrolls ${wide} px sideways`)
  } catch (cause) {
    wrong.push(`${where}: ${cause.message.split('\n')[0]}`)
  }
  looked++
  await context.close()
  mock.stop()
}

for (const screen of screens) {
  if (only.length > 0 && !only.includes(screen.name)) continue
  for (const form of forms) await look(screen, form)
}
await browser.close()
if (looked === 0) wrong.push(`no screen is named ${only.join(', ')}`)
for (const line of wrong) console.log(line)
console.log(`axe: ${looked} looks at ${new Set(screens.map((s) => s.name)).size} screens and states, ${wrong.length} findings`)
process.exit(wrong.length > 0 ? 1 : 0)
