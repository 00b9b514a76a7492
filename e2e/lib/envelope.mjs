// A client of the collector that is no browser: it writes envelopes by hand, from
// docs/format/envelope.md, so that the suites do not trust the recorder's own code.
import { randomBytes } from 'node:crypto'
import { crc32, gzipSync } from 'node:zlib'

/** Flags of a chunk. */
export const TIER_B = 1
export const LAST = 2
export const CONSENT = 8

/** A random id of 21 URL-safe characters. */
export const newId = () => randomBytes(16).toString('base64url').slice(0, 21)

// zlib.crc32 is newer than Node 20.11; the table is five lines.
const table = Uint32Array.from({ length: 256 }, (_, i) => {
  for (let k = 0; k < 8; k++) i = i & 1 ? (i >>> 1) ^ 0xedb88320 : i >>> 1
  return i
})

function sum(bytes) {
  if (crc32) return crc32(bytes)
  let crc = -1
  for (const b of bytes) crc = table[(crc ^ b) & 255] ^ (crc >>> 8)
  return ~crc >>> 0
}

/** The bytes of a chunk. */
export function envelope({ project, session = '', visitor = '', record, seq = 0, flags = TIER_B | CONSENT, sent = Date.now(), token = '', events, payload, count }) {
  const body = payload ?? gzipSync(events.map((e) => JSON.stringify(e) + '\n').join(''))
  const head = Buffer.alloc(108)
  head.set([1, 1, flags, token.length])
  head.write(project, 4, 'hex')
  head.write(session, 24, 'latin1')
  head.write(record, 45, 'latin1')
  head.write(visitor, 66, 'latin1')
  head.writeUInt32BE(seq, 88)
  head.writeUInt32BE(count ?? events?.length ?? 1, 92)
  head.writeBigUInt64BE(BigInt(sent), 96)
  head.writeUInt32BE(sum(body), 104)
  return Buffer.concat([head, Buffer.from(token), body])
}

/** Posts a body to the collector as the recorder does. */
export function post(url, body, { origin, type = 'text/plain', headers = {} } = {}) {
  return fetch(url + '/v1/chunks', {
    method: 'POST',
    headers: { 'Content-Type': type, ...(origin ? { Origin: origin } : {}), ...headers },
    body,
  })
}

/** A page view event. */
export function page(url, time = Date.now(), view = 0) {
  return { k: 'page', t: time, d: { v: view, u: url, ti: 'xxxxx', n: 'load', w: 1280, h: 800, s: 'large', l: 'en', tz: 'Europe/London' } }
}

/** A custom event whose number can be found again. */
export function custom(name, number, time = Date.now()) {
  return { k: 'custom', t: time, d: { v: 0, n: name, p: { number } } }
}
