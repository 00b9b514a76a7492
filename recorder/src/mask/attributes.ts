// Attributes by allow list: what is not here does not leave the browser.
import { maskURL, plain } from '../url.ts';
import { maskDeclarations } from './css.ts';
import type { TextContext, TextRule } from './text.ts';

const TEXT = /^(title|alt|placeholder|label|summary|abbr|aria-(label|description|roledescription|valuetext|placeholder|braillelabel))$/;
const NAMES = /^(id|for|headers|slot|part|popovertarget|commandfor|aria-(labelledby|describedby|controls|owns|activedescendant|errormessage|details|flowto)|data-testid|data-test|data-id|data-module)$/;
// Values of these are words of a standard, numbers or nothing.
const WORDS = /^(dir|hidden|open|disabled|readonly|required|multiple|colspan|rowspan|span|scope|start|reversed|nowrap|align|valign|border|cellpadding|cellspacing|tabindex|draggable|popover|popovertargetaction|inert|controls|wrap|aria-(atomic|autocomplete|busy|checked|colcount|colindex|colspan|current|disabled|expanded|haspopup|hidden|invalid|keyshortcuts|level|live|modal|multiline|multiselectable|orientation|posinset|pressed|readonly|relevant|required|rowcount|rowindex|rowspan|selected|setsize|sort))$/;
const DRAWING = /^(viewbox|preserveaspectratio|d|points|x|y|x1|x2|y1|y2|cx|cy|r|rx|ry|fx|fy|dx|dy|width|height|transform|gradienttransform|patterntransform|gradientunits|patternunits|clippathunits|maskunits|spreadmethod|offset|pathlength|focusable|version|overflow|display|visibility|color|bgcolor|opacity|mask|filter|text-anchor|dominant-baseline|alignment-baseline|vector-effect|shape-rendering|letter-spacing|font-(size|weight|style)|(fill|stroke|stop|flood|clip)(-[a-z]+)*|marker(-[a-z]+)?|ref[xy]|orient|marker(width|height|units))$/;
const NUMBER = /^-?[\d.]+(px|%)?$/;
const LANG = /^[a-z]{2,3}(-[a-z]{4})?(-([a-z]{2}|\d{3}))?$/i;
/** ROLE is every role of ARIA. */
export const ROLE = /^(alert|alertdialog|application|article|banner|blockquote|button|caption|cell|checkbox|code|columnheader|combobox|complementary|contentinfo|definition|deletion|dialog|directory|document|emphasis|feed|figure|form|generic|grid|gridcell|group|heading|img|image|insertion|link|list|listbox|listitem|log|main|mark|marquee|math|menu|menubar|menuitem|menuitemcheckbox|menuitemradio|meter|navigation|none|note|option|paragraph|presentation|progressbar|radio|radiogroup|region|row|rowgroup|rowheader|scrollbar|search|searchbox|separator|slider|spinbutton|status|strong|subscript|suggestion|superscript|switch|tab|table|tablist|tabpanel|term|textbox|time|timer|toolbar|tooltip|tree|treegrid|treeitem)$/;
// Words that states and drawings use; anything else is not ours to know.
const KEYWORD = /^(true|false|mixed|on|off|page|step|location|date|time|none|auto|manual|hint|hidden|until-found|open|ltr|rtl|row|col|rowgroup|colgroup|left|right|center|justify|top|middle|bottom|baseline|menu|listbox|tree|grid|dialog|polite|assertive|grammar|spelling|horizontal|vertical|undefined|ascending|descending|other|inline|list|both|additions|removals|text|all|toggle|show|hide|hard|soft|void|inherit|initial|round|butt|square|bevel|miter|arcs|evenodd|nonzero|userspaceonuse|objectboundingbox|pad|reflect|repeat|start|end|xm(in|id|ax)ym(in|id|ax)|meet|slice|normal|bold|bolder|lighter|italic|oblique|visible|scroll|collapse|block|inline-block|central|hanging|alphabetic|mathematical|text-(before|after)-edge|auto-start-reverse|non-scaling-stroke|crispedges|geometricprecision|optimize(speed|legibility|quality)|currentcolor|transparent|context-(fill|stroke)|matrix|translate|scale|rotate|skew[xy])$/i;

