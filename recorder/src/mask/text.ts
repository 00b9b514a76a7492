// Rule T: what may be said about a text. docs/format/masking.md gives the rule.
import { fnv } from '../ids.ts';

// Made from their numbers, so that the built script is ASCII and means the same in
// whatever character set a page has it read. Like wire.TextMark and wire.TextEnd.
const [MARK, END] = [0xe000, 0xe001].map((c) => String.fromCharCode(c));

/** cutMasked bounds a masked text to n characters without cutting a mark in two. */
export function cutMasked(s: string, n: number): string {
  const cut = s.slice(0, n);
  const open = cut.lastIndexOf(MARK);
  return open > cut.lastIndexOf(END) ? cut.slice(0, open) : cut;
}

/** Profile says where the floor lies (ruling 4). */
export type Profile = 'strict' | 'smartlook';

/** TextContext says where a text stands. */
export interface TextContext {
  /** marked: the owner asked for masking here, so the strict rule holds in every profile. */
  marked?: boolean;
  /** pre: new lines are kept. */
  pre?: boolean;
}

/** bucket rounds a word's length, so that it names no word: 2, 5, 8 or 12. */
export const bucket = (n: number): number => (n < 4 ? 2 : n < 7 ? 5 : n < 11 ? 8 : 12);

function word(w: string): string {
  const tail = /[.,:;!?]$/.test(w) ? w.slice(-1) : '';
  const body = tail ? w.slice(0, -1) : w;
  if (!body) return tail;
  return (/^\d+$/.test(body) ? '0' : 'x').repeat(bucket(body.length)) + tail;
}

/** shape replaces every word of a text by its shape. */
export function shape(s: string, pre?: boolean): string {
  return s.replace(/\s+|\S+/g, (run) => {
    if (/\S/.test(run)) return word(run);
    return pre && run.includes('\n') ? run.replace(/[^\n]+/g, '') : ' ';
  });
}

/** clear is the smartlook profile's text: all but e-mail addresses, digits and what could pass for a mark. */
export function clear(s: string): string {
  return s
    .replace(/[^\s<>"'(),;]+@[^\s<>"'(),;]+/g, word)
    .replace(/\p{Nd}/gu, '0')
    .replace(/[\uE000-\uF8FF]/g, 'x');
}

/** normalise is the form in which texts are compared with the public set. */
export const normalise = (s: string): string => s.replace(/\s+/g, ' ').trim();

/** decodeTexts reads wire.Texts: base64 of little-endian uint32 hashes, in the order of their indexes. */
export function decodeTexts(h: string): Map<number, number> {
  const raw = atob(h);
  const out = new Map<number, number>();
  for (let i = 0; i + 3 < raw.length; i += 4) {
    const c = (n: number): number => raw.charCodeAt(i + n);
    const hash = (c(0) | (c(1) << 8) | (c(2) << 16) | (c(3) << 24)) >>> 0;
    if (!out.has(hash)) out.set(hash, i / 4);
  }
  return out;
}

/** TextRule applies rule T in one profile with one public text set. */
export type TextRule = (s: string, c?: TextContext) => string;

/** textRule makes the rule; every text that may leave the browser goes through it. */
export function textRule(profile: Profile, texts: Map<number, number>): TextRule {
  return (s, c = {}) => {
    if (!/\S/.test(s)) return shape(s, c.pre);
    const key = c.marked ? '' : normalise(s);
    const index = key && texts.size ? texts.get(fnv(key)) : undefined;
    if (index !== undefined) {
      return (/^\s/.test(s) ? ' ' : '') + MARK + index + END + (/\s$/.test(s) ? ' ' : '');
    }
    return profile === 'strict' || c.marked ? shape(s, c.pre) : clear(s);
  };
}
