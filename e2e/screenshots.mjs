// Shoots every screen of a running demo into docs/screenshots: 1440 and 390 px
// wide, light and dark.
//
//   make screenshots
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { inStage, launch, root, Server, until } from './lib.mjs'

const to = join(root, 'docs', 'screenshots')
const widths = { 1440: 900, 390: 844 }
const schemes = ['light', 'dark']

const server = await Server.start({ command: 'demo' })
const browser = await launch()
try {
  await rm(to, { recursive: true, force: true })
  await mkdir(to, { recursive: true })
  const account = await until('the demo’s sign-in', () => {
    const name = server.output.match(/the name: (\S+)/)
    const password = server.output.match(/the password: (\S+)/)
    const site = server.output.match(/^Site:\s+(\S+)/m)
    return name && password && site && { name: name[1], password: password[1], site: site[1] }
  }, { timeout: 120_000 })
  for (const [width, height] of Object.entries(widths)) {
    for (const colorScheme of schemes) await shoot(Number(width), height, colorScheme, account)
  }
} finally {
  await browser.close()
  await server.dispose()
}

async function shoot(width, height, colorScheme, account) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme, locale: 'en-GB', timezoneId: 'Europe/London', reducedMotion: 'reduce' })
  const page = await context.newPage()
  const take = async (name, options = {}) => {
    await sleep(700)
    await page.screenshot({ path: join(to, `${name}-${width}-${colorScheme}.png`), ...options })
    console.log(`${name}-${width}-${colorScheme}.png`)
  }
  const visit = (path) => page.goto(server.url + path, { waitUntil: 'networkidle' })
  await page.goto(account.site, { waitUntil: 'networkidle' })
  await take('demo-site')
  await visit('/')
  await take('sign-in')
  await page.fill('#name', account.name)
  await page.fill('#password', account.password)
  await page.keyboard.press('Enter')
  await page.waitForSelector('#password', { state: 'detached' })
  await take('projects')
  const { projects } = await page.evaluate(() => fetch('/api/projects').then((r) => r.json()))
  const key = projects[0].key
  for (const screen of ['overview', 'sessions', 'install', 'settings']) {
    await visit(`/p/${key}${screen === 'overview' ? '' : `/${screen}`}`)
    await take(screen, { fullPage: screen === 'overview' && width > 1000 })
  }
  for (const screen of ['users', 'account', 'audit']) {
    await visit(`/${screen}`)
    await take(screen)
  }
  const { rows } = await page.evaluate((k) => fetch(`/api/projects/${k}/sessions?sort=-pages`).then((r) => r.json()), key)
  const best = rows.find((r) => r.hasReplay) ?? rows[0]
  await visit(`/p/${key}/sessions/${best.id}`)
  await until('the first page is drawn', () => inStage(page, (page) => page.body.innerText.length > 20))
  await page.keyboard.press('Space')
  await sleep(4000)
  await take('player')
  await context.close()
}
