// Makes testdata/record.json: what rrweb records of a small form page while a
// scripted visitor uses it. Run by hand when the page changes:
//
//	node web/test/record.mjs

import { chromium } from 'playwright-core'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'

const page = (title, body) => `<!doctype html><html lang="en"><head><title>${title}</title><style>
body{font:18px/1.5 Arial,sans-serif;margin:0;color:#0b0c0c}header{background:#10231b;color:#fff;padding:16px 32px;font-weight:700}
main{max-width:640px;margin:32px auto;padding:0 24px}h1{font-size:40px;line-height:1.1}label{display:block;font-weight:700;margin:16px 0 4px}
.input{width:100%;padding:8px;border:2px solid #0b0c0c;box-sizing:border-box;height:44px}.button{margin:24px 0;padding:10px 20px;background:#0b6148;color:#fff;border:0;font-size:18px}
.error{border-left:5px solid #b3261e;padding-left:16px;margin:16px 0;color:#b3261e}input[type="checkbox"]{width:24px;height:24px}input[type="checkbox"]:checked{outline:4px solid #ffd21f}
.hero{background:#e9efea url(/never.png);padding:16px}</style></head><body><header>Planning service</header><main>${body}</main></body></html>`

const pages = {
  '/start': page('Apply for planning permission', `<h1>Apply for planning permission</h1><div class="hero"><p>Use this service to apply.</p><ul>${'<li>You need a map of the site and the names of your neighbours.</li>'.repeat(14)}</ul></div><a class="button" href="#">Start now</a>`),
  '/form': page('Your address', `<h1>What is your address?</h1><form><label for="p">Postcode</label><input class="input" id="p"><label for="n">House name</label><input class="input" id="n"><label for="t">Describe the work</label><textarea class="input" id="t"></textarea><p><input type="checkbox" id="c"> I am the owner</p><label for="s">Kind</label><select id="s"><option>Extension</option><option>Loft</option></select><p><button class="button" type="button" onclick="document.querySelector('h1').insertAdjacentHTML('afterend','<p class=error>Enter a postcode that is in this area</p>')">Continue</button></p></form>`),
}

const server = createServer((request, response) => {
  response.setHeader('Content-Type', 'text/html; charset=utf-8')
  response.end(pages[request.url] ?? '')
})
await new Promise((done) => server.listen(0, '127.0.0.1', done))
const at = `http://127.0.0.1:${server.address().port}`
const script = await readFile(new URL('../../node_modules/@rrweb/record/dist/record.umd.min.cjs', import.meta.url), 'utf8')
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-quic'] })
const tab = await browser.newPage({ viewport: { width: 1100, height: 760 } })
const records = []

async function visit(path, act) {
  await tab.goto(at + path)
  await tab.evaluate(script)
  await tab.evaluate(() => {
    window.got = []
    ;(window.rrwebRecord?.record ?? window.rrweb.record)({ emit: (e) => window.got.push(e), maskAllInputs: true })
  })
  await act()
  records.push({ path, events: await tab.evaluate(() => window.got) })
}

const rest = (ms) => new Promise((done) => setTimeout(done, ms))
await visit('/start', async () => {
  await tab.mouse.move(300, 200, { steps: 8 })
  await rest(600)
  await tab.mouse.wheel(0, 500)
  await rest(900)
  await tab.mouse.move(420, 420, { steps: 12 })
  await tab.mouse.wheel(0, -300)
  await rest(8000) // read: an idle stretch to fold
  await tab.mouse.move(260, 480, { steps: 10 })
  await tab.click('.button')
  await rest(300)
})
await visit('/form', async () => {
  await tab.mouse.move(500, 300, { steps: 10 })
  await tab.click('#p')
  await tab.keyboard.type('AB1 2CD', { delay: 90 })
  await tab.click('#t')
  await tab.keyboard.type('A small shed', { delay: 60 })
  await tab.click('#c')
  await rest(500)
  await tab.click('.button')
  await rest(1500)
})
await browser.close()
server.close()
await writeFile(new URL('./testdata/record.json', import.meta.url), JSON.stringify(records))
