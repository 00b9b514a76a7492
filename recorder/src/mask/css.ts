// Style text without what it says: strings and addresses are emptied, comments and
// imports go, names that look like ids are replaced.
import { plain } from '../url.ts';

// What an attribute selector may compare with: words of HTML and ARIA only.
const KNOWN = /^(true|false|mixed|page|step|on|off|auto|none|open|closed|active|inactive|checked|unchecked|selected|disabled|hidden|visible|button|submit|reset|text|checkbox|radio|file|search|email|tel|url|number|password|date|time|month|week|range|color|menu|listbox|dialog|tab|tabpanel|tablist|alert|status|navigation|main|banner|ltr|rtl|horizontal|vertical|top|bottom|left|right|start|end|light|dark|polite|assertive|ascending|descending)$/;

const cache = new Map<string, string>();
const SPLIT = '/* rr_split */';

/** maskCSS applies the rule for style text; it is idempotent. */
export function maskCSS(css: string): string {
  if (css.length < 256) return mask(css);
  let hit = cache.get(css);
  if (hit === undefined) {
    if (cache.size > 200) cache.clear();
    cache.set(css, hit = mask(css));
  }
  return hit;
}

/** maskSheet masks the text of a style element: what comes after the last rule is none, whatever it says. */
export function maskSheet(css: string): string {
  const s = maskCSS(css);
  return s.slice(0, s.lastIndexOf('}') + 1);
}

/** maskDeclarations masks a style attribute: what is no declaration goes, too. */
export const maskDeclarations = (css: string): string =>
  maskCSS(css).split(';').filter((d) => /^\s*-{0,2}[a-z][\w-]*\s*:/i.test(d)).join(';');

const TOKEN = new RegExp([
  '/\\*[^]*?(?:\\*/|$)', // comment
  '@import\\b(?:"(?:\\\\[^]|[^"\\\\])*"?|\'(?:\\\\[^]|[^\'\\\\])*\'?|[^;"\'])*;?', // import
  '\\b(?:url|src)\\(\\s*(?:"(?:\\\\[^]|[^"\\\\])*"?|\'(?:\\\\[^]|[^\'\\\\])*\'?|(?:\\\\[^]|[^)\\\\])*)\\s*\\)?', // address
  '"(?:\\\\[^]|[^"\\\\])*"?', // string
  "'(?:\\\\[^]|[^'\\\\])*'?",
  '#[0-9a-f]{3,8}\\b', // colour
  '(?:--|[.#])?[a-z_][\\w-]*\\d[\\w-]*', // name with a digit
].join('|'), 'gi');

function mask(css: string): string {
  return css.replace(TOKEN, (t, at: number) => {
    const c = t[0];
    if (t === SPLIT) return t;
    if (c === '/') return '';
    if (c === '@') return '';
    if (c === '"' || c === "'") {
      const inner = t.slice(1, -1);
      return /\[[^\]"']*=\s*$/.test(css.slice(Math.max(0, at - 64), at)) && KNOWN.test(inner) ? t : c + c;
    }
    if (/^(url|src)\(/i.test(t)) return 'url("")';
    if (c === '#' && /^#[0-9a-f]{3,8}$/i.test(t)) return t;
    if (/^(translate|matrix|rotate|scale)3d$/i.test(t)) return t;
    const lead = /^(--|[.#])?/.exec(t)![0];
    return plain(t.slice(lead.length)) ? t : lead + 'x';
  });
}
