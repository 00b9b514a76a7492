// The first stage: takes over the page's command queue, holds the consent gate,
// counts the page view, and fetches the recorder core once it may run and the page
// is idle. Whatever goes wrong in here must never reach the page.
import { siteChoice, type Choice } from './consent.ts';
import { seal, store } from './envelope.ts';
import type { Boot, Core, Handoff, PageFacts, Params, Pending } from './handoff.ts';
import { fnv, isKey, newId } from './ids.ts';
import { loadToken, optedOut, saveToken, setOptOut, wipe, type Where } from './storage.ts';
import { maskURL, originOf } from './url.ts';
import { FLAG_AUTOMATION, FLAG_CONSENT, FLAG_LAST, FLAG_TIER_B, type Config, type UTM } from './wire.ts';

const VERSION = '0.2.0';
// Commands that wait for the core: at most this many, the oldest go first.
const MAX_WAITING = 100;

type Command = ArrayLike<unknown>;
interface Global {
  (...args: unknown[]): void;
  api?: Command[];
  boot?: (b: Boot) => void;
  version?: string;
}
const page = window as unknown as Record<string, Global | undefined>;

let key = '';
let host = '';
let params: Params = {};
let config: Config | undefined;
let ready = false; // init has finished: the gate knows what it can know
let api: Choice = '';
let text: string | undefined;
let disabled = false;
let failed = false;
let life: Handoff | undefined;
let boot: Boot | undefined;
let core: Core | undefined;
let fetching = false;
let counted = false;
let skipped = false;
let held = false; // the device holds the token
let waiting: Command[] = [];

const script = document.currentScript as HTMLScriptElement | null;
const nav = navigator as Navigator & { globalPrivacyControl?: boolean };

function safely(f: () => void): void {
  try {
    f();
  } catch {
    // An internal error ends the recorder, not the page's script.
    failed = true;
    try {
      end(false);
    } catch { /* nothing is left to stop */ }
  }
}

const refused = (): boolean =>
  nav.globalPrivacyControl === true || nav.doNotTrack === '1' || optedOut(Date.now());

function facts(): PageFacts {
  const q = new URLSearchParams(location.search);
  let utm: UTM | undefined;
  for (const name of ['source', 'medium', 'campaign']) {
    const v = q.get('utm_' + name);
    if (v) (utm ||= {})[name[0] as 's'] = v.slice(0, 100);
  }
  const r = originOf(document.referrer);
  const w = screen.width;
  return {
    u: maskURL(location.href),
    r: r && r !== location.origin ? r : undefined,
    s: w < 768 ? 'small' : w < 1280 ? 'medium' : 'large',
    l: nav.language.split('-')[0],
    utm,
  };
}

function post(h: { flags: number; session: string; visitor: string; record: string; token: string }, events: Pending[]): void {
  const payload = store(new TextEncoder().encode(events.map((e) => JSON.stringify(e) + '\n').join('')));
  const body = seal({ ...h, project: key, seq: 0, events: events.length, sentMs: Date.now() }, payload);
  fetch(host + '/v1/chunks', {
    method: 'POST', body: body as BlobPart as Blob, keepalive: true, credentials: 'omit', referrerPolicy: 'no-referrer',
    headers: { 'Content-Type': 'text/plain' },
  }).catch(() => {});
}

// leave sends the page view when the page goes before the core has come.
function leave(): void {
  if (life && !core && life.first.length && document.visibilityState === 'hidden') {
    const t = life.token;
    post({ flags: life.flags | FLAG_LAST, session: t.session, visitor: t.visitor, record: life.record, token: t.bound }, life.first);
    life.first = [];
    life.seq = 1;
  }
}

// end stops what runs; unsent events are sent only when nothing speaks against it.
function end(wiping: boolean, drop = wiping): void {
  const c = core;
  core = life = undefined;
  skipped = false;
  c?.stop(drop);
  if (wiping) wipe();
}

