// What every signal gets: a way to tell what happened, and nothing of the transport.
import type { TextRule } from '../mask/text.ts';
import type { Kind } from '../wire.ts';

/** Stop removes a signal's hooks. */
export type Stop = () => void;

/** Room is where signals live while the recorder runs. */
export interface Room {
  emit(k: Kind, d: unknown, t?: number): void;
  /** view is the number of the present page view of this record. */
  view(): number;
  text: TextRule;
  /** active says that the visitor did something. */
  active(): void;
  /** documents calls on for the page and each same-origin frame, now and later. */
  documents(on: (d: Document) => Stop): Stop;
  /** intercept lets the site change or drop an event; null means dropped. */
  intercept<T extends Record<string, unknown>>(name: string, data: T, context: unknown): T | null;
}

/** GRAIN is how finely typing is timed: to the second. */
export const GRAIN = 1000;

/** listen adds a listener that cannot throw into the page, and gives its removal. */
export function listen(target: EventTarget, names: string, f: (e: Event) => void): Stop {
  const safe = (e: Event): void => {
    try {
      f(e);
    } catch { /* a signal that fails says nothing */ }
  };
  const each = (m: 'addEventListener' | 'removeEventListener'): void =>
    names.split(' ').forEach((n) => target[m](n, safe, { capture: true, passive: true } as AddEventListenerOptions));
  each('addEventListener');
  return () => each('removeEventListener');
}

/** documents finds the page and its same-origin frames. */
export function documents(on: (d: Document) => Stop): Stop {
  const stops: Stop[] = [];
  const seen = new WeakSet<Document>();
  const enter = (d: Document | null | undefined): void => {
    if (!d || seen.has(d)) return;
    seen.add(d);
    stops.push(on(d), listen(d, 'load', (e) => frame(e.target)));
    d.querySelectorAll('iframe').forEach(frame);
  };
  const frame = (f: unknown): void => {
    try {
      if ((f as Element).localName === 'iframe') enter((f as HTMLIFrameElement).contentDocument);
    } catch { /* another origin's frame is not entered */ }
  };
  enter(document);
  return () => stops.forEach((s) => s());
}
