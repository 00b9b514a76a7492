// Typing happened: once a second and field at most; never what, how much or how fast.
import { describe, fieldOf } from '../element.ts';
import { GRAIN, listen, type Room, type Stop } from './room.ts';

/** inputs starts the signal. */
export function inputs(r: Room): Stop {
  const told = new WeakMap<Element, number>();
  return r.documents((d) => listen(d, 'input change', (e) => {
    if (!e.isTrusted) return;
    const el = fieldOf(e);
    if (!el) return;
    r.active();
    const t = Math.floor(Date.now() / GRAIN) * GRAIN;
    if (told.get(el) === t || el.closest('[data-recording-ignore="events"]')) return;
    told.set(el, t);
    // The value is never read; interceptors written for it see an empty one.
    if (r.intercept('input', { url: location.href, value: '' }, e)) r.emit('input', { v: r.view(), e: describe(el, r.text) }, t);
  }));
}
