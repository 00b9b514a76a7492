// Byte search: is a secret anywhere below a directory, in any plain encoding?
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** The ways a text may stand in a file, as [name, bytes]. */
export function encodings(text) {
  const utf8 = Buffer.from(text, 'utf8')
  const utf16 = Buffer.from(text, 'utf16le')
  const swapped = Buffer.from(utf16).swap16()
  const hex = utf8.toString('hex')
  const forms = [
    ['utf-8', utf8],
    ['utf-16le', utf16],
    ['utf-16be', swapped],
    ['hex', Buffer.from(hex)],
    ['hex, upper', Buffer.from(hex.toUpperCase())],
    ['percent, every byte', Buffer.from(hex.toUpperCase().replace(/../g, '%$&'))],
    ['percent', Buffer.from(encodeURIComponent(text))],
    ['form', Buffer.from(encodeURIComponent(text).replace(/%20/g, '+'))],
    ['json escapes', Buffer.from([...text].map((c) => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0')).join(''))],
    ['reversed', Buffer.from([...text].reverse().join(''))],
  ]
  for (const [name, bytes] of [['utf-8', utf8], ['utf-16le', utf16]]) {
    // Base64 looks different at each of the three alignments; the first and last
    // characters that neighbours could change are cut off.
    for (let shift = 0; shift < 3; shift++) {
      const whole = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64').replace(/=+$/, '')
      const sure = whole.slice(Math.ceil((shift * 4) / 3), whole.length - 1)
      forms.push([`base64 of ${name}, shift ${shift}`, Buffer.from(sure)])
      forms.push([`base64url of ${name}, shift ${shift}`, Buffer.from(sure.replaceAll('+', '-').replaceAll('/', '_'))])
    }
  }
  return forms
}

/** Every file below a directory. */
export async function files(dir) {
  const entries = await readdir(dir, { withFileTypes: true, recursive: true })
  return entries.filter((e) => e.isFile()).map((e) => join(e.parentPath ?? e.path, e.name))
}

/** Where any of the texts stands below the directories: ["file: encoding of text"]. */
export async function findBytes(dirs, texts) {
  const needles = texts.flatMap((text) => encodings(text).map(([name, bytes]) => ({ text, name, bytes })))
  const hits = []
  for (const dir of [dirs].flat()) {
    for (const file of await files(dir)) {
      const body = await readFile(file)
      for (const n of needles) {
        if (body.includes(n.bytes)) hits.push(`${file}: ${n.name} of ${n.text}`)
      }
    }
  }
  return hits
}
