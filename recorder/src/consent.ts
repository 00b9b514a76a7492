// The consent gate's senses: what the site's own cookies say. Anything that is
// not a clear yes or no is unknown, and unknown means no.
import { readCookie } from './storage.ts';

/** Choice is what a visitor chose, as far as it can be read. */
export type Choice = 'granted' | 'denied' | '';

/** readGovUK reads the cookies of the GOV.UK Design System's cookie banner. */
export function readGovUK(set: string | undefined, policy: string | undefined): Choice {
  if (set !== 'true' || !policy) return '';
  try {
    const usage = JSON.parse(decodeURIComponent(policy)).usage;
    return usage === true ? 'granted' : usage === false ? 'denied' : '';
  } catch {
    return '';
  }
}

/** readNamed reads a cookie that the project names: yes or no in the words sites use. */
export function readNamed(value: string | undefined): Choice {
  return /^(granted|yes|true|accept(ed)?|allow(ed)?|1)$/i.test(value || '') ? 'granted' : value ? 'denied' : '';
}

/** siteChoice combines the site's cookies: any refusal wins. */
export function siteChoice(named: string | undefined): Choice {
  const a = readGovUK(readCookie('cookies_preferences_set'), readCookie('cookies_policy'));
  const b = named ? readNamed(readCookie(named)) : '';
  return a === 'denied' || b === 'denied' ? 'denied' : a || b;
}
