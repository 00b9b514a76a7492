// Chunks on their way: cut from events, compressed, sent one at a time, forgotten
// only when the collector says that they are durable (docs/format/envelope.md).
import type { Weight } from './capture.ts';
import { gunzip, gzip, gzipSync } from './gzip.ts';
import type { Handoff, Pending } from './handoff.ts';
import { forget, keep, kept, type Chunk } from './persist.ts';
import { FLAG_LAST, MAX_BODY, MAX_EVENTS, MAX_INFLATED } from './wire.ts';

const FIRST = 2000; // the first flush, milliseconds after the page view began,
const SETTLED = 500; // but not before the first snapshot has had this long
const EVERY = 5000;
// About 64 KB compressed: masked DOM as JSON compresses 6 to 8 times.
const RAW_FLUSH = 400_000;
// Browsers allow 64 KiB of keepalive bodies at a time; the envelope needs some of it.
const BEACON = 60_000;
// Header, token and the browser's own headers of a request, generously.
const OVERHEAD = 500;
// Hiding and unloading follow each other within this, in milliseconds.
const LEAVING = 1000;
// What may wait (recorder.md, Transport): moves go first, then the DOM replay.
const WAITING = 1 << 20;
const NO_MOVES = WAITING / 2;
const NO_DOM = WAITING * 7 / 8;
const AGAIN = WAITING / 4;

interface Line {
  s: string;
  w: Weight | '';
}

/** Hooks are what the transport asks of the recorder. */
export interface Hooks {
  /** before is called ahead of every cut, so that running totals can be added. */
  before(): void;
  /** renew starts a new session and record: the collector no longer takes this one. */
  renew(): void;
  /** resync asks for a fresh snapshot after the DOM stream had a hole. */
  resync(): void;
}

/** Transport takes events and sees them to the collector. */
export interface Transport {
  add(e: Pending, w?: Weight): void;
  lost(what: string, n?: number): void;
  /** leave sends what it can at once and keeps the rest for the next page. */
  leave(): void;
  /** cut ends the chunk of the present record, before its ids change. */
  cut(): void;
  /** begin starts a record under the hand-off's present ids. */
  begin(): void;
  stop(drop: boolean): void;
}