function begin(via: string): void {
  const c = config!;
  const now = Date.now();
  const where: Where = { storage: params.cookies === false && c.storage === 'cookie' ? 'local' : c.storage, hostOnly: c.hostOnly };
  const read = () => loadToken(where, key, c.life, now);
  const old = read();
  // What stands under our names and is not ours (Smartlook's own, say) is replaced wherever it stands.
  if (!old) wipe();
  const token = old || { key, session: '', visitor: newId(), first: now, start: 0, last: 0, via, bound: '' };
  if (!token.session || now - token.last > c.idle || now - token.start > c.longest) {
    token.session = newId();
    token.start = now;
    token.bound = '';
  }
  token.last = now;
  token.via = via;
  const save = () => saveToken(where, token, c.life);
  save();
  held = !!read();
  // The same visitor is always in the sample, or always out of it.
  if (fnv(token.visitor) % 10000 >= c.sampling) {
    skipped = true;
    return;
  }
  life = {
    key, host, config: c, params, where, token, record: newId(), seq: 0,
    flags: FLAG_TIER_B | (via === 'm' ? 0 : FLAG_CONSENT) | (nav.webdriver ? FLAG_AUTOMATION : 0),
    first: [
      { k: 'consent', t: now, d: { c: 'granted', via: via === 'a' ? 'api' : via === 'c' ? 'cookie' : 'none', h: text } },
      { k: 'page', t: now, d: { ...facts(), v: 0, ti: '', n: 'load', w: innerWidth, h: innerHeight, f: token.first === token.start || undefined } },
    ],
    facts, save, seal,
    refresh: () => loadToken(where, key, c.life, Date.now()),
    quit: (wiping) => { failed = true; end(wiping, true); },
  };
  const idle = (window as Partial<Window>).requestIdleCallback;
  if (boot) start();
  else if (!fetching) {
    fetching = true;
    if (idle) idle(fetchCore, { timeout: 1500 });
    else setTimeout(fetchCore, 300);
  }
}

function fetchCore(): void {
  if (!life) {
    fetching = false;
    return;
  }
  const s = document.createElement('script');
  const url = host + life.config.core;
  const tt = (window as { trustedTypes?: { createPolicy(n: string, r: object): { createScriptURL(s: string): string } } }).trustedTypes;
  s.crossOrigin = 'anonymous';
  s.referrerPolicy = 'no-referrer';
  s.integrity = life.config.sri;
  if (script?.nonce) s.nonce = script.nonce;
  s.onerror = () => safely(() => { failed = true; leave(); });
  try {
    s.src = tt ? tt.createPolicy('footpath', { createScriptURL: (u: string) => u }).createScriptURL(url) : url;
  } catch {
    s.src = url;
  }
  s.onload = () => s.remove();
  document.head.appendChild(s);
}

function start(): void {
  if (!life || !boot || core) return;
  core = boot(life);
  const commands = waiting;
  waiting = [];
  commands.forEach(run);
}

// judge looks at everything that speaks for or against recording and acts on it;
// called again whenever something may have changed.
function judge(): void {
  if (failed || !key) return;
  const site = siteChoice(config?.cookie);
  if (refused() || api === 'denied' || site === 'denied') {
    end(true);
    return done();
  }
  if (disabled) {
    end(false);
    return done();
  }
  if (!config) return ask();
  if (!config.on || (nav.webdriver && !config.bots)) {
    end(false);
    return done();
  }
  const past = loadToken(config, key, config.life, Date.now());
  // What was there and is gone was wiped: by another tab's withdrawal, or by the visitor.
  if (life && held && !past) {
    api = '';
    end(true);
    skipped = true; // until this page is told otherwise
  }
  const via = api ? 'a' : site ? 'c' : past?.via === 'a' ? 'a' : config.consent === 'opt-in' ? '' : 'm';
  if (via && !life && !skipped) begin(via);
  else if (!via) {
    if (life || past) end(true);
    if (config.count && !counted) {
      counted = true;
      post({ flags: nav.webdriver ? FLAG_AUTOMATION : 0, session: '', visitor: '', record: newId(), token: '' },
        [{ k: 'count', t: Date.now(), d: facts() }]);
    }
  }
  done();
}

// done marks init as finished: commands that waited are run, in order.
function done(): void {
  if (ready) return;
  ready = true;
  const commands = waiting;
  waiting = [];
  commands.forEach(run);
}

