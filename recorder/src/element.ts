// What is told of an element: where it stands, what it is, and a name by rule T.
import { cutMasked, type TextRule } from './mask/text.ts';
import { ROLE } from './mask/attributes.ts';
import { fieldType } from './mask/field.ts';
import { around, parentOf, treat } from './mask/region.ts';
import { maskTag } from './mask/tree.ts';
import { plain } from './url.ts';
import { MAX_STRING, type ElementInfo } from './wire.ts';

const MAX_TEXT = 128;
const MAX_CLASSES = 5;

const ROLES: Record<string, string> = {
  a: 'link', button: 'button', select: 'combobox', textarea: 'textbox', img: 'img', nav: 'navigation', main: 'main',
  form: 'form', summary: 'button', option: 'option', table: 'table', li: 'listitem', h1: 'heading', h2: 'heading', h3: 'heading',
};

/** outermost gives the element to name: of a field's or box's inside, the field or box itself. */
export function outermost(el: Element): Element {
  let out = el;
  for (let n: Node | null = el; n; n = parentOf(n)) {
    if (n.nodeType === 1 && /field|box/.test(treat(n as Element))) out = n as Element;
  }
  return out;
}

function step(el: Element): string {
  const tag = maskTag(el.localName);
  let s = tag;
  if (el.id && plain(el.id)) s += '#' + el.id;
  for (const c of Array.from(el.classList).filter(plain).slice(0, MAX_CLASSES)) s += '.' + c;
  const same = Array.from(el.parentNode?.children || []).filter((x) => x.localName === el.localName);
  s += `:nth-of-type(${Math.max(1, same.indexOf(el) + 1)})`;
  const test = el.getAttribute('data-testid') || el.getAttribute('data-id');
  return test && plain(test) ? `${s}[data-testid="${test}"]` : s;
}

/** pathOf goes from html to the element; ">>>" crosses into a shadow root or a frame. */
export function pathOf(el: Element): string {
  let out = '';
  let join = '';
  for (let n: Node | null = el; n; n = parentOf(n)) {
    if (n.nodeType !== 1) {
      join = ' >>> ';
      continue;
    }
    const next = step(n as Element) + join + out;
    if (next.length > MAX_STRING) break;
    out = next;
    join = ' > ';
  }
  return out;
}

/** cutText bounds a masked text to what an event may hold of it. */
export const cutText = (s: string): string => cutMasked(s, MAX_TEXT);

/** textOf is the masked text of an element, node by node. */
export function textOf(el: Element, text: TextRule): string {
  const a = around(el);
  if (a.gone) return '';
  const out: string[] = [];
  let size = 0;
  const walk = (n: Node): void => {
    for (let c = n.firstChild; c && size <= MAX_TEXT; c = c.nextSibling) {
      if (c.nodeType === 3) {
        const s = text(c.nodeValue || '', a).trim();
        if (s) out.push(s);
        size += s.length + 1;
      } else if (c.nodeType === 1 && treat(c as Element) === 'plain' && (c as Element).localName !== 'style') walk(c);
    }
  };
  walk(el);
  return cutText(out.join(' '));
}

function nameOf(el: Element, text: TextRule): string {
  const a = around(parentOf(el));
  const root = el.getRootNode() as Document;
  const by = (ids: string | null): string =>
    (ids || '').split(/\s+/).map((id) => id && root.getElementById?.(id)).filter(Boolean).map((x) => textOf(x as Element, text)).join(' ');
  const label = (el as HTMLInputElement).labels?.[0];
  const attribute = (n: string): string => text(el.getAttribute(n) || '', a).trim();
  return cutText(by(el.getAttribute('aria-labelledby')) || attribute('aria-label') || (label ? textOf(label, text) : '') ||
    attribute('alt') || (/^(submit|button|reset)$/.test((el as HTMLInputElement).type) ? attribute('value') : '') ||
    attribute('title'));
}

/** describe gives the descriptor of an element. */
export function describe(target: Element, text: TextRule): ElementInfo {
  const el = outermost(target);
  const info: ElementInfo = { p: pathOf(el), t: maskTag(el.localName) };
  const kind = treat(el);
  // A form is named by its legend or label, not by all that stands in it.
  const said = el.localName === 'form' ? el.querySelector('legend,h1,h2,h3') : el;
  const x = said ? textOf(said, text) : '';
  if (x) info.x = x;
  const role = el.getAttribute('role');
  info.r = role && ROLE.test(role) ? role : kind === 'field' && el.localName === 'input' ? fieldType(el) : ROLES[el.localName];
  const a = nameOf(el, text) || (/^(a|button)$/.test(el.localName) ? x : '');
  if (a) info.a = a;
  return info;
}

/** fieldOf gives the field an event came from, if it came from one. */
export function fieldOf(e: Event): Element | undefined {
  const el = e.composedPath()[0];
  if (!(el instanceof Object) || (el as Node).nodeType !== 1) return;
  const out = outermost(el as Element);
  return treat(out) === 'field' ? out : undefined;
}
