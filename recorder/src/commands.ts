// The commands of the page that need a running recorder. What is accepted for
// compatibility only says so once, with what to write instead.
import type { Handoff } from './handoff.ts';
import { faultOf, tellError } from './signals/error.ts';
import type { Room } from './signals/room.ts';

/** Acts are what commands can make the recorder do. */
export interface Acts {
  navigate(url: string): void;
  pause(): void;
  resume(): void;
  restart(newVisitor: boolean): void;
}

const MAX_PROPS = 50;
const MAX_VALUE = 256;

const ACCEPTED: Record<string, string> = {
  record: 'what is masked is set in the project, and a page cannot widen it',
  consentForms: "use consent('granted') or consent('denied')",
  consentIP: 'IP addresses are never stored',
  consentAPI: "use consent('granted') or consent('denied')",
  setReferrer: 'only the origin of the referrer is kept',
};

const warned = new Set<string>();
function warn(name: string, text: string): void {
  if (warned.has(name)) return;
  warned.add(name);
  console.warn(`Footpath: ${name}: ${text}`);
}

/** props keeps what may stand in a payload: short keys, and text, numbers, booleans. */
export function props(raw: unknown): Record<string, string | number | boolean> | undefined {
  if (!raw || typeof raw !== 'object') return;
  const out: Record<string, string | number | boolean> = {};
  for (const [k, v] of Object.entries(raw).slice(0, MAX_PROPS)) {
    if (k.length > 64) continue;
    if (typeof v === 'string') out[k] = v.slice(0, MAX_VALUE);
    else if (typeof v === 'boolean' || (typeof v === 'number' && isFinite(v))) out[k] = v;
  }
  return out;
}

/** opaque says whether a uid cannot be a name, a number or an address (H22). */
export const opaque = (uid: string): boolean =>
  /^[\w-]{8,64}$/.test(uid) && /\d/.test(uid) && /[a-z]/i.test(uid) &&
  (/^[0-9a-f-]{16,}$/i.test(uid) || (!/\d{7}/.test(uid) && !/^[a-z]{1,2}\d{5,8}[a-z]?$/i.test(uid)));

/** commands makes the page's commands work in a room. */
export function commands(h: Handoff, r: Room, acts: Acts): (name: string, args: unknown[]) => void {
  const options = /^(host|relayProxyUrl|region|cookies|standalone|advancedNetwork|interceptors)$/;
  for (const k of Object.keys(h.params)) if (h.params[k] !== undefined && !options.test(k)) warn(k, 'is no option of init and does nothing there');
  if (h.params.advancedNetwork) warn('advancedNetwork', 'bodies and headers of requests are never recorded');
  return (name, args) => {
    const [a, b] = args;
    switch (name) {
      case 'track':
        if (typeof a === 'string' && a) return r.emit('custom', { v: r.view(), n: a.slice(0, 255), p: props(b) });
        return warn('track', 'needs a name');
      case 'properties':
        return r.emit('props', { p: props(a) || {} });
      case 'identify': {
        const uid = String(a ?? '');
        if (!h.config.identify) return warn('identify', 'is switched off for this project; nothing was stored');
        if (!opaque(uid)) return warn('identify', 'needs an opaque id of letters and digits, never a name, number or e-mail address; nothing was stored');
        r.emit('user', { u: uid });
        if (b) r.emit('props', { p: props(b) || {} });
        return;
      }
      case 'error':
        return tellError(r, faultOf(a), a);
      case 'navigation':
        return acts.navigate(String(a ?? location.href));
      case 'pause':
        return acts.pause();
      case 'resume':
        acts.resume();
        break;
      case 'restart':
        return acts.restart(false);
      case 'anonymize':
        acts.restart(true);
        break;
      default:
        return warn(String(name).slice(0, 40), ACCEPTED[name] || 'is not a command; see the documentation for those there are');
    }
    if (typeof a === 'function') (a as () => void)();
  };
}
