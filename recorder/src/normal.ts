// The normal form of a page: what a replay must show, line by line, so that the
// live page under its masking and the player's rebuilt page can be compared
// (docs/format/normal-form.md).
import { maskAttribute, maskClass, type Masker } from './mask/attributes.ts';
import { fieldFacts } from './mask/field.ts';
import { OUTSIDE, treat, within, type Around, type Treat } from './mask/region.ts';
import { clear, decodeTexts, normalise, shape, type Profile } from './mask/text.ts';
import { maskTag } from './mask/tree.ts';
import { fnv } from './ids.ts';

/** Mask says how one document is seen: through the masking, or as it is. */
export interface Mask extends Masker {
  /** raw: the document is a replay; nothing in it is masked again. */
  raw: boolean;
}

/** liveMask is the masking of a profile, with public texts in clear, as a player shows them. */
export function liveMask(profile: Profile, hashes = ''): Mask {
  const texts = decodeTexts(hashes);
  return {
    raw: false,
    text(s, c = {}) {
      if (!c.marked && texts.has(fnv(normalise(s)))) return s;
      return profile === 'strict' || c.marked ? shape(s, c.pre) : clear(s);
    },
  };
}

/** identity leaves everything as it is: for the player's document. */
export const identity: Mask = { raw: true, text: (s) => s };

// Without a place in the form: what is dropped, and what both sides rebuild in
// their own way (style sheets, titles).
const SKIP = /^(script|noscript|template|meta|base|link|style|title|datalist|optgroup|option|source|track|param|applet|frame|frameset|portal|fencedframe|bgsound|keygen|animate|animatemotion|animatetransform|set|discard|handler|listener|fp-drop)$/;
// Sizes of boxes follow each side's own layout; inline style is rewritten by browsers.
const UNSURE = /^(style|rr_.*|data-rr-.*|rel|xmlns.*)$/;
const SIZED = /^(img|video|audio|canvas|iframe|image|feimage|fp-box)$/;

/** normalForm walks a document or element in order; each line begins with its depth. */
export function normalForm(root: Document | Element, mask: Mask): string[] {
  const out: string[] = [];
  let text = '';
  let at = 0;
  const flush = (): void => {
    const s = normalise(text);
    if (s) out.push(`${at} "${s}"`);
    text = '';
  };
  const children = (n: Node, depth: number, a: Around): void => {
    for (let c = n.firstChild; c; c = c.nextSibling) {
      if (c.nodeType === 3) {
        at = depth;
        text += mask.raw ? c.nodeValue : mask.text(c.nodeValue || '', a);
      } else if (c.nodeType === 1) element(c as Element, depth, a);
    }
    flush();
  };
  const element = (el: Element, depth: number, a: Around): void => {
    const tag = el.localName.toLowerCase();
    const t: Treat = mask.raw ? 'plain' : treat(el);
    if (SKIP.test(tag) || t === 'drop') return;
    flush();
    out.push(`${depth} <${line(el, tag, t, a, mask)}>`);
    if (t === 'field' || t === 'box' || tag === 'fp-field' || tag === 'fp-box') return;
    const inner = mask.raw ? a : within(el, a);
    if (el.shadowRoot) {
      out.push(`${depth + 1} #shadow`);
      children(el.shadowRoot, depth + 2, inner);
    }
    if (tag === 'iframe') frame(el as HTMLIFrameElement, depth + 1, inner);
    else children(el, depth + 1, inner);
  };
  const frame = (el: HTMLIFrameElement, depth: number, a: Around): void => {
    let doc: Document | null = null;
    try {
      doc = el.contentDocument;
    } catch { /* another origin's frame is a box */ }
    const from = out.length;
    if (doc?.documentElement) element(doc.documentElement, depth + 1, a);
    // An empty document is what a frame has that could not be entered.
    if (out.length - from > 3) out.splice(from, 0, `${depth} #document`);
    else out.length = from;
  };
  if (root.nodeType === 9) children(root, 0, OUTSIDE);
  else element(root as Element, 0, OUTSIDE);
  return out;
}

function line(el: Element, tag: string, t: Treat, a: Around, mask: Mask): string {
  const ns = el.namespaceURI?.endsWith('/svg') ? 'svg:' : '';
  const name = t === 'field' ? 'fp-field' : t === 'box' ? 'fp-box' : ns + (mask.raw ? tag : maskTag(tag));
  const attributes = mask.raw ? raw(el) : masked(el, tag, t, a, mask);
  const kept = [...attributes]
    .filter(([k]) => !UNSURE.test(k) && !(/^(width|height)$/.test(k) && SIZED.test(tag)))
    .map(([k, v]): [string, string] => [k, k === 'class' ? classes(v) : k === 'href' && /^(a|area)$/.test(tag) ? '#' : normalise(v)])
    .filter(([k, v]) => k !== 'class' || v)
    .sort(([x], [y]) => (x < y ? -1 : 1));
  return [name, ...kept.map(([k, v]) => `${k}="${v}"`)].join(' ');
}

// The player marks what is hovered and what is paused with classes of its own.
const classes = (v: string): string => maskClass(v).split(' ').filter((c) => c && c !== ':hover' && !c.startsWith('rrweb')).join(' ');

function raw(el: Element): Map<string, string> {
  return new Map(Array.from(el.attributes, (x) => [x.name.toLowerCase(), x.value]));
}

function masked(el: Element, tag: string, t: Treat, a: Around, mask: Mask): Map<string, string> {
  const out = new Map<string, string>();
  if (t === 'box') return out.set('class', el.getAttribute('class') || '');
  const as = t === 'field' ? 'fp-field' : tag;
  for (const x of Array.from(el.attributes)) {
    const name = x.name.toLowerCase();
    const v = maskAttribute(mask, as, t, name, x.value, a);
    if (v !== null) out.set(name, v);
  }
  if (t === 'field') for (const [k, v] of Object.entries(fieldFacts(el, mask.text, a))) if (v !== null) out.set(k, v);
  return out;
}
