// Pages whose replay must equal the live page, each with five steps. A step acts
// on the live page; after it the page is left alone for a moment, and that moment
// is one of the instants compared.

const page = (title, body, head = '') => ({ key, relay }) => `<!doctype html>
<html lang="en" data-key="${key}" data-relay="${relay}" data-choice="granted">
<head><meta charset="utf-8"><title>${title}</title>
<link rel="stylesheet" href="/truth.css">${head}
<script src="/e2e/smartlook.js" defer></script></head><body>${body}</body></html>`

const rows = (n, from = 0) => Array.from({ length: n }, (_, i) => `<tr id="r${from + i}"><td>${from + i}</td><td>Street ${from + i}</td><td class="num">${(from + i) * 7}</td></tr>`).join('')

/** A service's form: every kind of field, an error summary, details, a dialog. */
const form = {
  name: 'form',
  html: page('Your application', `
<a class="skip" href="#main">Skip to main content</a>
<header role="banner"><p>Planning service</p><nav aria-label="Service"><ul><li><a href="/">Home</a></li><li><a href="/help?ref=1#x">Help</a></li></ul></nav></header>
<main id="main"><h1>Your application</h1><div id="errors"></div>
<form novalidate><fieldset><legend>About you</legend>
<label for="a">Full name</label><input id="a" class="wide" value="Preset Name">
<label for="b">Email</label><input id="b" type="email" placeholder="name@example.org">
<label for="c">Date</label><input id="c" type="date"><input type="hidden" name="csrf" value="tok-99">
<label for="d">Password</label><input id="d" type="password">
<label><input type="radio" name="r" value="1"> Yes</label><label><input type="radio" name="r" value="0" checked> No</label>
<label><input id="chk" type="checkbox"> I agree</label>
<label for="e">Kind</label><select id="e"><option>Choose</option><optgroup label="Works"><option>Loft</option><option selected>Garage</option></optgroup></select>
<label for="f">Notes</label><textarea id="f">Existing notes</textarea>
<label for="g">Plans</label><input id="g" type="file"><progress id="p" value="2" max="9"></progress><meter value=".4"></meter>
<div id="h" contenteditable="true">Edit me</div><output id="o">12</output>
<input type="submit" value="Continue"><button type="button">Save for later</button></fieldset></form>
<details><summary>Help with this</summary><p>Some <em>nested <strong>help</strong></em> text.</p></details>
<dialog id="dlg"><h2>Are you sure?</h2><button>Yes</button></dialog>
<pre>line one
  line two</pre><p>Ends<br>with a break &amp; an entity &lt;b&gt;</p><img alt="A map" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" width="40" height="30">
</main><footer><p>© Footer</p></footer>`),
  steps: [
    async () => {},
    async (p) => {
      await p.fill('#a', 'Somebody Else')
      await p.fill('#f', 'typed words here')
      await p.check('#chk')
    },
    async (p) => p.evaluate(() => {
      document.getElementById('errors').innerHTML = '<div class="summary" role="alert" tabindex="-1"><h2>There is a problem</h2><ul><li><a href="#b">Enter an email</a></li></ul></div>'
      document.getElementById('b').setAttribute('aria-invalid', 'true')
      document.getElementById('b').insertAdjacentHTML('beforebegin', '<span class="error">Enter an email</span>')
      document.querySelector('details').open = true
    }),
    async (p) => p.evaluate(() => {
      document.getElementById('dlg').showModal()
      document.getElementById('e').add(new Option('Porch'))
      document.getElementById('d').type = 'text'
      document.getElementById('h').innerHTML = '<p>new <b>content</b></p>'
    }),
    async (p) => p.evaluate(() => {
      document.getElementById('dlg').close()
      const f = document.querySelector('form')
      f.replaceWith(Object.assign(document.createElement('p'), { textContent: 'Sent', className: 'done' }))
      document.querySelector('main').append(f)
      document.querySelector('fieldset').disabled = true
    }),
  ],
}

