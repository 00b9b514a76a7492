// Rule U: an address is its origin and path, with the segments that could name
// somebody replaced; the same pattern decides which ids and classes are kept.

// A part is a word, a word with a short number (h1, mt4), a short number with or
// without a unit, or a round number of a design scale (gray-500). Longer digits are ids.
const PART = /^([a-z!]*\d{0,2}|\d[05]0|\d00|\d{1,2}(px|rem|em|vh|vw|ms|x[sl]|d))$/i;

// Class names that build tools make: their middle is a hash of a style, not of a person.
const BUILT = /^((css|sc|jsx|svelte|astro|emotion|jss|mui)-[a-z0-9]{4,10}|[a-z]+(_[a-z]+)?__[a-z0-9]{5})$/i;

// Segments after which a name or number of one person or case usually stands.
const NAMING = /^(by-name|u|(people|staff|person|(user|member|customer|client|patient|case|claim(ant)?|applica(nt|tion)|account|profile|contact|employee|student|token|invit(e|ation)|order)s?|reset|verify|confirm|magic))$/i;
const VERB = /^(new|add|edit|create|search|list|index|all|start|settings|help|details|history|print|check|results?|password|email|log-?(in|out)|sign-?(in|out|up))$/i;

/** plain says whether a name (an id, a class, a path segment) cannot be an identifier, token or address. */
export function plain(s: string): boolean {
  if (!s || s.length > 64 || /[^\w\-:!/.~\\[\]]/.test(s)) return false;
  if (BUILT.test(s)) return true;
  const parts = s.split(/[-_:/.~\\[\]]+/);
  let digits = 0;
  for (const p of parts) {
    if (p.length > 24 || !PART.test(p)) return false;
    // A word that changes case often is a token, not camel case.
    if ((p.match(/[a-z][A-Z]/g) || []).length > 4) return false;
    digits += p.replace(/\D/g, '').length;
  }
  return digits < 5;
}

/** path applies rule U to a path. */
export function maskPath(path: string): string {
  let before = '';
  return path.split('/').map((seg) => {
    const naming = NAMING.test(before);
    before = seg;
    return !seg || (plain(seg) && (!naming || VERB.test(seg))) ? seg : ':id';
  }).join('/');
}

/** maskURL applies rule U: origin and path; no query, no fragment; nothing but http(s). */
export function maskURL(raw: string, base?: string): string {
  try {
    const u = new URL(raw, base);
    return /^https?:$/.test(u.protocol) ? u.origin + maskPath(u.pathname) : u.protocol;
  } catch {
    return '';
  }
}

/** origin of an address, or nothing: all that is kept of a referrer. */
export function originOf(raw: string): string {
  try {
    const o = new URL(raw).origin;
    return o === 'null' ? '' : o;
  } catch {
    return '';
  }
}
