// The capture core behind one small boundary: start it, get masked events, ask for
// a fresh snapshot, stop it. Today it is rrweb's record; nothing outside this file
// knows that but the masking of its events.
import { record } from '@rrweb/record';
import type { Masker } from './mask/attributes.ts';
import { eventMask } from './mask/event.ts';
import { fieldType } from './mask/field.ts';
import { treat } from './mask/region.ts';
import type { RR } from './mask/rrweb.ts';

/** Weight says what may be dropped first when too much is waiting. */
export type Weight = 'dom' | 'move';

/** Captured takes one masked event. */
export type Captured = (e: RR, w: Weight) => void;

/** Capture is a running capture. */
export interface Capture {
  /** snapshot records the whole page anew. */
  snapshot(): void;
  stop(): void;
}

interface Mirror {
  getNode(id: number): Node | null;
  getId(n: Node): number;
}

// Snapshots that the page forces by changing what its parts are: at most one in this time.
const SNAPSHOT_GAP = 2000;
// A field that has the focus is typed into: times are told to the second.
const GRAIN = 1000;
// Changes of fields that no event tells of are looked for this often.
const SWEEP = 1000;

function typing(): boolean {
  let el = document.activeElement;
  while (el?.shadowRoot?.activeElement) el = el.shadowRoot.activeElement;
  return !!el && treat(el) === 'field' && !/^(checkbox|radio|button|submit|reset|image)$/.test(fieldType(el));
}

// rrweb's bookkeeping does not survive an error of its own: what it had gathered stays
// and fails again with each change. It is started anew, which sends a full snapshot:
// at most this often, and so many times in one page; then the replay ends, the rest
// of the recorder goes on.
const RESTART_GAP = 1000;
const RESTARTS = 10;

/** capture starts recording the page; every event passes the masking before it goes anywhere. */
export function capture(m: Masker, captured: Captured, failed: (e: unknown) => void, lost: (what: string) => void): Capture {
  let mirror: Mirror | undefined;
  let stopped = false;
  let last = 0;
  let snapped = 0;
  let due: ReturnType<typeof setTimeout> | undefined;
  const mask = eventMask(m, (id) => mirror?.getNode(id) || null, (n) => mirror?.getId(n) ?? -1);

  const send = (e: RR): void => {
    const move = e.type === 3 && /^(1|6|12)$/.test(String(e.data.source));
    if (!move && e.type === 3 && typing()) e.timestamp = Math.floor(e.timestamp / GRAIN) * GRAIN;
    last = e.timestamp = Math.max(e.timestamp, last);
    captured(e, move ? 'move' : 'dom');
  };
  const snapshot = (): void => {
    due = undefined;
    snapped = Date.now();
    if (!stopped) record.takeFullSnapshot(true);
  };
  const emit = (raw: unknown): void => {
    if (stopped) return;
    try {
      const e = mask.mask(raw as RR);
      if (e) send(e);
      if (mask.stale && !due) {
        mask.stale = false;
        due = setTimeout(snapshot, Math.max(0, snapped + SNAPSHOT_GAP - Date.now()));
      }
    } catch (err) {
      stopped = true;
      failed(err);
    }
  };
  const sweep = (): void => {
    if (stopped) return;
    try {
      const attributes = mask.fields();
      if (attributes.length) send({ type: 3, timestamp: Date.now(), data: { source: 0, texts: [], attributes, removes: [], adds: [] } });
    } catch (err) {
      failed(err);
    }
  };

  const start = (): (() => void) | undefined => record({
    emit,
    slimDOMOptions: { script: true, comment: true, headWhitespace: true },
    inlineStylesheet: true,
    recordCanvas: false,
    collectFonts: false,
    inlineImages: false,
    sampling: { mousemove: 50, scroll: 150, media: 800, canvas: 0 },
    maskAllInputs: true,
    maskInputFn: () => '',
    blockClass: /^$/ as never,
    errorHandler: trouble,
    plugins: [{ name: 'mirror', options: {}, getMirror: (x: { nodeMirror: unknown }) => { mirror = x.nodeMirror as Mirror; } }],
  } as Parameters<typeof record>[0]) || undefined;
  let restarts = 0;
  let restarting: ReturnType<typeof setTimeout> | undefined;
  function trouble(): true {
    if (stopped || restarting !== undefined) return true;
    lost('capture');
    restarting = setTimeout(() => {
      restarting = undefined;
      if (stopped) return;
      stop?.();
      stop = ++restarts > RESTARTS ? undefined : start();
    }, RESTART_GAP);
    return true;
  }
  let stop = start();
  const timer = setInterval(sweep, SWEEP);
  const reset = (): void => void setTimeout(sweep);
  addEventListener('reset', reset, true);
  return {
    snapshot,
    stop() {
      stopped = true;
      clearInterval(timer);
      clearTimeout(due);
      clearTimeout(restarting);
      removeEventListener('reset', reset, true);
      stop?.();
    },
  };
}