/** transport makes the transport of one hand-off. */
export function transport(h: Handoff, hooks: Hooks): Transport {
  const encoder = new TextEncoder();
  let lines: Line[] = [];
  let raw = 0;
  let queue: Chunk[] = []; // oldest first; seq -1 until first sent or kept
  let seq = h.seq;
  let inflight: Chunk | undefined;
  let compressing: Line[] | undefined;
  let turn = 0; // counts compressions, so that a late result is known as such
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wait = 0; // not before this time, after a refusal
  let tries = 0;
  let hole = false;
  let stopped = false;
  let losses: Record<string, number> = {};
  let left = 0; // when the page last seemed to go
  const beaconed = new WeakMap<Chunk, number>(); // sent while the page was going, and when
  const halves = new WeakSet<Chunk>(); // already split once

  const waiting = (): number => queue.reduce((n, c) => n + c.payload.length, raw / 7);
  const lost = (what: string, n = 1): void => { if (n > 0) losses[what] = (losses[what] || 0) + n; };
  const schedule = (ms: number): void => {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(flush, ms);
  };

  function add(e: Pending, w: Weight | '' = ''): void {
    if (stopped) return;
    const full = w ? waiting() : 0;
    if (w === 'move' && full > NO_MOVES) return lost('move');
    if (w === 'dom') {
      if (hole && full < AGAIN) {
        hole = false;
        setTimeout(hooks.resync);
      }
      if (hole || full > NO_DOM) {
        hole = true;
        return lost('dom');
      }
    } else if (hole && w === 'move') return lost('move');
    const s = JSON.stringify(e) + '\n';
    if (s.length > MAX_INFLATED / 2) {
      hole = true;
      return lost('large');
    }
    lines.push({ s, w });
    raw += s.length;
    if (raw > RAW_FLUSH) schedule(0);
  }

  const tally = (): void => {
    hooks.before();
    if (Object.keys(losses).length) {
      const what = losses;
      losses = {};
      lines.push({ s: JSON.stringify({ k: 'lost', t: Date.now(), d: { w: what } }) + '\n', w: '' });
    }
  };
  const take = (): Line[] => {
    let n = 0;
    let size = 0;
    while (n < lines.length && n < MAX_EVENTS - 1 && size + lines[n].s.length < MAX_INFLATED / 2) size += lines[n++].s.length;
    const part = lines.splice(0, n);
    raw -= size;
    if (!lines.length) raw = 0;
    return part;
  };
  const bytes = (part: Line[]): Uint8Array => encoder.encode(part.map((l) => l.s).join(''));
  const chunk = (payload: Uint8Array, events: number, last: boolean): Chunk => ({
    session: h.token.session, visitor: h.token.visitor, record: h.record, token: '',
    flags: h.flags | (last ? FLAG_LAST : 0), seq: -1, events, payload, cut: Date.now(),
  });
  const push = (c: Chunk): void => {
    if (c.payload.length > MAX_BODY) {
      hole = true;
      return lost('large', c.events);
    }
    queue.push(c);
    while (waiting() > WAITING && queue.length > 1 && queue[0] !== inflight) {
      const old = queue.shift()!;
      if (old.seq >= 0) forget(old);
      lost('oldest', old.events);
      hole = true;
    }
  };
  const number = (c: Chunk): void => {
    if (c.seq < 0) c.seq = seq++;
  };

  // cut compresses at once all that is pending, also what a compression under way holds.
  function cut(last = false): void {
    const now = compressing;
    turn++;
    compressing = undefined;
    if (now) push(chunk(gzipSync(bytes(now)), now.length, false));
    tally();
    for (;;) {
      const part = take();
      if (!part.length) return;
      push(chunk(gzipSync(bytes(part)), part.length, last && !lines.length));
    }
  }

  async function flush(): Promise<void> {
    schedule(EVERY);
    if (compressing || stopped) return;
    tally();
    const part = take();
    if (part.length) {
      compressing = part;
      const mine = ++turn;
      let payload: Uint8Array;
      try {
        payload = await gzip(bytes(part));
      } catch {
        payload = gzipSync(bytes(part));
      }
      if (mine !== turn || stopped) return;
      compressing = undefined;
      push(chunk(payload, part.length, false));
    }
    send();
    if (raw > RAW_FLUSH) schedule(0);
  }

  const current = (c: Chunk): boolean => c.session === h.token.session;
  const post = (c: Chunk): Promise<Response> => {
    number(c);
    const token = current(c) ? h.token.bound : c.token;
    const body = h.seal({ ...c, project: h.key, sentMs: Date.now(), token }, c.payload);
    return fetch(h.host + '/v1/chunks', {
      method: 'POST', body: body as BlobPart as Blob, credentials: 'omit', referrerPolicy: 'no-referrer',
      keepalive: body.length < BEACON, headers: { 'Content-Type': 'text/plain' },
    });
  };

  function send(): void {
    const c = queue[0];
    if (stopped || inflight || !c || Date.now() < wait) return;
    inflight = c;
    post(c).then((r) => answer(c, r), () => retry(0)).catch(() => retry(0)).then(() => {
      inflight = undefined;
      if (!stopped && queue.length) {
        if (wait > Date.now()) schedule(wait - Date.now());
        else send();
      }
    });
  }

  const drop = (c: Chunk): void => {
    queue = queue.filter((x) => x !== c);
    forget(c);
  };

  function retry(after: number): void {
    // Doubling from a second to a minute, with jitter, so that visitors do not come back together.
    const back = Math.min(60_000, 1000 * 2 ** tries++) * (0.5 + Math.random());
    wait = Date.now() + Math.min(600_000, Math.max(back, after * 1000));
    shelve();
  }

  // shelve puts what waits where the next page finds it.
  function shelve(): void {
    for (const c of queue) {
      number(c);
      c.token = current(c) ? h.token.bound : c.token;
    }
    if (h.where.storage !== 'none' && queue.length) lost('kept', keep(h.key, queue, Date.now()));
  }

  async function answer(c: Chunk, r: Response): Promise<void> {
    if (stopped) return;
    switch (r.status) {
      case 202: {
        const a = await r.json() as { durable?: number[]; token?: string };
        if (a.token && current(c) && a.token !== h.token.bound) {
          h.token.bound = a.token;
          h.save();
        }
        if (!a.durable?.includes(c.seq)) return retry(0);
        tries = 0;
        return drop(c);
      }
      case 204: {
        const out = r.headers.get('Footpath-Reason') === 'opt-out';
        drop(c);
        // What an earlier page left may be unwanted without this one being so.
        if (out || current(c)) h.quit(out);
        return;
      }
      case 401: case 403:
        for (const x of queue) forget(x);
        return h.quit(false);
      case 409:
        if (current(c)) hooks.renew();
        for (const x of queue.filter((x) => x.session === c.session)) drop(x);
        return;
      case 413:
        return split(c);
      case 429:
        return retry(Number(r.headers.get('Retry-After')) || 0);
    }
    if (r.status >= 500) return retry(Number(r.headers.get('Retry-After')) || 0);
    lost('refused', c.events);
    hole = true;
    drop(c);
  }

  // split sends a chunk that was too large as two, once. Their numbers are new: a
  // number never stands for two contents.
  async function split(c: Chunk): Promise<void> {
    const later = queue.some((x) => x !== c && x.record === c.record && x.seq > c.seq);
    drop(c);
    const text = halves.has(c) || later ? '' : new TextDecoder().decode(await gunzip(c.payload));
    const all = text.split('\n').filter(Boolean);
    if (all.length < 2) {
      hole = true;
      return lost('large', c.events);
    }
    const half = all.length >> 1;
    const parts = [all.slice(0, half), all.slice(half)].map((p) => {
      const x = { ...c, seq: -1, events: p.length, payload: gzipSync(encoder.encode(p.join('\n') + '\n')) };
      halves.add(x);
      return x;
    });
    queue.unshift(...parts);
  }

  function leave(): void {
    // Browsers tell twice that a page goes; the second time there is nothing new.
    if (stopped || (!lines.length && !compressing && Date.now() - left < LEAVING)) return;
    left = Date.now();
    cut(true);
    shelve();
    let room = BEACON - (inflight && inflight.payload.length < BEACON ? inflight.payload.length + OVERHEAD : 0);
    for (const c of [...queue]) {
      if (c === inflight || (beaconed.get(c) || 0) > left - LEAVING) continue;
      room -= c.payload.length + OVERHEAD;
      if (room < 0) break;
      beaconed.set(c, left);
      post(c).then((r) => answer(c, r), () => {}).catch(() => {});
    }
  }

  const old = h.where.storage === 'none' ? { chunks: [], lost: 0 } : kept(h.key, Date.now());
  queue.push(...old.chunks);
  lost('old', old.lost);
  const began = h.first[0]?.t ?? Date.now();
  schedule(Math.min(FIRST, Math.max(SETTLED, FIRST + began - Date.now())));
  return {
    add, lost, leave, cut,
    begin() {
      queue.forEach(number);
      seq = h.seq;
      hole = false;
    },
    stop(drop) {
      if (!drop) leave();
      stopped = true;
      clearTimeout(timer);
      lines = [];
      queue = [];
    },
  };
}
