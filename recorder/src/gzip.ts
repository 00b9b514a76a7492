// A small synchronous gzip for the moments that cannot wait (the page is going)
// and for browsers without CompressionStream: LZ77 with one-entry hash chains and
// the fixed Huffman code of RFC 1951.
import { crc32 } from './envelope.ts';

const WINDOW = 32768;
const HASH = 1 << 14;

/** gzipSync compresses at once; the result is ordinary gzip. */
export function gzipSync(src: Uint8Array): Uint8Array {
  // A literal costs at most 9 bits; header and trailer are 18 bytes.
  const out = new Uint8Array(Math.ceil(src.length * 9 / 8) + 32);
  out.set([31, 139, 8, 0, 0, 0, 0, 0, 0, 255]);
  let at = 10;
  let bits = 0;
  let n = 0;
  const put = (v: number, len: number): void => {
    bits |= v << n;
    for (n += len; n > 7; n -= 8) {
      out[at++] = bits;
      bits >>>= 8;
    }
  };
  // Huffman codes go out with their first bit first.
  const code = (v: number, len: number): void => {
    let r = 0;
    for (let i = 0; i < len; i++) r |= ((v >> i) & 1) << (len - 1 - i);
    put(r, len);
  };
  const symbol = (s: number): void => {
    if (s < 144) code(48 + s, 8);
    else if (s < 256) code(256 + s, 9);
    else if (s < 280) code(s - 256, 7);
    else code(s - 88, 8);
  };
  const [lenOf, distOf] = tables();
  const head = new Int32Array(HASH).fill(-WINDOW);
  put(3, 3);
  let i = 0;
  while (i < src.length) {
    let len = 0;
    let dist = 0;
    if (i + 3 < src.length) {
      const h = (Math.imul(src[i] | (src[i + 1] << 8) | (src[i + 2] << 16) | (src[i + 3] << 24), 2654435761) >>> 18) & (HASH - 1);
      dist = i - head[h];
      head[h] = i;
      if (dist < WINDOW) {
        const max = Math.min(258, src.length - i);
        while (len < max && src[i + len] === src[i - dist + len]) len++;
      }
    }
    if (len > 3) {
      const [ls, le, lb] = pick(lenOf, len);
      symbol(257 + ls);
      put(len - lb, le);
      const [ds, de, db] = pick(distOf, dist);
      code(ds, 5);
      put(dist - db, de);
      i += len;
    } else symbol(src[i++]);
  }
  symbol(256);
  if (n) put(0, 8 - n);
  const view = new DataView(out.buffer);
  view.setUint32(at, crc32(src), true);
  view.setUint32(at + 4, src.length, true);
  return out.slice(0, at + 8);
}

type Row = [symbol: number, extra: number, base: number];
let made: [Row[], Row[]] | undefined;

// tables makes the base values of RFC 1951, 3.2.5: lengths from 3, distances from 1.
function tables(): [Row[], Row[]] {
  if (made) return made;
  const lens: Row[] = [];
  for (let s = 0, base = 3; s < 28; s++) {
    const extra = s < 8 ? 0 : (s >> 2) - 1;
    lens.push([s, extra, base]);
    base += 1 << extra;
  }
  lens.push([28, 0, 258]);
  const dists: Row[] = [];
  for (let s = 0, base = 1; s < 30; s++) {
    const extra = s < 4 ? 0 : (s >> 1) - 1;
    dists.push([s, extra, base]);
    base += 1 << extra;
  }
  return made = [lens, dists];
}

function pick(rows: Row[], v: number): Row {
  let i = rows.length;
  while (rows[--i][2] > v);
  return rows[i];
}

/** gzip compresses off the main path where the browser can. */
export async function gzip(src: Uint8Array): Promise<Uint8Array> {
  if (typeof CompressionStream === 'undefined') return gzipSync(src);
  const stream = new Blob([src as BlobPart]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** gunzip undoes gzip; only where a chunk has to be split. */
export async function gunzip(src: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([src as BlobPart]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
