// Runs inside the page: grows and changes a random tree from a seed, with secrets
// in random places. Deterministic for a seed.

/** forest returns functions to grow the page; secrets lists the tokens it planted. */
export function forest(seed) {
  let state = seed >>> 0 || 1;
  const rnd = (n) => {
    state ^= state << 13; state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5; state >>>= 0;
    return state % n;
  };
  const pick = (list) => list[rnd(list.length)];
  const secrets = [];
  const secret = () => {
    let s = 'zq';
    for (let n = seed * 1000 + secrets.length; n > 0; n = Math.floor(n / 20)) s += 'bcdfghjklmnpqrstvwxz'[n % 20];
    secrets.push(s += 'qz');
    return s;
  };
  const SVG = 'http://www.w3.org/2000/svg';
  const roots = () => {
    const all = [document.body];
    const enter = (r) => r.querySelectorAll('*').forEach((e) => {
      if (e.shadowRoot) { all.push(e.shadowRoot); enter(e.shadowRoot); }
      if (e.localName === 'iframe' && e.contentDocument?.body) { all.push(e.contentDocument.body); enter(e.contentDocument.body); }
    });
    enter(document.body);
    return all;
  };
  const nodes = () => {
    const r = pick(roots());
    const all = [...r.querySelectorAll('*')].filter((e) => !e.closest('head'));
    return all.length ? all : [r];
  };
  const attribute = (e) => {
    const s = secret();
    const name = pick(['title', 'alt', 'aria-label', 'data-u', 'value', 'name', 'placeholder', 'style', 'onclick', 'src', 'action', 'content', 'holder', 'aria-valuetext', 'role', 'lang', 'width', 'tabindex', 'poster', 'srcset', 'download', 'href', 'hidden', 'class', 'aria-expanded', 'type']);
    const value = { style: `--x:"${s}";background:url(/${s})`, href: `/users/${s}?t=${s}#${s}`, class: pick(['lead', 'row-4', 'govuk-body', 'is-active', 'big red']), src: `/empty?${s}`, 'aria-expanded': pick(['true', 'false']) }[name] ?? s;
    if (name === 'src' && /script|iframe|embed/.test(e.localName)) return;
    if (name === 'type' && rnd(2)) return e.setAttribute('type', pick(['text', 'password', 'checkbox', 'radio', 'date']));
    e.setAttribute(name, value);
  };
  const make = () => {
    const kind = rnd(30);
    const d = document;
    const el = (n) => d.createElement(n);
    if (kind < 8) return Object.assign(el(pick(['p', 'b', 'h2', 'li', 'td', 'label', 'summary', 'pre', 'output'])), { textContent: pick(['', 'plain words ', '\n two\n lines']) + secret() });
    if (kind < 14) return el(pick(['div', 'section', 'ul', 'span', 'details', 'fieldset', 'x-card', 'form', 'dialog']));
    if (kind < 18) { const i = el('input'); i.type = pick(['text', 'email', 'password', 'checkbox', 'radio', 'hidden', 'submit', 'search']); i.value = secret(); if (rnd(2)) i.required = true; return i; }
    if (kind === 18) return Object.assign(el('textarea'), { value: secret(), defaultValue: secret() });
    if (kind === 19) { const s = el('select'); for (let i = rnd(4); i >= 0; i--) s.add(new Option(secret(), secret())); return s; }
    if (kind === 20) return Object.assign(el('button'), { textContent: secret(), value: secret() });
    if (kind === 21) { const e = el('div'); e.contentEditable = 'true'; e.innerHTML = `<p>${secret()}</p>`; return e; }
    if (kind === 22) { const s = d.createElementNS(SVG, 'svg'); const t = d.createElementNS(SVG, 'text'); t.textContent = secret(); s.setAttribute('viewBox', '0 0 9 9'); s.append(t, d.createElementNS(SVG, 'rect')); return s; }
    if (kind === 23) return d.createComment(secret());
    if (kind === 24) return Object.assign(el(pick(['template', 'noscript', 'datalist', 'object'])), { innerHTML: `<option>${secret()}</option>` });
    if (kind === 25) { const e = el('div'); e.attachShadow({ mode: 'open' }).innerHTML = `<style>p::before{content:"${secret()}"}</style><slot></slot><p>${secret()}</p><input value="${secret()}">`; return e; }
    if (kind === 26) return Object.assign(el('style'), { textContent: `.${pick(['lead', 'big'])}::after{content:"${secret()}"}/*${secret()}*/` });
    if (kind === 27) { const e = el('div'); e.setAttribute('data-sl', pick(['exclude', 'mask', 'unmask'])); e.innerHTML = `<p>${secret()}</p><input value="${secret()}">`; return e; }
    if (kind === 28) return Object.assign(el('img'), { alt: secret() });
    return d.createTextNode(' ' + secret());
  };
  const steps = [
    () => pick(nodes()).append(make()),
    () => pick(nodes()).prepend(make(), make()),
    () => { const n = pick(nodes()); if (n.parentNode && n !== document.body) n.before(make()); },
    () => { const n = pick(nodes()); if (n !== document.body && n.parentNode?.nodeType !== 9) n.remove(); },
    () => { const a = pick(nodes()), b = pick(nodes()); if (a !== document.body && a !== b && a.localName !== 'iframe' && !a.querySelector('iframe') && a.ownerDocument === b.ownerDocument && !a.contains(b) && a.localName !== 'body') { try { b.append(a); } catch { /* not allowed there */ } } },
    () => attribute(pick(nodes())),
    () => attribute(pick(nodes())),
    () => { const n = pick(nodes()); if (n.localName === 'style') return; for (const c of n.childNodes) if (c.nodeType === 3) { c.data = pick(['', 'other ']) + secret(); break; } },
    () => { const n = pick(nodes()); if (!/style|script|textarea|select|iframe|svg|rect|template/.test(n.localName) && !n.querySelector('iframe') && n.localName !== 'body') n.textContent = secret(); },
    () => { const i = nodes().find((e) => e.localName === 'input'); if (i && i.type !== 'file') i.value = secret(); },
    () => { const i = nodes().find((e) => /checkbox|radio/.test(e.type)); if (i) i.checked = !i.checked; },
    () => { const n = pick(nodes()); if (n.parentNode && n !== document.body && n.localName !== 'iframe' && !n.querySelector('iframe')) n.replaceWith(make(), make()); },
    () => { const n = pick(nodes()); const c = n.localName !== 'style' && [...n.childNodes].find((x) => x.nodeType === 3 && x.length > 3); if (c) c.splitText(2); },
    () => { const n = pick(nodes()); if (n.children.length > 1) n.append(n.firstElementChild); },
    () => { const n = pick(nodes()); if (!rnd(3) && n !== document.body) n.setAttribute('contenteditable', ''); },
  ];
  return {
    secrets,
    grow(n) { for (let i = 0; i < n; i++) { try { pick(steps)(); } catch { /* a step the DOM does not allow */ } } },
    frame: () => new Promise((done) => {
      const f = document.createElement('iframe');
      f.srcdoc = `<p>${secret()}</p><input value="${secret()}">`;
      f.onload = () => done();
      document.body.append(f);
    }),
  };
}
