/** ID_LEN is the length of every identifier: 21 characters of a URL-safe alphabet, 126 bits. */
export const ID_LEN = 21;

/** newId makes a random identifier (wire.ID). */
export function newId(): string {
  let s = '';
  for (const b of crypto.getRandomValues(new Uint8Array(ID_LEN))) {
    s += 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'[b & 63];
  }
  return s;
}

/** isId says whether s has the shape of an identifier. */
export const isId = (s: string): boolean => /^[\w-]{21}$/.test(s);

/** isKey says whether s is a project key: 40 lower-case hexadecimal characters. */
export const isKey = (s: unknown): s is string => /^[0-9a-f]{40}$/.test(s as string);

/** fnv is FNV-1a with 32 bits over UTF-16 code units, low byte first (wire.Texts). */
export function fnv(s: string): number {
  let h = 2166136261;
  for (let i = 0; i < s.length; i++) {
    const c = s.charCodeAt(i);
    h = Math.imul(h ^ (c & 255), 16777619);
    h = Math.imul(h ^ (c >> 8), 16777619);
  }
  return h >>> 0;
}
