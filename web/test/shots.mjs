// Pictures of every screen against the mock: node web/test/shots.mjs <folder> [name…]

import { chromium } from 'playwright-core'
import { mkdir } from 'node:fs/promises'
import { screens } from './screens.mjs'
import { start } from './mock.mjs'

const [folder, ...only] = process.argv.slice(2)
await mkdir(folder, { recursive: true })
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-quic'] })
for (const screen of screens) {
  if (only.length > 0 && !only.includes(screen.name)) continue
  for (const [width, height] of [[1440, 900], [390, 844]]) {
    for (const colorScheme of ['light', 'dark']) {
      const mock = await start(screen.world)
      const tab = await browser.newPage({ viewport: { width, height }, colorScheme })
      tab.on('console', (m) => ['error', 'warning'].includes(m.type()) && console.log(screen.name, m.text()))
      tab.on('pageerror', (e) => console.log(screen.name, e.message))
      await tab.goto(new URL(screen.path, mock.address).href)
      await screen.act?.(tab)
      await tab.waitForTimeout(400)
      await tab.screenshot({ path: `${folder}/${screen.name}-${width}-${colorScheme}.png`, fullPage: screen.full ?? true })
      await tab.close()
      mock.stop()
    }
  }
}
await browser.close()
