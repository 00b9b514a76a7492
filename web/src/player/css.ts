// Style sheets of recorded pages: nothing in them may ask for anything, and
// selectors of form fields must meet the boxes that stand in their place.

/** Longest style sheet that is replayed, in characters; rrweb parses each with a
 * backtracking parser, so what is longer than any real sheet is left out. */
export const longestSheet = 3_000_000

const image = /^data:(image\/(png|jpe?g|gif|webp|avif|bmp|svg\+xml)|font\/[\w.+-]+|application\/(font-[\w-]+|x-font-[\w-]+))[;,]/i

/** allowedData says whether an address holds its own bytes, of a picture or font. */
export const allowedData = (address: string): boolean => image.test(address.trim())

// Functions whose arguments are addresses. "image-set" takes bare strings too.
const fetching = /^(url|src|image|image-set|-webkit-image-set|cross-fade|-webkit-cross-fade|element)$/i

const name = /[a-zA-Z0-9_\-\\\u0080-\uffff]/

interface Cursor {
  text: string
  at: number
}

function readString(c: Cursor): string {
  const quote = c.text[c.at]
  const from = c.at++
  while (c.at < c.text.length && c.text[c.at] !== quote && c.text[c.at] !== '\n') c.at += c.text[c.at] === '\\' ? 2 : 1
  c.at = Math.min(c.text.length, c.at + 1)
  return c.text.slice(from, c.at)
}

function readComment(c: Cursor): void {
  const end = c.text.indexOf('*/', c.at + 2)
  c.at = end < 0 ? c.text.length : end + 2
}

// An identifier may hide its letters: \75rl is url. Each escape is decoded.
function readName(c: Cursor): { raw: string; plain: string } {
  const from = c.at
  let plain = ''
  while (c.at < c.text.length && name.test(c.text[c.at]!)) {
    if (c.text[c.at] !== '\\') {
      plain += c.text[c.at++]
      continue
    }
    const hex = /^\\([0-9a-fA-F]{1,6})\s?/.exec(c.text.slice(c.at, c.at + 9))
    if (hex) {
      const code = parseInt(hex[1]!, 16)
      plain += code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd'
      c.at += hex[0].length
    } else {
      plain += c.text[c.at + 1] ?? ''
      c.at += 2
    }
  }
  return { raw: c.text.slice(from, c.at), plain }
}

// The arguments of a function, from its "(" to the matching ")".
function readArguments(c: Cursor): string {
  const from = ++c.at
  let depth = 1
  while (c.at < c.text.length && depth > 0) {
    const ch = c.text[c.at]
    if (ch === '"' || ch === "'") readString(c)
    else {
      if (ch === '\\') c.at++
      else if (ch === '(') depth++
      else if (ch === ')') depth--
      c.at++
    }
  }
  return c.text.slice(from, depth === 0 ? c.at - 1 : c.at)
}

const unquoted = (text: string): string => text.trim().replace(/^(['"])(.*)\1$/s, '$2')

const quoted = (text: string): string => `"${text.replace(/["\\\n]/g, '')}"`

// One step over the text; what may stay is returned.
function step(c: Cursor): string {
  const ch = c.text[c.at]!
  if (ch === '/' && c.text[c.at + 1] === '*') {
    readComment(c)
    return ' '
  }
  if (ch === '"' || ch === "'") return readString(c)
  if (ch === '@') {
    c.at++
    const { raw, plain } = readName(c)
    if (!/^(import|namespace|charset)$/i.test(plain)) return `@${raw}`
    while (c.at < c.text.length && c.text[c.at] !== ';' && c.text[c.at] !== '}') step(c)
    if (c.text[c.at] === ';') c.at++
    return ''
  }
  if (name.test(ch)) {
    const { raw, plain } = readName(c)
    if (c.text[c.at] !== '(' || !fetching.test(plain)) return raw
    const given = unquoted(readArguments(c))
    return /^(url|src)$/i.test(plain) && allowedData(given) ? `url(${quoted(given)})` : 'url("data:,")'
  }
  c.at++
  return ch
}

// The boxes that stand for each kind of field; ":where" leaves a rule's weight as it was.
const boxes: Record<string, string> = {
  input: 'fp-field:where(:not([data-fp-type="textarea"],[data-fp-type="select"],[data-fp-type="editable"]))',
  select: 'fp-field:where([data-fp-type="select"])',
  textarea: 'fp-field:where([data-fp-type="textarea"])',
}

// Selectors of fields, as the boxes that stand for them carry the same facts.
function fieldSelector(prelude: string): string {
  return prelude
    .replace(/(^|[\s,>+~(}])(input|select|textarea)(?![\w-])/gi, (_, before: string, tag: string) => before + boxes[tag.toLowerCase()])
    .replace(/\[\s*type\s*([~|^$*]?=)/gi, '[data-fp-type$1')
    .replace(/:checked(?![\w-])/gi, '[data-fp-checked="1"]')
}

/** cleanSheet empties every address and @import, and points field selectors at the boxes. */
export function cleanSheet(text: string): string {
  if (text.length > longestSheet) return ''
  const c: Cursor = { text, at: 0 }
  let out = ''
  let part = '' // since the last { ; or }
  while (c.at < c.text.length) {
    const ch = c.text[c.at]!
    const plain = ch === '{' || ch === '}' || ch === ';'
    const piece = step(c)
    part += piece
    if (!plain) continue
    out += ch === '{' && !/^\s*@/.test(part) ? fieldSelector(part) : part
    part = ''
  }
  return out + part
}

/** cleanStyle does the same for a style attribute or a single value. */
export function cleanStyle(text: string): string {
  if (text.length > longestSheet) return ''
  const c: Cursor = { text, at: 0 }
  let out = ''
  while (c.at < c.text.length) out += step(c)
  return out
}
