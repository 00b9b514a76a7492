// Clicks, taps, and activations by key: where, on what, and at which point of it.
import { describe, outermost } from '../element.ts';
import { treat } from '../mask/region.ts';
import { listen, type Room, type Stop } from './room.ts';

// A label's click makes a second one on its field, within the same task.
const ECHO = 50;

const part = (v: number, size: number): number => (size > 0 ? Math.min(10000, Math.max(0, Math.round((v / size) * 10000))) : 0);

/** clicks starts the signal. */
export function clicks(r: Room): Stop {
  let label: HTMLLabelElement | null = null;
  let at = 0;
  return r.documents((d) => listen(d, 'click', (event) => {
    const e = event as PointerEvent;
    const target = e.composedPath()[0] as Element | undefined;
    if (!e.isTrusted || !target || target.nodeType !== 1) return;
    r.active();
    if (label?.control === target && e.timeStamp - at < ECHO) return;
    label = target.closest('label');
    at = e.timeStamp;
    const el = outermost(target);
    if (el.closest('[data-recording-ignore="events"]')) return;
    const box = el.getBoundingClientRect();
    // Inside a private area only its centre is told.
    const hidden = treat(el) === 'box';
    const x = hidden ? box.width / 2 : e.clientX - box.left;
    const y = hidden ? box.height / 2 : e.clientY - box.top;
    const by = e.pointerType || (e.detail === 0 ? 'key' : 'mouse');
    const info = describe(el, r.text);
    const seen = r.intercept('click', { url: location.href, text: info.x || '' }, e);
    if (!seen) return;
    if (seen.text !== (info.x || '')) info.x = r.text(String(seen.text));
    const key = by === 'key';
    const win = d.defaultView!;
    r.emit('click', {
      v: r.view(), e: info,
      x: key ? 5000 : part(x, box.width), y: key ? 5000 : part(y, box.height),
      px: Math.round((key ? box.left + box.width / 2 : box.left + x) + win.scrollX),
      py: Math.round((key ? box.top + box.height / 2 : box.top + y) + win.scrollY),
      by: /^(mouse|touch|pen|key)$/.test(by) ? by : 'mouse',
    });
  }));
}
