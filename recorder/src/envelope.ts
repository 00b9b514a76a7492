// The envelope around a chunk: docs/format/envelope.md gives the bytes.
import { CODEC_RRWEB, HEADER_LEN, type Header } from './wire.ts';

let table: Uint32Array | undefined;

/** crc32 is the IEEE checksum of bytes, as gzip and the envelope want it. */
export function crc32(bytes: Uint8Array): number {
  if (!table) {
    table = new Uint32Array(256);
    for (let i = 0; i < 256; i++) {
      let c = i;
      for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
      table[i] = c;
    }
  }
  let crc = -1;
  for (const b of bytes) crc = table[(crc ^ b) & 255] ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** seal puts a header before a gzip payload. Identifiers are ASCII; an empty one is zero bytes. */
export function seal(h: Header, payload: Uint8Array): Uint8Array {
  const out = new Uint8Array(HEADER_LEN + h.token.length + payload.length);
  const view = new DataView(out.buffer);
  const ascii = (s: string, at: number): void => {
    for (let i = 0; i < s.length; i++) out[at + i] = s.charCodeAt(i);
  };
  out.set([1, CODEC_RRWEB, h.flags, h.token.length]);
  for (let i = 0; i < 20; i++) out[4 + i] = parseInt(h.project.substr(i * 2, 2), 16);
  ascii(h.session, 24);
  ascii(h.record, 45);
  ascii(h.visitor, 66);
  view.setUint32(88, h.seq);
  view.setUint32(92, h.events);
  view.setUint32(96, Math.floor(h.sentMs / 4294967296));
  view.setUint32(100, h.sentMs % 4294967296);
  view.setUint32(104, crc32(payload));
  ascii(h.token, HEADER_LEN);
  out.set(payload, HEADER_LEN + h.token.length);
  return out;
}

/** store wraps bytes (fewer than 64 KiB) as gzip without compressing: the smallest code that is valid gzip. */
export function store(bytes: Uint8Array): Uint8Array {
  const n = bytes.length;
  const out = new Uint8Array(n + 23);
  out.set([31, 139, 8, 0, 0, 0, 0, 0, 0, 255, 1, n & 255, n >> 8, ~n & 255, (~n >> 8) & 255]);
  out.set(bytes, 15);
  const view = new DataView(out.buffer);
  view.setUint32(n + 15, crc32(bytes), true);
  view.setUint32(n + 19, n, true);
  return out;
}