/** A table that is sorted, filtered, paged and grown. */
const table = {
  name: 'table',
  html: page('Applications', `<h1>Applications</h1><p>Showing <span id="n">40</span></p>
<table><caption>All</caption><thead><tr><th>No</th><th>Street</th><th>Units</th></tr></thead><tbody>${rows(40)}</tbody></table>`),
  steps: [
    async () => {},
    async (p) => p.evaluate(() => { // reverse by moving
      const body = document.querySelector('tbody')
      for (const r of [...body.rows].reverse()) body.append(r)
    }),
    async (p) => p.evaluate(() => { // filter, and text changed in place
      for (const r of [...document.querySelectorAll('tbody tr')]) if (Number(r.id.slice(1)) % 3) r.remove()
      document.getElementById('n').firstChild.data = '14'
      document.querySelectorAll('td.num').forEach((td) => (td.className = 'num hot'))
    }),
    async (p) => p.evaluate(() => { // grow at both ends, split a text node
      const body = document.querySelector('tbody')
      for (let i = 0; i < 60; i++) {
        const r = body.insertRow(i % 2 ? 0 : -1)
        r.insertCell().append('x', String(i), document.createComment('no'), 'y')
        r.insertCell().innerHTML = '<b>bold</b> tail'
      }
      document.querySelector('h1').firstChild.splitText(4)
    }),
    async (p) => p.evaluate(async () => { // many small changes in many tasks
      const body = document.querySelector('tbody')
      for (let round = 0; round < 20; round++) {
        const list = [...body.rows]
        body.insertBefore(list.at(-1), list[round % list.length])
        list[(round * 7) % list.length].remove()
        body.rows[0].cells[0].textContent = 'round ' + round
        if (round % 5 === 0) await new Promise((done) => setTimeout(done, 30))
      }
    }),
  ],
}

/** Custom elements with open shadow roots, slots, adopted sheets, nested roots. */
const shadow = {
  name: 'shadow',
  html: page('Components', `<h1>Components</h1><fp-card><span slot="title">Card title</span>Light words</fp-card><div id="late"></div>
<script src="/shadow.js"></script>`),
  script: `
class Card extends HTMLElement {
  connectedCallback() {
    if (this.shadowRoot) return
    const root = this.attachShadow({ mode: 'open' })
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(':host { display: block; border: 1px solid } p { color: rgb(0, 80, 0) }')
    root.adoptedStyleSheets = [sheet]
    root.innerHTML = '<style>h2 { margin: 0 }</style><h2><slot name="title"></slot></h2><p>Inside the shadow</p><slot></slot><div class="deep"></div>'
  }
}
customElements.define('fp-card', Card)
`,
  steps: [
    async () => {},
    async (p) => p.evaluate(() => {
      const root = document.querySelector('fp-card').shadowRoot
      root.querySelector('p').textContent = 'Changed inside'
      root.querySelector('.deep').attachShadow({ mode: 'open' }).innerHTML = '<b>nested root</b>'
    }),
    async (p) => p.evaluate(() => {
      for (let i = 0; i < 5; i++) document.getElementById('late').append(document.createElement('fp-card'))
    }),
    async (p) => p.evaluate(() => {
      const all = document.querySelectorAll('#late fp-card')
      all[1].remove()
      document.body.prepend(all[3])
      all[0].shadowRoot.querySelector('p').insertAdjacentHTML('afterend', '<input value="in the shadow"><p class="two">Two</p>')
    }),
    async (p) => p.evaluate(() => {
      const root = document.querySelector('fp-card').shadowRoot
      root.querySelector('.two')?.remove()
      root.append(Object.assign(document.createElement('em'), { textContent: 'last' }))
      const sheet = new CSSStyleSheet()
      sheet.replaceSync('em { color: rgb(120, 0, 0) }')
      root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet]
    }),
  ],
}

