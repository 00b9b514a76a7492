// The dashboard as a person with a browser uses it.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { owner } from './api.mjs'
import { root } from './paths.mjs'
import { until } from './server.mjs'

/** Signs the owner in through the form; gives the page. */
export async function signIn(context, server, who = owner) {
  const page = await context.newPage()
  await page.goto(server.url + '/', { waitUntil: 'load' })
  await page.fill('#name', who.name)
  await page.fill('#password', who.password)
  await page.keyboard.press('Enter')
  await page.waitForSelector('#password', { state: 'detached' })
  return page
}

/** Opens the player of a session. */
export async function openPlayer(page, key, session, query = '') {
  const origin = new URL(page.url()).origin
  await page.goto(`${origin}/p/${key}/sessions/${session}${query}`, { waitUntil: 'load' })
  await stageFrame(page)
}

/** The frame in which the recorded page is rebuilt: the one inside /player/. */
export function stageFrame(page) {
  return until('the replay stage', () => {
    const player = page.frames().find((f) => new URL(f.url(), 'http://x').pathname.includes('/player'))
    return player?.childFrames()[0]
  }, { timeout: 20_000 })
}

let axe

/** Runs axe in a page's own frames and gives the violations in short form. */
export async function violations(page, { exclude = [] } = {}) {
  axe ??= await readFile(join(root, 'node_modules/axe-core/axe.min.js'), 'utf8')
  await page.evaluate(axe)
  const found = await page.evaluate(async (skipped) => {
    const { violations } = await window.axe.run({ exclude: skipped.map((s) => [s]) }, { iframes: false })
    return violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`)
  }, exclude)
  return found
}
