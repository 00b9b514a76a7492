// One rrweb event, masked, or null when nothing of it may be sent. A new kind of
// event is not sent until it is listed here.
import type { Masker } from './attributes.ts';
import { maskCSS } from './css.ts';
import { fieldFacts } from './field.ts';
import { around as look, CONTEXT, OUTSIDE, parentOf, treat, type Around, type Known } from './region.ts';
import type { AttributeChange, Mutation, NodeOf, Position, RR, SN } from './rrweb.ts';
import { maskText, maskTree, maskValue, type State } from './tree.ts';
import { maskURL } from '../url.ts';

/** EventMask masks the events of one record, in order. */
export interface EventMask {
  /** mask gives the event to send; stale is set when a subtree changed its nature and a new snapshot is due. */
  mask(e: RR): RR | null;
  /** fields re-reads every field that was sent and gives what changed since. */
  fields(): AttributeChange[];
  stale: boolean;
}

const num = (v: unknown): number => Math.round(Number(v) || 0);

/** eventMask makes a mask over a live document, found through nodeOf. */
export function eventMask(m: Masker, nodeOf: NodeOf, idOf: (n: Node) => number): EventMask {
  const s: State = { swallowed: new Set(), special: new Map() };
  const shown = new Map<number, string>();
  const known: Known = new Map();
  const around = (n: Node | null): Around => look(n, known);

  // target finds the nearest element that was sent, and whether it is private.
  const target = (id: number): { id: number; hidden: Element | null } => {
    let n = nodeOf(id);
    let hidden: Element | null = null;
    while (n) {
      const at = idOf(n);
      if (n.nodeType === 1 && treat(n as Element) === 'box') hidden = n as Element;
      if (at > 0 && !s.swallowed.has(at) && !around(parentOf(n)).gone) return { id: at, hidden };
      n = parentOf(n);
    }
    return { id: -1, hidden };
  };

  const place = <T extends { id: number; x: number; y: number }>(p: T): T => {
    const t = target(p.id);
    if (!t.hidden) return { ...p, id: t.id, x: num(p.x), y: num(p.y) };
    // Inside a private area only its centre is told: a key pad on screen is one.
    const r = t.hidden.getBoundingClientRect();
    return { ...p, id: t.id, x: num(r.left + r.width / 2), y: num(r.top + r.height / 2) };
  };

  const note = (sn: SN): void => {
    if (sn.tagName === 'fp-field') shown.set(sn.id, JSON.stringify(facts(sn.id)));
    for (const c of sn.childNodes || []) note(c);
  };
  const facts = (id: number): Record<string, string | null> => {
    const el = nodeOf(id) as Element;
    return fieldFacts(el, m.text, around(parentOf(el)));
  };

  const change = (c: AttributeChange): AttributeChange | null => {
    const el = nodeOf(c.id) as Element | null;
    if (!el || s.swallowed.has(c.id)) return null;
    const t = treat(el);
    if ((s.special.get(c.id) || 'plain') !== t || Object.keys(c.attributes).some((k) => CONTEXT.test(k) && k !== 'class' && k !== 'role')) out.stale = true;
    if ((s.special.get(c.id) || 'plain') !== t || t === 'drop' || t === 'box') return null;
    const a = around(parentOf(el));
    const attributes: Record<string, unknown> = {};
    for (const [k, v] of Object.entries(c.attributes)) {
      const x = maskValue(m, t === 'field' ? 'fp-field' : el.localName, t, k, v, a);
      if (x !== undefined) attributes[k] = x;
    }
    return Object.keys(attributes).length ? { id: c.id, attributes } : null;
  };

  let swept = 0;
  const sweep = (ms: number): AttributeChange[] => {
    const now = Date.now();
    if (now - swept < ms) return [];
    swept = now;
    return out.fields();
  };

  const mutation = (d: Mutation): Mutation | null => {
    const r: Mutation = { source: 0, texts: [], attributes: [], removes: [], adds: [] };
    if (d.isAttachIframe) {
      // A frame is told of while it is still empty, and again when it has loaded.
      if (!d.adds.some((x) => x.node.childNodes?.length)) return null;
      r.isAttachIframe = true;
    }
    for (const x of d.removes) {
      if (s.swallowed.delete(x.id)) continue;
      s.special.delete(x.id);
      shown.delete(x.id);
      r.removes.push(x.isShadow ? { id: x.id, parentId: x.parentId, isShadow: true } : { id: x.id, parentId: x.parentId });
    }
    for (const x of d.adds) {
      const a = around(nodeOf(x.parentId));
      if (s.swallowed.has(x.parentId)) a.gone || (out.stale = true);
      const node = maskTree(m, s, x.node, nodeOf(x.node.id), s.swallowed.has(x.parentId) ? { ...a, gone: true } : a, nodeOf);
      if (!node) continue;
      note(node);
      r.adds.push({ parentId: x.parentId, nextId: x.nextId !== null && s.swallowed.has(x.nextId) ? null : x.nextId, node });
    }
    for (const x of d.texts) {
      const n = nodeOf(x.id);
      const a = around(n && parentOf(n));
      if (n && !a.gone && !s.swallowed.has(x.id)) r.texts.push({ id: x.id, value: maskText(m, x.value || '', a) });
    }
    for (const x of d.attributes) {
      const y = change(x);
      if (y) r.attributes.push(y);
    }
    // A change of the page may have changed a field without an event of its own.
    if (d.attributes.length || d.adds.length) r.attributes.push(...sweep(500));
    return r.texts.length + r.attributes.length + r.removes.length + r.adds.length ? r : null;
  };

  const rules = (v: unknown): unknown => (v as { rule?: string; index?: unknown }[] | undefined)?.map((x) =>
    x.rule === undefined ? { index: x.index } : { rule: maskCSS(x.rule), index: x.index });

  const sheet = (d: Record<string, unknown>): Record<string, unknown> => {
    const r: Record<string, unknown> = { source: d.source };
    for (const k of ['id', 'styleId', 'index', 'styleIds']) if (d[k] !== undefined) r[k] = d[k];
    for (const k of ['replace', 'replaceSync']) if (typeof d[k] === 'string') r[k] = maskCSS(d[k]);
    for (const k of ['adds', 'removes']) if (d[k]) r[k] = rules(d[k]);
    if (d.styles) r.styles = (d.styles as { styleId: number; rules: unknown }[]).map((x) => ({ styleId: x.styleId, rules: rules(x.rules) }));
    const set = d.set as { property: string; value: string; priority?: string } | undefined;
    if (set) r.set = { property: maskCSS(set.property), value: maskCSS(set.value || ''), priority: set.priority ? 'important' : '' };
    const gone = d.remove as { property: string } | undefined;
    if (gone) r.remove = { property: maskCSS(gone.property) };
    return r;
  };

  const incremental = (d: Record<string, unknown>): Record<string, unknown> | null => {
    switch (d.source) {
      case 0:
        return mutation(d as unknown as Mutation) as unknown as Record<string, unknown> | null;
      case 1: case 6: case 12:
        return { source: d.source, positions: (d.positions as Position[]).map((p) => ({ ...place({ id: p.id, x: p.x, y: p.y }), timeOffset: num(p.timeOffset) })) };
      case 2: {
        const p = place({ id: Number(d.id), x: Number(d.x), y: Number(d.y) });
        return { source: 2, type: d.type, ...p, ...(typeof d.pointerType === 'number' ? { pointerType: d.pointerType } : {}) };
      }
      case 3: {
        const id = Number(d.id);
        // How far a field is scrolled follows what is in it.
        return s.swallowed.has(id) || s.special.has(id) ? null : { source: 3, id, x: num(d.x), y: num(d.y) };
      }
      case 4:
        return { source: 4, width: num(d.width), height: num(d.height) };
      case 5: {
        const attributes = out.fields();
        return attributes.length ? { source: 0, texts: [], attributes, removes: [], adds: [] } : null;
      }
      case 8: case 13: case 15:
        return sheet(d);
      default:
        return null;
    }
  };

  const out: EventMask = {
    stale: false,
    mask(e) {
      let data: Record<string, unknown> | null = {};
      known.clear();
      if (e.type === 2) {
        s.swallowed.clear();
        s.special.clear();
        shown.clear();
        out.stale = false;
        const sn = e.data.node as SN;
        const node = maskTree(m, s, sn, nodeOf(sn.id), OUTSIDE, nodeOf)!;
        note(node);
        const o = e.data.initialOffset as { left: number; top: number };
        data = { node, initialOffset: { left: num(o.left), top: num(o.top) } };
      } else if (e.type === 3) data = incremental(e.data);
      else if (e.type === 4) data = { href: maskURL(String(e.data.href)), width: num(e.data.width), height: num(e.data.height) };
      else if (e.type > 1) data = null;
      return data && { type: e.type, data, timestamp: e.timestamp };
    },
    fields() {
      known.clear();
      const changed: AttributeChange[] = [];
      for (const [id, before] of shown) {
        const el = nodeOf(id);
        if (!el || s.swallowed.has(id)) {
          shown.delete(id);
          continue;
        }
        if (!el.isConnected) continue;
        const now = facts(id);
        const text = JSON.stringify(now);
        if (text === before) continue;
        shown.set(id, text);
        const old = JSON.parse(before) as Record<string, string | null>;
        changed.push({ id, attributes: Object.fromEntries(Object.entries(now).filter(([k, v]) => v !== old[k])) });
      }
      return changed;
    },
  };
  return out;
}
