// The second stage: signals, the DOM recording, and the transport, for as long as
// the loader's gate is open.
import { capture, type Capture } from './capture.ts';
import { commands } from './commands.ts';
import { cutText } from './element.ts';
import type { Boot, Core, Handoff, Pending } from './handoff.ts';
import { newId } from './ids.ts';
import { textRule, type TextRule } from './mask/text.ts';
import { fetchTexts } from './texts.ts';
import { clicks } from './signals/click.ts';
import { errors } from './signals/error.ts';
import { inputs } from './signals/input.ts';
import { pages, type Turn } from './signals/page.ts';
import { documents, listen, type Room, type Stop } from './signals/room.ts';
import { submits } from './signals/submit.ts';
import { timing, type Timing } from './signals/time.ts';
import { transport } from './transport.ts';
import { maskURL } from './url.ts';

// How often activity is written to the device, milliseconds: sessions end after minutes.
const SAVE = 10_000; // and a tenth of the idle time at most

const boot: Boot = (h: Handoff): Core => {
  let text: TextRule = textRule(h.config.profile, new Map());
  let version = '';
  let view = 0;
  let paused = false;
  let asleep = false; // the session is over until the visitor does something
  let running = false;
  let stopped = false;
  let saved = Date.now();
  let began = h.first[0]?.t || saved; // the present page view
  let stops: Stop[] = [];
  let time: Timing | undefined;
  let dom: Capture | undefined;

  const out = transport(h, {
    before() {
      if (!running || asleep) return;
      time?.tell();
      asleep = over(Date.now());
    },
    renew: () => renew(false),
    resync: () => dom?.snapshot(),
  });

  const emit: Room['emit'] = (k, d, t) => {
    // A time told to the second must not come to lie before its page.
    if (!paused && !asleep && !stopped) out.add({ k, t: Math.max(t ?? Date.now(), began), d });
  };
  const room: Room = {
    emit, documents, active,
    view: () => view,
    text: (s, c) => text(s, c),
    intercept(name, data, context) {
      const f = h.params.interceptors?.[name];
      if (!f) return data;
      try {
        return f(data, context) === false ? null : data;
      } catch {
        // An interceptor that throws fails closed.
        out.lost('interceptor');
        return null;
      }
    },
  };

  const over = (now: number): boolean => now - h.token.last > h.config.idle || now - h.token.start > h.config.longest;

  function active(): void {
    const now = Date.now();
    if (over(now) || asleep) {
      // Another tab may have kept the session alive, or begun the next one.
      const other = h.refresh();
      if (other && now - other.last <= h.config.idle && now - other.start <= h.config.longest) {
        const same = other.session === h.token.session;
        Object.assign(h.token, other);
        if (!same) renew(false, true);
      } else renew(false);
      asleep = false;
    }
    h.token.last = now;
    if (now - saved > Math.min(SAVE, h.config.idle / 10)) {
      saved = now;
      h.save();
    }
  }

  // renew starts a new session (unless another tab did) and a new record on the same page.
  function renew(visitor: boolean, adopted?: boolean): void {
    if (stopped) return;
    const now = Date.now();
    if (!asleep) time?.tell();
    out.cut();
    if (!adopted) Object.assign(h.token, { session: newId(), start: now, last: now, bound: '' }, visitor && { visitor: newId(), first: now });
    h.record = newId();
    h.seq = 0;
    h.save();
    out.begin();
    asleep = false;
    view = 0;
    began = now;
    time?.next();
    if (running) {
      page('virtual', location.href, 0, now);
      dom?.snapshot();
    }
  }

  const title = (): string => cutText(text(document.title));
  function page(nav: string, url: string, v: number, t: number): void {
    const seen = room.intercept('url', { url }, undefined);
    if (!seen || paused || asleep || stopped) return;
    out.add({
      k: 'page', t,
      d: {
        ...h.facts(), u: maskURL(seen.url, location.href), v, ti: title(), n: nav, w: innerWidth, h: innerHeight,
        tz: Intl.DateTimeFormat().resolvedOptions().timeZone, c: connection(), tv: version || undefined,
      },
    });
  }
  const turn: Turn = (nav, url) => {
    if (paused || asleep) return;
    active();
    time?.tell();
    view++;
    began = Date.now();
    time?.next();
    // A script names its page a moment after it has changed the address.
    const [v, t, record] = [view, began, h.record];
    setTimeout(() => { if (record === h.record) page(nav, url, v, t); }, nav === 'virtual' ? 50 : 0);
    if (nav === 'bfcache') dom?.snapshot();
  };

  function opening(): void {
    const first = h.first;
    h.first = [];
    for (const e of first) out.add(e.k === 'page' ? complete(e) : e);
  }
  function complete(e: Pending): Pending {
    const seen = room.intercept('url', { url: location.href }, undefined);
    return {
      ...e,
      d: {
        ...e.d as object, u: maskURL(seen ? seen.url : location.origin), ti: title(),
        tz: Intl.DateTimeFormat().resolvedOptions().timeZone, c: connection(), tv: version || undefined,
      },
    };
  }

  function start(): void {
    if (running || stopped || paused) return;
    running = true;
    time = timing(room);
    stops = [clicks(room), inputs(room), submits(room), errors(room), pages(turn), time.stop];
    if (h.config.replay) dom = capture({ text }, (e, w) => { if (!asleep && !stopped) out.add({ k: 'dom', t: e.timestamp, d: e }, w); }, fail, (what) => out.lost(what, 1));
  }
  function halt(): void {
    if (!running) return;
    running = false;
    time?.tell();
    stops.forEach((s) => s());
    dom?.stop();
    stops = [];
    dom = time = undefined;
  }
  // The recorder's own failure ends it and is told as a number.
  function fail(): void {
    halt();
    out.lost('internal');
    out.leave();
    h.quit(false);
  }

  const leaving = (): void => {
    if (document.visibilityState !== 'hidden') return;
    opening();
    out.leave();
    h.save();
  };
  const hooks = [listen(document, 'visibilitychange', leaving), listen(window, 'pagehide', () => {
    opening();
    out.leave();
  })];

  void fetchTexts(h).then((t) => {
    if (stopped) return;
    version = t.texts.size ? t.version : '';
    text = textRule(h.config.profile, t.texts);
    opening();
    start();
  }).catch(fail);

  const command = commands(h, room, {
    navigate: (url) => turn('virtual', new URL(url, location.href).href),
    pause() {
      halt();
      paused = true;
    },
    resume() {
      paused = false;
      start();
    },
    restart: renew,
  });
  return {
    command,
    stop(drop) {
      if (stopped) return;
      if (drop) stopped = true;
      halt();
      stopped = true;
      hooks.forEach((s) => s());
      out.stop(drop);
    },
  };
};

function connection(): string | undefined {
  return (navigator as { connection?: { effectiveType?: string } }).connection?.effectiveType;
}

(window as unknown as { footpath: { boot(b: Boot): void } }).footpath.boot(boot);