/** A frame of the same origin, its document changed and replaced. */
const frame = {
  name: 'iframe',
  html: page('Map', '<h1>Map</h1><iframe id="f" src="/inner" width="400" height="200" title="Inner"></iframe><p id="after">after</p>'),
  steps: [
    async () => {},
    async (p) => p.evaluate(() => {
      const d = document.getElementById('f').contentDocument
      d.querySelector('h2').textContent = 'Changed in the frame'
      d.body.insertAdjacentHTML('beforeend', '<ul><li>one<li>two</ul><input value="typed in a frame">')
    }),
    async (p) => p.evaluate(() => document.getElementById('after').insertAdjacentHTML('afterend', '<iframe id="g" src="/inner?2"></iframe>')),
    async (p) => p.evaluate(() => {
      document.getElementById('f').contentWindow.location.assign('/other')
    }),
    async (p) => p.evaluate(() => {
      document.getElementById('g').remove()
      document.getElementById('f').contentDocument.querySelector('p')?.setAttribute('class', 'seen')
    }),
  ],
}

/** SVG in the page: namespaces, case of names, use, text, foreignObject. */
const svg = {
  name: 'svg',
  html: page('Chart', `<h1>Chart</h1><svg id="s" viewBox="0 0 200 100" width="400" height="200" xmlns:xlink="http://www.w3.org/1999/xlink">
<defs><linearGradient id="lg"><stop offset="0" stop-color="red"/><stop offset="1" stop-color="blue"/></linearGradient><clipPath id="cp"><rect width="200" height="100"/></clipPath><symbol id="dot"><circle r="3"/></symbol></defs>
<title>Units by year</title><g clip-path="url(#cp)"><rect x="5" y="5" width="20" height="60" fill="url(#lg)"/><use xlink:href="#dot" x="9" y="9"/><text x="4" y="90" textLength="50">2019</text></g>
<foreignObject x="100" y="0" width="80" height="40"><p xmlns="http://www.w3.org/1999/xhtml">Legend</p></foreignObject></svg><math><mi>x</mi><mo>=</mo><mn>2</mn></math>`),
  steps: [
    async () => {},
    async (p) => p.evaluate(() => {
      const ns = 'http://www.w3.org/2000/svg'
      const g = document.querySelector('#s g')
      for (let i = 0; i < 8; i++) {
        const bar = document.createElementNS(ns, 'rect')
        for (const [k, v] of Object.entries({ x: 30 + i * 12, y: 90 - i * 9, width: 9, height: i * 9 })) bar.setAttribute(k, v)
        g.append(bar)
      }
    }),
    async (p) => p.evaluate(() => {
      document.querySelector('#s text').textContent = '2020'
      document.querySelector('#s').setAttribute('viewBox', '0 0 100 100')
    }),
    async (p) => p.evaluate(() => {
      document.querySelector('foreignObject p').insertAdjacentHTML('afterend', '<div>More <b>html</b></div>')
      document.querySelector('#s use').setAttributeNS('http://www.w3.org/1999/xlink', 'xlink:href', '#dot')
    }),
    async (p) => p.evaluate(() => {
      const copy = document.querySelector('#s').cloneNode(true)
      copy.removeAttribute('id')
      document.body.append(copy)
      document.querySelector('#s g').remove()
    }),
  ],
}

/** All of them. */
export const truths = [form, table, shadow, frame, svg]

/** The site of one of them, for startSite. */
export function truthSite(truth, settings) {
  return {
    '/': truth.html(settings),
    '/truth.css': () => ({ type: '.css', body: 'body { font-family: sans-serif; margin: 1rem } .num { text-align: right } .error::before { content: "Error: " } .hot { background: url(/x.png) } .skip:not(:focus) { position: absolute; left: -999em }' }),
    '/shadow.js': () => ({ type: '.js', body: truth.script ?? '' }),
    '/inner': '<!doctype html><html><head><title>Inner</title><style>h2 { color: rgb(0, 0, 120) }</style></head><body><h2>In the frame</h2><p>words</p></body></html>',
    '/other': '<!doctype html><html><body><p>Another document</p><button>Press</button></body></html>',
    '/x.png': () => ({ status: 404, body: '' }),
  }
}