let asked = false;
function ask(): void {
  if (asked) return;
  asked = true;
  ready = false;
  fetch(`${host}/v1/config/${key}`, { credentials: 'omit', referrerPolicy: 'no-referrer' })
    .then((r) => r.json())
    .then((c: Config) => safely(() => {
      // Without a configuration of the version we know, the answer is no.
      if (c.v !== 1) throw c;
      config = c;
      judge();
    }))
    .catch(() => { failed = true; done(); });
}

function init(k: unknown, p: unknown): void {
  if (key) return;
  if (!isKey(k)) return console.warn('Footpath: init needs a project key of 40 hexadecimal characters');
  key = k;
  params = (p || {}) as Params;
  const own = script?.src || location.href;
  let h = params.host || (params.relayProxyUrl ? new URL(params.relayProxyUrl).origin : new URL('.', own).href);
  if (!/^https?:/.test(h)) h = location.protocol + '//' + h;
  host = h.replace(/\/+$/, '');
  const go = () => safely(judge);
  // Choices change without a reload: where the browser tells, at once, else within a second.
  (window as unknown as { cookieStore?: EventTarget }).cookieStore?.addEventListener('change', go);
  addEventListener('storage', go);
  let seen = '';
  setInterval(() => {
    if (seen !== (seen = document.cookie)) go();
  }, 1000);
  addEventListener('pagehide', () => safely(leave));
  addEventListener('visibilitychange', () => safely(leave));
  if ((document as { prerendering?: boolean }).prerendering) document.addEventListener('prerenderingchange', go, { once: true });
  // After the rest of the queue: a refusal in it must be known before anything is asked for.
  else Promise.resolve().then(go);
}

function run(c: Command): void {
  const [name, a, b] = Array.from(c) as [unknown, unknown, unknown];
  if (name === 'init') return init(a, b);
  const granted = a === 'granted' || a === true;
  const refusing = (name === 'consent' && !granted) || name === 'optOut' || (name === 'disable' && a !== false);
  if (!ready && !refusing) {
    waiting = [...waiting.slice(1 - MAX_WAITING), c];
    return;
  }
  const fn = typeof name === 'function' ? name : name === 'getData' ? a : 0;
  if (typeof fn === 'function') return void setTimeout(fn as () => void, 0, page.smartlook);
  switch (name) {
    case 'consent':
      api = granted ? 'granted' : 'denied';
      skipped = false;
      // Only the hash of the wording that was shown is kept, as proof.
      text = typeof b === 'string' ? (fnv(b) + 2 ** 32).toString(16).slice(-8) + (fnv(b + b) + 2 ** 32).toString(16).slice(-8) : undefined;
      return judge();
    case 'disable':
      disabled = a !== false;
      return judge();
    case 'optOut':
    case 'optIn':
      setOptOut(name === 'optOut', Date.now());
      return judge();
  }
  if (core) core.command(name as string, Array.from(c).slice(1));
  // Nothing from before a choice is ever kept for after it.
  else if (life) waiting = [...waiting.slice(1 - MAX_WAITING), c];
}

safely(() => {
  if (page.footpath?.version) return;
  const fn: Global = function () {
    // eslint-disable-next-line prefer-rest-params -- the queue holds arguments objects
    const args = arguments;
    safely(() => run(args));
  };
  fn.version = VERSION;
  fn.boot = (b) => safely(() => {
    boot = b;
    start();
  });
  const get = (name: string, f: () => string | undefined) => Object.defineProperty(fn, name, { get: f, configurable: true });
  get('key', () => key || undefined);
  get('sessionId', () => life?.token.session);
  get('visitorId', () => life?.token.visitor);
  get('recordId', () => life?.record);
  get('playUrl', () => life && `${host}/sessions/${life.token.session}`);
  for (const name of ['smartlook', 'footpath']) {
    const queue = page[name]?.api;
    page[name] = fn;
    if (!queue) continue;
    for (const c of Array.from(queue)) safely(() => run(c));
    // Snippets keep a reference to their own stub: it must go on working.
    queue.push = (...more: Command[]) => {
      more.forEach((c) => safely(() => run(c)));
      return 0;
    };
  }
  if (!key && script?.dataset.key) init(script.dataset.key, { host: script.dataset.host });
});
