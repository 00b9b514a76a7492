// Everything the recorder may leave on a visitor's device. This table is the one
// place that says so: the recorder writes nothing else, and the cookie policy and
// the browser test read the same rows.

/** Stored describes one name on the visitor's device. */
export interface Stored {
  name: string;
  where: 'cookie' | 'local' | 'both';
  purpose: string;
  /** life in milliseconds from the moment named in the purpose; 0: gone within the task that wrote it. */
  life: number;
}

/** RETENTION is the longest life of anything: 13 months = 395 days, never renewed. */
export const RETENTION = 395 * 864e5;
/** QUEUE_LIFE and QUEUE_BYTES bound what waits for the next page (ruling 8). */
export const QUEUE_LIFE = 36e5;
export const QUEUE_BYTES = 1 << 20;

const SID_COOKIE = 'SL_C_23361dd035530_SID';
const SID_LOCAL = 'SL_L_23361dd035530_SID';
const DOMAIN = 'SL_C_23361dd035530_DOMAIN';
const OPTOUT = 'SL_OPTOUT';
/** QUEUED is the local storage name of chunks not yet acknowledged. */
export const QUEUED = 'SMARTLOOK_LS_QUEUED_CHUNKS';

/** TABLE lists all that may be stored; only SL_OPTOUT without the visitor's consent. */
export const TABLE: Stored[] = [
  { name: SID_COOKIE, where: 'cookie', purpose: 'continues a visit across pages; life counts from when it was first set', life: RETENTION },
  { name: SID_LOCAL, where: 'local', purpose: 'the same, where the cookie is cut short', life: RETENTION },
  { name: DOMAIN, where: 'cookie', purpose: 'finds the widest domain that accepts a cookie', life: 0 },
  { name: QUEUED, where: 'local', purpose: 'masked data on its way to the server', life: QUEUE_LIFE },
  { name: OPTOUT, where: 'both', purpose: 'remembers a refusal', life: RETENTION },
];

/** Token is what the two SID names hold: who continues, and until when. */
export interface Token {
  key: string;
  session: string;
  visitor: string;
  /** first is when the visitor id was made; it is never renewed. Milliseconds, like all times here. */
  first: number;
  /** start and last bound the session: its first page and its latest activity. */
  start: number;
  last: number;
  /** via says how consent was given: a for the API, m for the project's mode, c for a site's cookie. */
  via: string;
  /** bound is the collector's token for the session; empty before its first answer. */
  bound: string;
}

/** encodeToken writes a token as URL-safe text; version 1. */
export function encodeToken(t: Token): string {
  const s = (ms: number): string => Math.floor(ms / 1000).toString(36);
  return ['1', t.key, t.session, t.visitor, s(t.first), s(t.start), s(t.last), t.via, t.bound].join('.');
}

/** decodeToken reads a token of this project that has not outlived life; anything else, old formats too, is none. */
export function decodeToken(raw: string | null | undefined, key: string, life: number, now: number): Token | undefined {
  const p = /^1\.(\w{40})\.([\w-]{21})\.([\w-]{21})\.(\w+)\.(\w+)\.(\w+)\.(\w)\.([\w-]*)$/.exec(raw || '');
  if (p?.[1] !== key) return;
  const [first, start, last] = p.slice(4, 7).map((x) => parseInt(x, 36) * 1000);
  // A time from the future would be a life renewed; a minute is for clocks that step back.
  if (!(first <= now + 6e4 && now < first + Math.min(life, RETENTION) && start >= first && last >= start)) return;
  return { key, session: p[2], visitor: p[3], first, start, last, via: p[7], bound: p[8] };
}

/** readCookie gives the raw value of a cookie. */
export function readCookie(name: string): string | undefined {
  const hit = document.cookie.split('; ').find((c) => c.startsWith(name + '='));
  return hit && hit.slice(name.length + 1);
}

function writeCookie(name: string, value: string, expires: number, domain: string): void {
  document.cookie = `${name}=${value}; Path=/; SameSite=Lax; Expires=${new Date(expires).toUTCString()}` +
    (domain && `; Domain=${domain}`) + (location.protocol === 'https:' ? '; Secure' : '');
}

let found: string | undefined;

/** widest finds, once a page, the widest domain that accepts a cookie; empty means this host alone. */
export function widest(): string {
  return found ??= probe();
}

function probe(): string {
  const parts = location.hostname.split('.');
  if (parts.length < 2 || /^[\d.]+$/.test(location.hostname)) return '';
  for (let i = parts.length - 1; i >= 0; i--) {
    const domain = parts.slice(i).join('.');
    writeCookie(DOMAIN, '1', Date.now() + 6e4, domain);
    const took = readCookie(DOMAIN);
    writeCookie(DOMAIN, '', 0, domain);
    if (took) return domain;
  }
  return '';
}

/** local is local storage, or nothing where the browser refuses it. */
export function local(name: string, value?: string | null): string | null {
  try {
    if (value === null) localStorage.removeItem(name);
    else if (value !== undefined) localStorage.setItem(name, value);
    else return localStorage.getItem(name);
    return value;
  } catch {
    return null;
  }
}

/** Where says which places a token goes to, by the project's setting and `cookies: false`. */
export interface Where {
  storage: 'cookie' | 'local' | 'none';
  hostOnly?: boolean;
}

/** loadToken reads the token, the cookie first; where both hold one, the later activity wins. */
export function loadToken(w: Where, key: string, life: number, now: number): Token | undefined {
  if (w.storage === 'none') return;
  const a = decodeToken(readCookie(SID_COOKIE), key, life, now);
  const b = decodeToken(local(SID_LOCAL), key, life, now);
  return a && b ? (b.last > a.last ? b : a) : a || b;
}

/** saveToken writes the token with the absolute end of the visitor's life. */
export function saveToken(w: Where, t: Token, life: number): void {
  if (w.storage === 'none') return;
  const text = encodeToken(t);
  const end = t.first + Math.min(life, RETENTION);
  if (w.storage === 'cookie') {
    const domain = w.hostOnly ? '' : widest();
    // One left on this host alone, by Smartlook or before a change of the setting, would stand before ours.
    if (domain) writeCookie(SID_COOKIE, '', 0, '');
    writeCookie(SID_COOKIE, text, end, domain);
  }
  if (local(SID_LOCAL, text) === null && w.storage === 'local') writeCookie(SID_LOCAL, text, end, '');
}

/** wipe removes everything but the opt-out mark. */
export function wipe(): void {
  for (const name of [SID_COOKIE, SID_LOCAL]) {
    if (readCookie(name) !== undefined) {
      writeCookie(name, '', 0, '');
      writeCookie(name, '', 0, widest());
    }
  }
  local(SID_LOCAL, null);
  local(QUEUED, null);
}

/** optedOut says whether the refusal mark is set, and still young enough. */
export function optedOut(now: number): boolean {
  const at = local(OPTOUT);
  return readCookie(OPTOUT) === '1' || (!!at && (at === '1' || now < +at.slice(2) + RETENTION));
}

/** setOptOut writes or removes the refusal mark. */
export function setOptOut(on: boolean, now: number): void {
  writeCookie(OPTOUT, on ? '1' : '', on ? now + RETENTION : 0, widest());
  local(OPTOUT, on ? '1.' + now : null);
}
