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
  await playerFrame(page)
}

/** The player's own document, once it has built a page. */
function playerFrame(page) {
  return until('the player', async () => {
    const frame = page.frames().find((f) => new URL(f.url(), 'http://x').pathname.includes('/player'))
    return frame && (await frame.evaluate(() => Boolean(document.querySelector('iframe')?.contentDocument?.body))) && frame
  }, { timeout: 20_000 })
}

/**
 * Calls fn(document, argument) on the rebuilt page. The stage runs no script, so
 * fn runs in the player's document around it. setup is script to run before.
 */
export async function inStage(page, fn, argument = null, setup = '') {
  const frame = await playerFrame(page)
  return frame.evaluate(`(() => { ${setup}; return (${fn})(document.querySelector('iframe').contentDocument, ${JSON.stringify(argument)}) })()`)
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
