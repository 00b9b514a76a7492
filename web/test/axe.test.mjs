// axe-core over every screen and state, light and dark, wide and narrow: no
// violation, no error on the console (the policy's refusals show there), no
// sideways scrolling, and nothing of the hostile data runs.
//
//	node --test web/test/axe.test.mjs	(SCREENS=a,b for some; FORMS=all for all)

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { chromium } from 'playwright-core'
import { start } from './mock.mjs'
import { screens } from './screens.mjs'

const axe = await readFile(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8')
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
// Both themes and both layouts in two looks; FORMS=all takes the other pairs too.
const forms = [
  { width: 1440, height: 900, colorScheme: 'light' },
  { width: 390, height: 844, colorScheme: 'dark' },
  { width: 1440, height: 900, colorScheme: 'dark' },
  { width: 320, height: 640, colorScheme: 'light' },
].slice(0, process.env.FORMS === 'all' ? 4 : 2)
const wanted = process.env.SCREENS?.split(',') ?? screens.map((s) => s.name)
let browser

// look gives what is wrong with a screen in one form.
async function look(screen, { colorScheme, ...viewport }) {
  const wrong = []
  const mock = await start(screen.world)
  const context = await browser.newContext({ viewport, colorScheme, reducedMotion: 'reduce' })
  const tab = await context.newPage()
  tab.on('dialog', (d) => (wrong.push(`a dialog of the page's own opened: ${d.message()}`), d.dismiss()))
  tab.on('pageerror', (e) => wrong.push(e.message))
  tab.on('console', (m) => m.type() === 'error' && !/status of (4|5)\d\d/.test(m.text()) && wrong.push(m.text()))
  try {
    await tab.goto(new URL(screen.path, mock.address).href)
    await screen.act?.(tab)
    await tab.waitForTimeout(150)
    await tab.evaluate(axe)
    const { violations } = await tab.evaluate((runOnly) => window.axe.run(document, { iframes: false, resultTypes: ['violations'], runOnly }), rules)
    for (const v of violations) for (const n of v.nodes) wrong.push(`${v.id}: ${n.target.join(' ')}: ${n.failureSummary.replace(/\s+/g, ' ').slice(0, 200)}`)
    const wide = await tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    if (wide > 0) wrong.push(`scrolls ${wide} px sideways`)
  } finally {
    await context.close()
    mock.stop()
  }
  return wrong.map((w) => `${viewport.width} ${colorScheme}: ${w}`)
}

describe('every screen is accessible', () => {
  before(async () => {
    browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-quic'] })
  })
  after(() => browser?.close())

  for (const screen of screens.filter((s) => wanted.includes(s.name))) {
    test(screen.name, async () => {
      const found = await Promise.all(forms.map((form) => look(screen, form)))
      assert.deepEqual(found.flat(), [])
    })
  }
})
