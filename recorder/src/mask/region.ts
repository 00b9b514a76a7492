// What an element is to the recorder. Both the masking and the normal form ask
// here, so that they cannot disagree.

/** Treat says how an element is shown: as it is, as a field, a box, a picture's box, or not at all. */
export type Treat = 'plain' | 'field' | 'box' | 'media' | 'drop';

const DROP = /^(script|noscript|template|meta|base|datalist|optgroup|option|source|track|param|applet|frame|frameset|portal|fencedframe|bgsound|keygen|animate|animatemotion|animatetransform|set|discard|handler|listener|fp-drop)$/;
// What holds a page together, or its style, is never a field or a box itself.
const FRAME = /^(html|head|title|style)$/;
const BOX = /^(object|embed)$/;
const MEDIA = /^(img|video|audio|canvas|iframe|image|feimage)$/;

// Regions that their owner marked, for us, for Smartlook, or for another recorder:
// a site that moves keeps what it had.
const HIDE = '[data-sl~="exclude"],[data-sl*="exclude,"],[data-recording-disable],[data-recording-ignore="mask"],.smartlook-hide,.ph-no-capture,.sentry-block,.rr-block,[data-private],[data-openreplay-hidden],[data-dd-privacy="hidden"]';
const MASK = '[data-sl~="mask"],[data-sl*="mask,"],[data-recording-sensitive],[data-clarity-mask="true"],[data-openreplay-masked],[data-openreplay-obscured],[data-dd-privacy="mask"],.sentry-mask,.rr-mask';
const EDIT = '[contenteditable]:not([contenteditable="false" i]),[role="textbox" i],[role="searchbox" i],input,textarea,select';

/** CONTEXT names attributes whose change can change what a whole subtree is. */
export const CONTEXT = /^(contenteditable|role|class|rel|data-sl|data-recording-\w+|data-private|data-clarity-mask|data-openreplay-\w+|data-dd-privacy)$/;

// What was ever written in stays a field, even when the page turns editing off.
const written = new WeakSet<Element>();

/** treat classifies a live element by itself, without its ancestors. */
export function treat(el: Element): Treat {
  const tag = el.localName.toLowerCase();
  if (DROP.test(tag)) return 'drop';
  if (tag === 'link') return /(^|\s)stylesheet(\s|$)/i.test(el.getAttribute('rel') || '') ? 'plain' : 'drop';
  if (FRAME.test(tag)) return 'plain';
  if (BOX.test(tag) || el.matches(HIDE)) return 'box';
  if (written.has(el) || el.matches(EDIT)) {
    // A hidden or inherited editor is found by its own attribute; design mode by its document.
    if (tag !== 'input') written.add(el);
    return 'field';
  }
  if (tag === 'body' && (el.ownerDocument.designMode === 'on' || el.ownerDocument.documentElement.matches(EDIT))) return 'field';
  return MEDIA.test(tag) ? 'media' : 'plain';
}

/** marked says whether the element's owner asked for its text to be masked. */
export const marked = (el: Element): boolean => el.matches(MASK);

/** Around is what the ancestors of a node mean for it. */
export interface Around {
  /** inside a field, a box or something dropped: nothing of it is recorded. */
  gone: boolean;
  marked: boolean;
  pre: boolean;
  style: boolean;
}

/** OUTSIDE is the context of a document's own root. */
export const OUTSIDE: Around = { gone: false, marked: false, pre: false, style: false };

/** within gives the context for the children of el, given el's own. */
export function within(el: Element, a: Around, t = treat(el)): Around {
  const tag = el.localName.toLowerCase();
  const gone = a.gone || t === 'field' || t === 'box' || t === 'drop';
  const m = a.marked || marked(el);
  const pre = a.pre || tag === 'pre';
  const style = tag === 'style';
  return gone === a.gone && m === a.marked && pre === a.pre && style === a.style ? a : { gone, marked: m, pre, style };
}

/** parentOf crosses shadow roots and same-origin frames on the way up. */
export function parentOf(n: Node): Node | null {
  if (n.nodeType === 9) {
    try {
      return (n as Document).defaultView?.frameElement || null;
    } catch {
      return null;
    }
  }
  return n.parentNode || (n as ShadowRoot).host || null;
}

/** Known remembers contexts, for as long as the page cannot change beneath: within one event. */
export type Known = Map<Node, Around>;

/** around gives the context of the children of n, by walking up from it. */
export function around(n: Node | null, known?: Known): Around {
  const chain: Element[] = [];
  let a = OUTSIDE;
  for (let at = n; at; at = parentOf(at)) {
    const hit = known?.get(at);
    if (hit) {
      a = hit;
      break;
    }
    if (at.nodeType === 1) chain.push(at as Element);
  }
  for (let i = chain.length; i--;) {
    a = within(chain[i], a);
    known?.set(chain[i], a);
  }
  return a;
}
