// A serialised tree, masked. The live nodes say what each element is; the
// serialised form is copied field by field, so that nothing unknown passes.
import { maskAttribute, maskClass, type Masker } from './attributes.ts';
import { maskCSS, maskSheet } from './css.ts';
import { FIELD, fieldFacts } from './field.ts';
import { treat, within, type Around, type Treat } from './region.ts';
import type { NodeOf, SN } from './rrweb.ts';
import { plain } from '../url.ts';

/** State is what the masking remembers of the nodes it has let through. */
export interface State {
  /** swallowed holds ids of nodes that were never sent: the inside of fields and boxes. */
  swallowed: Set<number>;
  /** special holds the treatment of every sent element that is not plain. */
  special: Map<number, Treat>;
}

const NUMERIC = /^rr_(scrollLeft|scrollTop)$/;

/** swallow notes that a whole serialised subtree is not sent. */
export function swallow(sn: SN, s: State): void {
  s.swallowed.add(sn.id);
  for (const c of sn.childNodes || []) swallow(c, s);
}

/** maskTag keeps a tag name, unless it names something of the site's own that looks like an identifier. */
export const maskTag = (tag: string): string => (/^[a-z][a-z0-9:_-]*$/i.test(tag) && (!tag.includes('-') || plain(tag)) ? tag : 'fp-box');

/** box measures an element, in whole CSS pixels. */
export function box(el: Element): { width: string; height: string } {
  const r = el.getBoundingClientRect();
  return { width: String(Math.round(r.width)), height: String(Math.round(r.height)) };
}

/** maskTree masks one serialised node and all below it; null when nothing of it may be sent. */
export function maskTree(m: Masker, s: State, sn: SN, node: Node | null, a: Around, nodeOf: NodeOf): SN | null {
  if (a.gone) {
    swallow(sn, s);
    return null;
  }
  s.swallowed.delete(sn.id);
  const base: SN = { type: sn.type, id: sn.id };
  if (sn.rootId) base.rootId = sn.rootId;
  if (sn.isShadow) base.isShadow = true;
  switch (sn.type) {
    case 0:
      if (sn.compatMode) base.compatMode = sn.compatMode;
      base.childNodes = children(m, s, sn, a, nodeOf);
      return base;
    case 1:
      return { ...base, name: 'html', publicId: /^-\/\/W3C\/\/DTD [\w .]+\/\/EN$/.test(sn.publicId || '') ? sn.publicId : '', systemId: '' };
    case 2:
      return element(m, s, sn, base, node as Element | null, a, nodeOf);
    case 3:
      return { ...base, textContent: maskText(m, sn.textContent || '', a) };
    default:
      return { ...base, textContent: '' };
  }
}

/** maskText masks a text node's content by where it stands. */
export const maskText = (m: Masker, s: string, a: Around): string => (a.style ? maskSheet(s) : m.text(s, a));

function children(m: Masker, s: State, sn: SN, a: Around, nodeOf: NodeOf): SN[] {
  const out: SN[] = [];
  for (const c of sn.childNodes || []) {
    const x = maskTree(m, s, c, nodeOf(c.id), a, nodeOf);
    if (x) out.push(x);
  }
  return out;
}

function element(m: Masker, s: State, sn: SN, base: SN, el: Element | null, a: Around, nodeOf: NodeOf): SN {
  // An element we cannot look at is not looked into.
  const t: Treat = el ? treat(el) : 'drop';
  if (t === 'plain') s.special.delete(sn.id);
  else s.special.set(sn.id, t);
  if (!el || t === 'drop' || t === 'box' || t === 'field') {
    for (const c of sn.childNodes || []) swallow(c, s);
    return { ...base, ...stand(m, t, el, sn, a), childNodes: [] };
  }
  const tag = sn.tagName!;
  const attributes = maskAttributes(m, tag, t, sn.attributes || {}, a);
  if (t === 'media') Object.assign(attributes, box(el));
  base.tagName = maskTag(tag);
  base.attributes = attributes;
  if (sn.isSVG) base.isSVG = true;
  if (sn.isShadowHost) base.isShadowHost = true;
  base.childNodes = children(m, s, sn, within(el, a, t), nodeOf);
  return base;
}

// stand is the placeholder of an element that is not shown itself.
function stand(m: Masker, t: Treat, el: Element | null, sn: SN, a: Around): Partial<SN> {
  if (!el || t === 'drop') return { tagName: 'fp-drop', attributes: {} };
  const cls = maskClass(el.getAttribute('class') || '');
  if (t === 'box') {
    const b = box(el);
    return { tagName: 'fp-box', attributes: { class: cls, rr_width: b.width + 'px', rr_height: b.height + 'px' } };
  }
  const attributes = maskAttributes(m, FIELD, t, sn.attributes || {}, a);
  for (const [k, v] of Object.entries(fieldFacts(el, m.text, a))) if (v !== null) attributes[k] = v;
  return { tagName: FIELD, attributes };
}

/** maskAttributes masks a set of attributes of one element; what may not be sent is left out. */
export function maskAttributes(m: Masker, tag: string, t: Treat, raw: Record<string, unknown>, a: Around): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [name, v] of Object.entries(raw)) {
    const x = maskValue(m, tag, t, name, v, a);
    if (x !== undefined) out[name] = x;
  }
  return out;
}

/** maskValue masks one attribute as rrweb gives it: text, a number, a removal, or a set of style changes. */
export function maskValue(m: Masker, tag: string, t: Treat, name: string, v: unknown, a: Around): unknown {
  if (name === '_cssText' && typeof v === 'string') return maskCSS(v);
  if (name === 'rr_open_mode') return v === 'modal' || v === 'non-modal' ? v : undefined;
  if (NUMERIC.test(name)) return t === 'field' ? undefined : Number(v) || 0;
  if (/^(rr_|_|data-fp-|on)/.test(name)) return undefined;
  if (name === 'style' && v && typeof v === 'object') return t === 'field' ? undefined : maskStyles(v as Record<string, unknown>);
  if (v === null || v === false) return maskAttribute(m, tag, t, name.toLowerCase(), '', a) === null ? undefined : null;
  const text = v === true ? '' : String(v);
  return maskAttribute(m, tag, t, name.toLowerCase(), text, a) ?? undefined;
}

function maskStyles(v: Record<string, unknown>): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [p, x] of Object.entries(v)) {
    if (!plain(p)) continue;
    if (x === false) out[p] = false;
    else if (typeof x === 'string') out[p] = maskCSS(x);
    else if (Array.isArray(x)) out[p] = [maskCSS(String(x[0])), x[1] === 'important' ? 'important' : ''];
  }
  return out;
}
