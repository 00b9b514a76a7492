// The second line against hostile recordings (the server's is the first): every
// event passes here before rrweb builds anything from it. What is not known to be
// harmless is left out.

import { EventType, IncrementalSource, NodeType } from '@rrweb/types'
import { allowedData, cleanSheet, cleanStyle } from './css'

/** Json is an object of a recording, trusted in no way. */
type Json = Record<string, unknown>

/** Limits against recordings made to stall a browser (attack S14): nodes and depth
 * as the server's own check has them. */
export const limits = { nodes: 200_000, depth: 1_000, events: 500_000, attribute: 100_000 }

/** TooMuch is thrown when a recording passes a limit; its message is for people. */
export class TooMuch extends Error {}

const dropped = new Set(['script', 'noscript', 'template', 'meta', 'base', 'object', 'embed', 'applet', 'frame', 'frameset', 'param', 'portal', 'fencedframe', 'source', 'track', 'option', 'optgroup', 'datalist', 'title'])
const fields = new Set(['input', 'textarea', 'select'])
const tagShape = /^[a-z][a-z0-9_.:-]*$/i
const attributeShape = /^[a-z_][\w.:-]*$/i
const fragment = /^#[^\s]*$/

// Attributes that fetch, navigate, run or take the focus.
const refused = new Set(['srcdoc', 'srcset', 'imagesrcset', 'imagesizes', 'poster', 'data', 'action', 'formaction', 'background', 'ping', 'manifest', 'archive', 'codebase', 'classid', 'longdesc', 'nonce', 'integrity', 'autofocus', 'autoplay', 'attributionsrc', 'target', 'download', 'http-equiv', 'content', 'value', 'name', 'is', 'rr_src', 'rr_mediastate', 'rr_mediacurrenttime'])

