// A recording that an attacker made by hand: every way we know by which a page
// fetches, navigates or runs, in its first picture and in later changes.

let next = 1
const el = (tagName, attributes = {}, ...childNodes) => ({ type: 2, id: next++, tagName, attributes, childNodes: childNodes.map((c) => (typeof c === 'string' ? { type: 3, id: next++, textContent: c } : c)) })

const sheet = (bait) => `
@import url(${bait}/import1); @import "${bait}/import2"; @\\69mport "${bait}/import3";
@font-face { font-family: x; src: url("${bait}/font") }
body { background: url(${bait}/bg); cursor: url('${bait}/cursor'), auto; font-family: x }
p { background: \\75rl(${bait}/escaped); list-style-image: u\\72l("${bait}/escaped2"); content: url(${bait}/content) }
h1 { background-image: image-set("${bait}/set" 1x, url(${bait}/set2) 2x); -webkit-mask-image: url(${bait}/mask) }
fp-field[data-fp-filled="1"] { background: url(${bait}/guess) }
div { background: url( "${bait}/a\\"b" ); border-image: -webkit-image-set(url(${bait}/bi) 1x) 1 }
`

const picture = (bait) => [
  el('script', {}, `alert('script'); fetch('${bait}/script')`), el('script', { src: `${bait}/script.js` }),
  el('img', { src: `${bait}/img`, srcset: `${bait}/srcset 2x`, onerror: "alert('img')" }), el('img', { rr_dataURL: `${bait}/rr`, rr_src: `${bait}/rr2` }),
  el('picture', {}, el('source', { srcset: `${bait}/source` }), el('img', { src: 'x', onerror: "alert('picture')" })),
  el('iframe', { src: "javascript:alert('frame')" }), el('iframe', { srcdoc: `<script>alert('srcdoc')</script><img src=${bait}/srcdoc>` }), el('iframe', { src: `${bait}/frame` }),
  el('object', { data: `${bait}/object` }), el('embed', { src: `${bait}/embed` }), el('video', { src: `${bait}/video`, poster: `${bait}/poster`, autoplay: '' }), el('audio', { src: `${bait}/audio` }),
  el('a', { href: "javascript:alert('a')", ping: `${bait}/ping` }, 'link'), el('form', { action: `${bait}/form` }, el('button', { formaction: "javascript:alert('b')", autofocus: '', onfocus: "alert('focus')" }, 'Go')),
  el('input', { type: 'image', src: `${bait}/image`, value: 'secret', autofocus: '', onfocus: "alert('input')" }), el('textarea', { value: 'secret' }, 'secret'),
  el('details', { open: '', ontoggle: "alert('toggle')" }, 'details'), el('table', { background: `${bait}/table` }), el('div', { style: `background:url(${bait}/style)`, onclick: "alert('c')" }, 'styled'),
  el('noscript', {}, `<img src=${bait}/noscript>`), el('template', {}, el('img', { src: `${bait}/template` })), el('portal', { src: `${bait}/portal` }),
  { ...el('svg', { onload: "alert('svg')" }, { ...el('script', {}, "alert('svg script')"), isSVG: true }, { ...el('image', { 'xlink:href': `${bait}/svgimage`, href: `${bait}/svgimage2` }), isSVG: true }, { ...el('use', { href: `${bait}/use#x` }), isSVG: true }, { ...el('animate', { attributeName: 'href', values: "javascript:alert('animate')", onbegin: "alert('begin')" }), isSVG: true }, { ...el('rect', { fill: `url(${bait}/fill)`, filter: `url(${bait}/filter#x)` }), isSVG: true }, { ...el('foreignObject', {}, el('img', { src: `${bait}/foreign` })), isSVG: true }), isSVG: true },
  el('form', { name: 'body' }, el('input', { name: 'parentNode' })), el('x-custom', { 'data-ok': '1' }), { ...el('x-made', {}), isCustom: true }, el('bad<tag', {}, 'x'),
  JSON.parse('{"type":2,"id":9001,"tagName":"div","attributes":{"__proto__":{"polluted":1},"constructor":"x","ok":"1"},"childNodes":[]}'), el('p', {}, 'still here'),
]

/** hostile gives the events, all addresses of which lead to the bait. */
export function hostile(bait, at) {
  next = 10
  const head = el('head', {}, el('base', { href: `${bait}/` }), el('meta', { 'http-equiv': 'refresh', content: `0;url=${bait}/meta` }), el('meta', { 'http-equiv': 'Content-Security-Policy', content: "default-src *" }), ...['stylesheet', 'preload', 'prefetch', 'preconnect', 'dns-prefetch', 'modulepreload', 'icon', 'manifest'].map((rel) => el('link', { rel, href: `${bait}/${rel}`, as: 'image' })), el('link', { rel: 'stylesheet', href: `${bait}/x`, _cssText: sheet(bait) }))
  const style = el('style', {}, sheet(bait))
  const target = el('div', { id: 'target' }, 'target')
  const body = el('body', { background: `${bait}/body`, onload: "alert('body')" }, style, target, ...picture(bait))
  const inc = (ms, data) => ({ type: 3, timestamp: at + ms, data })
  const change = (ms, more) => inc(ms, { source: 0, texts: [], attributes: [], removes: [], adds: [], ...more })
  return [
    { type: 4, data: { href: `${bait}/href`, width: 1000, height: 700 }, timestamp: at },
    { type: 2, data: { node: { type: 0, id: 1, childNodes: [{ type: 1, id: 2, name: 'html', publicId: '', systemId: '' }, { ...el('html', { manifest: `${bait}/manifest` }, head, body), id: 3 }] }, initialOffset: { left: 0, top: 0 } }, timestamp: at + 10 },
    change(200, { adds: picture(bait).map((node) => ({ parentId: target.id, nextId: null, node })) }),
    change(300, { attributes: [{ id: target.id, attributes: { onclick: "alert('later')", style: `background:url(${bait}/later)`, src: `${bait}/later2`, background: `${bait}/later3` } }, { id: target.id, attributes: { style: { 'background-image': `url(${bait}/object)`, width: ['10px', 'important'] } } }] }),
    change(400, { texts: [{ id: style.childNodes[0].id, value: sheet(bait) }, { id: target.childNodes[0].id, value: '<img src=x onerror=alert(1)> and changed' }] }),
    inc(500, { source: 8, id: style.id, adds: [{ rule: `h2{background:url(${bait}/insert)}`, index: 0 }] }),
    inc(600, { source: 13, id: style.id, index: [0], set: { property: 'background', value: `url(${bait}/declaration)` } }),
    inc(700, { source: 15, id: 1, styleIds: [1], styles: [{ styleId: 1, rules: [{ rule: `h3{background:url(${bait}/adopted)}`, index: 0 }] }] }),
    inc(800, { source: 9, id: target.id, type: 0, commands: [{ property: 'drawImage', args: [`${bait}/canvas`] }] }), inc(900, { source: 10, family: 'f', fontSource: `url(${bait}/fontface)`, buffer: false }),
    inc(1000, { source: 5, id: target.id, text: 'secret', isChecked: false }), inc(1100, { source: 7, id: target.id, type: 0 }),
    { type: 6, data: { plugin: 'rrweb/console@1', payload: { trace: [], payload: ["alert('x')"] } }, timestamp: at + 1200 }, { type: 5, data: { tag: 'x', payload: {} }, timestamp: at + 1300 }, null, 7, { type: 3, timestamp: at + 1400 }, { type: 3, timestamp: 'soon', data: { source: 0 } }, inc(4000, { source: 3, id: 1, x: 0, y: 0 }),
  ]
}