/** Masker holds the rules that need a choice. */
export interface Masker {
  text: TextRule;
}

/** maskClass keeps the class names that cannot name anybody. */
export const maskClass = (v: string): string => v.split(/\s+/).filter(plain).join(' ');

/** fieldStyle keeps of a field's inline style what does not follow its content. */
const fieldStyle = (css: string): string =>
  (css.match(/(^|[;\s])(display|visibility|opacity|position)\s*:\s*[a-z0-9.-]+/gi) || []).map((s) => s.replace(/^[;\s]+/, '')).join('; ');

/**
 * maskAttribute gives the value that may leave, or null when none may. name is
 * lower case; kind is the element's treatment.
 */
export function maskAttribute(m: Masker, tag: string, kind: string, name: string, v: string, c: TextContext): string | null {
  if (name === 'class') return maskClass(v);
  if (name === 'style') return kind === 'field' ? fieldStyle(v) : maskDeclarations(v);
  if (TEXT.test(name)) return m.text(v, c);
  if (NAMES.test(name)) return v.split(/\s+/).every(plain) ? v : null;
  if (name === 'href' || name === 'xlink:href') return href(tag, v);
  if (name === 'width' || name === 'height') return kind !== 'field' && NUMBER.test(v) ? v : null;
  if (name === 'lang') return !v || LANG.test(v) ? v : null;
  if (name === 'role') return v.split(/\s+/).filter((r) => ROLE.test(r)).join(' ') || null;
  // Attributes that are on or off often repeat their own name.
  if (WORDS.test(name)) return v.length <= 64 && v.split(/\s+/).every((w) => !w || w === name || KEYWORD.test(w) || NUMBER.test(w)) ? v : null;
  if (name === 'media') return /^[\w\s():.,<>=/-]*$/.test(v) && v.replace(/(^|[\s(:,<>=/])[\d.]+(px|r?em|dppx|dpi|x)?(?![\w.])/g, '$1').split(/[\s():,<>=]+/).every((w) => !w || plain(w)) ? v : null;
  if (name === 'type') return /^(ol|ul|li|button|style|link)$/.test(tag) && /^([1aAiI]|disc|circle|square|button|submit|reset|text\/css)$/.test(v) ? v : null;
  if (name === 'rel') return tag === 'link' ? 'stylesheet' : null;
  if (DRAWING.test(name)) return drawing(name, v);
  return null;
}

function href(tag: string, v: string): string | null {
  if (/^#/.test(v)) return plain(v.slice(1)) || v === '#' ? v : null;
  return /^(a|area)$/.test(tag) ? maskURL(v, document.baseURI) : null;
}

function drawing(name: string, v: string): string | null {
  const local = /^url\(["']?#([\w-]+)["']?\)$/.exec(v);
  if (local) return plain(local[1]) ? v : null;
  if (name === 'd' || name === 'points') return /^[\d\s.,+\-eMmLlHhVvCcSsQqTtAaZz]*$/.test(v) ? v : null;
  if (/color$|^(fill|stroke)$/.test(name)) return color(v) ? v : null;
  return v.length <= 256 && v.split(/[\s,()]+/).every((w) => !w || /^[-+]?\d*\.?\d*(e[-+]?\d+)?(%|[a-z]{1,4})?$/i.test(w) && /\d/.test(w) || KEYWORD.test(w)) ? v : null;
}

// The browser knows the names of colours; where it cannot be asked, only codes pass.
const color = (v: string): boolean =>
  /^#[0-9a-f]{3,8}$/i.test(v) || KEYWORD.test(v) || (v.length < 64 && typeof CSS !== 'undefined' && CSS.supports('color', v) && !/var|url|["']/i.test(v));
