// Chunks that outlive their page: kept in local storage under one name, masked and
// compressed, until the next page sends them or their hour is over.
import { local, QUEUE_BYTES, QUEUE_LIFE, QUEUED } from './storage.ts';

/** Chunk is a compressed payload with the part of its header that never changes. */
export interface Chunk {
  session: string;
  visitor: string;
  record: string;
  flags: number;
  seq: number;
  events: number;
  token: string;
  payload: Uint8Array;
  /** cut is when the chunk was made, in milliseconds; it is given up an hour later. */
  cut: number;
}

interface Kept extends Omit<Chunk, 'payload'> {
  key: string;
  p: string;
}

const id = (c: { record: string; seq: number }): string => c.record + c.seq;

/** pack and unpack write bytes as base64. */
export function pack(b: Uint8Array): string {
  let s = '';
  for (let i = 0; i < b.length; i += 8192) s += String.fromCharCode(...b.subarray(i, i + 8192));
  return btoa(s);
}

/** unpack reads what pack wrote. */
export function unpack(s: string): Uint8Array {
  return Uint8Array.from(atob(s), (c) => c.charCodeAt(0));
}

/** keepable chooses what to keep: nothing older than an hour, the newest first, at most 1 MB in all. */
export function keepable<T extends { cut: number; p: string }>(all: T[], now: number): T[] {
  let room = QUEUE_BYTES - 2;
  const fresh = all.filter((k) => now - k.cut < QUEUE_LIFE && k.cut <= now + 6e4);
  const out: T[] = [];
  for (let i = fresh.length; i--;) {
    // 300 bytes stand for the header around the payload.
    room -= fresh[i].p.length + 300;
    if (room < 0) break;
    out.unshift(fresh[i]);
  }
  return out;
}

function read(): Kept[] {
  try {
    const v: unknown = JSON.parse(local(QUEUED) || '[]');
    return Array.isArray(v) ? v.filter((k) => k && typeof k.p === 'string' && typeof k.record === 'string') : [];
  } catch {
    return [];
  }
}

function write(all: Kept[]): void {
  local(QUEUED, all.length ? JSON.stringify(all) : null);
}

/** keep adds chunks to what is kept; it returns how many were too old or too many. */
export function keep(key: string, chunks: Chunk[], now: number): number {
  const mine = new Set(chunks.map(id));
  const all = [
    ...read().filter((k) => !mine.has(id(k))),
    ...chunks.map(({ payload, ...c }) => ({ ...c, key, p: pack(payload) })),
  ];
  const kept = keepable(all, now);
  write(kept);
  return all.length - kept.length;
}

/** kept gives what an earlier page of this project left, and forgets what is too old. */
export function kept(key: string, now: number): { chunks: Chunk[]; lost: number } {
  const all = read();
  const good = keepable(all, now).filter((k) => k.key === key);
  if (good.length < all.length) write(good);
  const chunks = good.map(({ p, key: _key, ...c }) => ({ ...c, payload: unpack(p) }));
  return { chunks, lost: all.length - good.length };
}

/** forget removes a chunk that is durable, or refused for good. */
export function forget(c: { record: string; seq: number }): void {
  const all = read();
  const rest = all.filter((k) => id(k) !== id(c));
  if (rest.length < all.length) write(rest);
}
