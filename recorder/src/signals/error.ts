// JavaScript errors: class, place, and a message by rule T.
import { cutText } from '../element.ts';
import { maskURL } from '../url.ts';
import { listen, type Room, type Stop } from './room.ts';

// A page that throws in a loop must not fill the queue: this many a page view.
const MAX = 50;
// A class calls itself an error; a name that a script has put in its place does not.
const CLASS = /^[A-Za-z]{0,40}(Error|Exception)$/;

interface Fault {
  message: string;
  filename?: string;
  lineno?: number;
  class: string;
}

/** tellError emits one error, however it came to light. */
export function tellError(r: Room, f: Fault, context: unknown): void {
  const data = r.intercept('error', { message: f.message, filename: f.filename, lineno: f.lineno, url: location.href }, context);
  if (!data) return;
  r.emit('error', {
    v: r.view(),
    c: CLASS.test(f.class) ? f.class : 'Error',
    f: data.filename ? maskURL(String(data.filename)) : undefined,
    l: Number(data.lineno) || undefined,
    m: cutText(r.text(String(data.message || '').slice(0, 500), { marked: true })) || undefined,
  });
}

/** faultOf reads what was thrown. */
export function faultOf(v: unknown): Fault {
  if (v instanceof Error) {
    const place = /((?:https?:)\/\/[^\s)]+?):(\d+)(?::\d+)?\)?\s*(?:\n|$)/.exec(v.stack || '');
    return { class: v.name, message: v.message, filename: place?.[1], lineno: place ? +place[2] : undefined };
  }
  return { class: 'Error', message: typeof v === 'string' ? v : '' };
}

/** errors starts the signal. */
export function errors(r: Room): Stop {
  let view = -1;
  let n = 0;
  return listen(window, 'error unhandledrejection', (event) => {
    if (view !== r.view()) n = 0;
    view = r.view();
    if (n++ >= MAX) return;
    if (event.type === 'unhandledrejection') return tellError(r, faultOf((event as PromiseRejectionEvent).reason), event);
    const e = event as ErrorEvent;
    // A picture that did not load is an error event too, but not of a script.
    if (!('message' in e)) return;
    tellError(r, { ...faultOf(e.error ?? e.message), message: e.message, filename: e.filename, lineno: e.lineno }, e);
  });
}