function cleanAttribute(tag: string, key: string, value: unknown): unknown {
  const low = key.toLowerCase()
  if (!attributeShape.test(key) || low.startsWith('on') || refused.has(low)) return undefined
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value
  if (low === 'style' && typeof value === 'object') return cleanStyleObject(value as Json)
  if (typeof value !== 'string' || value.length > limits.attribute) return low === '_csstext' && typeof value === 'string' ? cleanSheet(value) : undefined
  if (low === '_csstext') return cleanSheet(value)
  if (low === 'style') return cleanStyle(value)
  if (low === 'src' || low === 'rr_dataurl') return tag !== 'iframe' && allowedData(value) ? value : undefined
  if (low === 'href' || low === 'xlink:href') return fragment.test(value) ? value : tag === 'image' || tag === 'feimage' ? undefined : '#'
  // Presentation attributes of SVG may hold url(); only fragments stay.
  if (/url\s*\(|\\/i.test(value) && /^(fill|stroke|filter|mask|clip-path|marker(-\w+)?|cursor)$/.test(low)) return /^url\(\s*["']?#[\w.-]+["']?\s*\)$/i.test(value.trim()) ? value : undefined
  return value
}

function cleanStyleObject(style: Json): Json {
  const kept: Json = {}
  for (const key of Object.keys(style)) {
    const value = style[key]
    if (!attributeShape.test(key) && !key.startsWith('--')) continue
    if (value === false) kept[key] = false
    else if (typeof value === 'string') kept[key] = cleanStyle(value)
    else if (Array.isArray(value) && typeof value[0] === 'string') kept[key] = [cleanStyle(value[0]), String(value[1] ?? '')]
  }
  return kept
}

function cleanAttributes(tag: string, given: unknown): Json {
  const kept: Json = {}
  if (typeof given !== 'object' || given === null) return kept
  for (const key of Object.keys(given)) {
    if (key === '__proto__' || key === 'constructor' || key === 'prototype') continue
    const value = cleanAttribute(tag, key, (given as Json)[key])
    if (value !== undefined) kept[key] = value
  }
  return kept
}

function drop(node: Json): void {
  node.tagName = 'fp-drop'
  node.attributes = {}
  node.childNodes = []
  delete node.isSVG
  delete node.isShadowHost
}

function field(node: Json, tag: string): void {
  const given = (node.attributes ?? {}) as Json
  const kind = tag === 'input' ? String(given.type ?? 'text') : tag
  const kept = cleanAttributes('fp-field', given)
  delete kept.type
  kept['data-fp-type'] = kind
  kept['data-fp-filled'] = typeof given.value === 'string' && given.value !== '' && kind !== 'checkbox' && kind !== 'radio' ? '1' : '0'
  if (given.checked === true || given.checked === '' || given.checked === 'true') kept['data-fp-checked'] = '1'
  node.tagName = 'fp-field'
  node.attributes = kept
  node.childNodes = []
}

/** Sanitiser keeps, over one recording, which text belongs to style sheets. */
export class Sanitiser {
  private styles = new Set<unknown>() // ids of style elements
  private css = new Set<unknown>() // ids of the texts within
  private nodes = 0
  private events = 0

  /** event gives the event to replay, or null when it has no place in a replay. */
  event(given: unknown): Json | null {
    if (typeof given !== 'object' || given === null) return null
    const event = given as Json
    if (++this.events > limits.events) throw new TooMuch(`The recording has more than ${limits.events} events.`)
    if (typeof event.timestamp !== 'number' || !Number.isFinite(event.timestamp)) return null
    const data = (typeof event.data === 'object' && event.data !== null ? event.data : {}) as Json
    switch (event.type) {
      case EventType.Load:
      case EventType.DomContentLoaded:
        return { type: event.type, data: {}, timestamp: event.timestamp }
      case EventType.Meta:
        return { type: EventType.Meta, data: { href: '', width: side(data.width), height: side(data.height) }, timestamp: event.timestamp }
      case EventType.FullSnapshot:
        this.styles.clear()
        this.css.clear()
        this.nodes = 0
        if (typeof data.node !== 'object' || data.node === null) return null
        this.tree(data.node as Json, null)
        return { type: EventType.FullSnapshot, data: { node: data.node, initialOffset: offset(data.initialOffset) }, timestamp: event.timestamp }
      case EventType.IncrementalSnapshot:
        return this.change(event, data)
      default:
        return null // custom and plug-in events
    }
  }

  private tree(root: Json, parent: unknown): void {
    const stack: { node: Json; parent: unknown; depth: number }[] = [{ node: root, parent, depth: 0 }]
    while (stack.length > 0) {
      const { node, parent: above, depth } = stack.pop()!
      if (++this.nodes > limits.nodes) throw new TooMuch(`The page has more than ${limits.nodes} nodes.`)
      if (depth > limits.depth) throw new TooMuch(`The page is nested more than ${limits.depth} deep.`)
      this.node(node, above)
      const children = Array.isArray(node.childNodes) ? (node.childNodes as Json[]) : []
      for (const child of children) if (typeof child === 'object' && child !== null) stack.push({ node: child, parent: node.id, depth: depth + 1 })
    }
  }

  private node(node: Json, parent: unknown): void {
    switch (node.type) {
      case NodeType.Element:
        return this.element(node)
      case NodeType.Text:
      case NodeType.CDATA:
        if (node.isStyle === true || this.styles.has(parent)) {
          this.css.add(node.id)
          node.textContent = cleanSheet(String(node.textContent ?? ''))
        } else node.textContent = String(node.textContent ?? '')
        return
      case NodeType.Comment:
        node.textContent = ''
        return
      case NodeType.Document:
      case NodeType.DocumentType:
        return
      default:
        node.type = NodeType.Comment
        node.textContent = ''
        delete node.childNodes
    }
  }

  private element(node: Json): void {
    const tag = String(node.tagName ?? '').toLowerCase()
    const given = (typeof node.attributes === 'object' && node.attributes !== null ? node.attributes : {}) as Json
    if (!tagShape.test(tag) || dropped.has(tag)) return drop(node)
    if (fields.has(tag)) return field(node, tag)
    if (tag === 'link') {
      if (typeof given._cssText !== 'string') return drop(node)
      node.attributes = { rel: 'stylesheet', _cssText: cleanSheet(given._cssText) }
      node.childNodes = []
      return
    }
    if (/^(set|animate|animatetransform|animatemotion)$/.test(tag) && /href/i.test(String(given.attributeName ?? ''))) return drop(node)
    if (tag === 'style') this.styles.add(node.id)
    delete node.isCustom // rrweb would define it; an unknown element looks the same
    node.attributes = cleanAttributes(tag, given)
  }

  private change(event: Json, data: Json): Json | null {
    const out = (kept: Json): Json => ({ type: EventType.IncrementalSnapshot, data: { source: data.source, ...kept }, timestamp: event.timestamp })
    switch (data.source) {
      case IncrementalSource.Mutation:
        return out(this.mutation(data))
      case IncrementalSource.MouseMove:
      case IncrementalSource.TouchMove:
      case IncrementalSource.Drag:
      case IncrementalSource.MouseInteraction:
      case IncrementalSource.Scroll:
      case IncrementalSource.Selection:
        return out(data)
      case IncrementalSource.ViewportResize:
        return out({ width: side(data.width), height: side(data.height) })
      case IncrementalSource.StyleSheetRule:
        return out({ ...data, adds: list(data.adds).map((a) => ({ ...a, rule: cleanSheet(String(a.rule ?? '')) })), replace: undefined, replaceSync: undefined })
      case IncrementalSource.StyleDeclaration:
        return out({ ...data, set: typeof data.set === 'object' && data.set !== null ? { ...data.set, value: cleanStyle(String((data.set as Json).value ?? '')) } : undefined })
      case IncrementalSource.AdoptedStyleSheet:
        return out({ ...data, styles: list(data.styles).map((s) => ({ ...s, rules: list(s.rules).map((r) => ({ ...r, rule: cleanSheet(String(r.rule ?? '')) })) })) })
      default:
        return null // values, media, canvas, fonts, logs, custom elements
    }
  }

  private mutation(data: Json): Json {
    const adds = list(data.adds)
    for (const add of adds) {
      if (typeof add.node !== 'object' || add.node === null) continue
      this.tree(add.node as Json, add.parentId)
    }
    const attributes = list(data.attributes).map((a) => ({ id: a.id, attributes: cleanAttributes('', a.attributes) }))
    const texts = list(data.texts).map((t) => ({ id: t.id, value: this.css.has(t.id) ? cleanSheet(String(t.value ?? '')) : t.value === null ? null : String(t.value ?? '') }))
    return { ...data, adds: adds.filter((a) => typeof a.node === 'object' && a.node !== null), attributes, texts, removes: list(data.removes) }
  }
}

const list = (value: unknown): Json[] => (Array.isArray(value) ? value.filter((v): v is Json => typeof v === 'object' && v !== null) : [])

// A viewport of a page: no browser goes beyond 16,384 pixels.
const side = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? Math.min(16_384, Math.max(1, Math.round(value))) : 1)

function offset(value: unknown): { left: number; top: number } {
  const v = (typeof value === 'object' && value !== null ? value : {}) as Json
  const n = (x: unknown) => (typeof x === 'number' && Number.isFinite(x) ? x : 0)
  return { left: n(v.left), top: n(v.top) }
}
