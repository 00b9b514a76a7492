// Our own leak cases, beside the given corpus: each plants one secret. S in markup
// or script is replaced by the case's token; `token` overrides the made one, `late`
// runs after load, `type` is typed into the selector, `click` is clicked. `t` marks
// a text, which the smartlook profile shows; `u` a name, told by its digits alone.
// Attributes whose rule is that of texts, and that of names (only tokens that look
// like identifiers can be told from names).
const TEXT = /^(title|alt|placeholder|aria-(label|description|valuetext|roledescription|placeholder))$/;
const NAMED = /^(id|class|href|slot|part|for|headers|data-testid|aria-(labelledby|controls))$/;
const letters = (n) => String(n).replace(/\d/g, (d) => 'bcdfghjklm'[d]);
const made = (n, c) => (c.u ? `wq${n}vex${(n * 7919) % 1000}lor` : `wq${letters(n)}vex${letters((n * 7919) % 1000)}lor`);

const list = [
  // Text in every kind of place.
  { t: 1, html: '<details><summary>S</summary></details>' }, { t: 1, html: '<dialog open>S</dialog>' }, { t: 1, html: '<fieldset><legend>S</legend></fieldset>' },
  { t: 1, html: '<table><caption>S</caption></table>' }, { t: 1, html: '<ruby>S<rt>x</rt></ruby>' }, { t: 1, html: '<pre>one\nS\ntwo</pre>' }, { t: 1, html: '<div popover>S</div>' },
  { t: 1, html: '<svg><title>S</title><desc>x</desc></svg>' }, { t: 1, html: '<svg><desc>S</desc></svg>' }, { t: 1, html: '<svg><foreignObject><p>S</p></foreignObject></svg>' },
  { html: '<svg><style>text{--a:"S"}</style></svg>' }, { t: 1, html: '<math><mtext>S</mtext></math>' }, { t: 1, html: '<svg><![CDATA[S]]></svg>' }, { html: '<!-- S -->' },
  { html: '<noscript>S</noscript>' }, { html: '<datalist><option value=S>S</option></datalist>' }, { t: 1, html: '<progress value=1 max=2>S</progress>' },
  { t: 1, html: '<object data="/o?S">S</object>' }, { t: 1, html: '<video>S</video>' }, { t: 1, html: '<canvas>S</canvas>' }, { t: 1, html: '<marquee>S</marquee>' },
  { t: 1, html: '<p id=t1></p>', late: 't1.textContent="S";setTimeout(()=>t1.firstChild.data="then S")' },
  { t: 1, html: '<p id=t2>a long text</p>', late: 't2.firstChild.splitText(3).data="S"' },
  { t: 1, html: '<p id=t3></p>', late: 't3.insertAdjacentHTML("beforeend","<b>S</b><!--S-->")' },
  { html: '<div id=t4></div>', late: 't4.attachShadow({mode:"closed"}).innerHTML="<p>S</p>"' },
  { t: 1, html: '<div id=t5></div>', late: 't5.attachShadow({mode:"open"}).innerHTML="<slot></slot><div></div>";t5.shadowRoot.lastChild.attachShadow({mode:"open"}).innerHTML="<p title=S>S</p>"' },
  { t: 1, html: '<div id=t6><template shadowrootmode=open><p>S</p></template></div>' },
  { html: '<template id=t7><p>S</p></template>', late: 't7.content.append("S")' },
  { t: 1, html: '<div id=t8></div>', late: 'const d8=document.createElement("div");d8.textContent="S";t8.append(d8);t8.prepend(d8);d8.remove();t8.append(d8)' },
  // Fields.
  { html: '<textarea id=f1></textarea>', late: 'f1.textContent="S"' }, { html: '<textarea id=f2></textarea>', late: 'f2.value="S"' },
  { html: '<select><optgroup label=S><option>x</option></optgroup></select>' }, { html: '<select id=f3></select>', late: 'f3.add(new Option("S","S"))' },
  { html: '<select id=f4><option label=S>x</select>' }, { html: '<input id=f5 type=hidden value=S>' }, { html: '<input id=f6 name=S list=S pattern=S>' },
  { html: '<input id=f7>', late: 'f7.setAttribute("value","S")' }, { html: '<input id=f8>', late: 'f8.defaultValue="S"' }, { t: 1, html: '<input type=image alt=S src="/i?S">' },
  { html: '<div id=f9 contenteditable>S</div>' }, { html: '<div id=f10>x</div>', late: 'f10.contentEditable="true";f10.textContent="S"' },
  { html: '<div id=f11 contenteditable=plaintext-only></div>', type: '#f11' }, { html: '<div id=f12 contenteditable><p>a</p></div>', late: 'f12.firstChild.textContent="S";setTimeout(()=>f12.removeAttribute("contenteditable"),50)' },
  { html: '<div id=f13 role=searchbox tabindex=0></div>', late: 'f13.textContent="S"' }, { html: '<input id=f14 type=password>', late: 'f14.value="S";f14.type="text";f14.cloneNode(true);document.body.append(f14.cloneNode(true))' },
  { html: '<iframe id=f15 srcdoc="<p>x"></iframe>', late: 'f15.contentDocument.designMode="on";f15.contentDocument.body.textContent="S"' },
  { html: '<form id=f16><input name=a></form>', late: 'f16.a.value="S";f16.a.setCustomValidity("S");f16.reset();f16.a.value="S"' },
  { html: '<label>Ref <input id=f17></label>', type: '#f17' }, { html: '<input id=f18 maxlength=200>', type: '#f18' }, { html: '<x-field id=f19 value=S></x-field>' },
  { t: 1, html: '<form><input type=submit id=f20 value=S></form>' }, { html: '<button value=S name=S form=S>x</button>' },
  // Attributes, in markup and later.
  ...['title', 'alt', 'aria-description', 'aria-valuetext', 'aria-roledescription', 'aria-placeholder', 'data-x', 'onclick', 'style2', 'content', 'cite', 'datetime', 'download', 'ping', 'name', 'value', 'slot', 'part', 'is', 'itemid', 'property', 'role', 'lang', 'accesskey', 'nonce', 'for', 'aria-labelledby', 'aria-controls', 'headers', 'type', 'rel', 'xmlns', 'data-fp-label', 'data-fp-type', 'rr_src', 'rr_dataURL', '_cssText', 'data-testid']
    .map((a) => ({ u: NAMED.test(a), t: TEXT.test(a), html: `<div ${a}="S">x</div>` })),
  ...['title', 'aria-label', 'data-x', 'id', 'class', 'href', 'style', 'data-fp-filled', 'placeholder'].map((a, i) => ({ u: NAMED.test(a), t: TEXT.test(a), html: `<a id=a${i}>x</a>`, late: `a${i}.setAttribute("${a}","S")` })),
  { html: '<div S=1>x</div>' }, { u: 1, html: '<x-S>x</x-S>' }, { html: '<div style="--x:\'S\'">x</div>' }, { html: '<div style="background:url(/b?S)">x</div>' }, { html: '<div style="font-family:\'S\'">x</div>' },
  { html: '<img src="/i?S" srcset="/i?S 2x">' }, { html: '<picture><source srcset="/i?S"><img></picture>' }, { html: '<video poster="/p?S" src="/v?S"></video>' }, { html: '<audio src="/a?S"></audio>' },
  { t: 1, html: '<map><area href="/u/S" alt=S></map>' }, { html: '<svg><image href="/i?S"/></svg>' }, { t: 1, html: '<svg><a href="/u/S"><text>x</text></a></svg>' }, { html: '<svg><use href="/s?S#x"/></svg>' },
  { u: 1, html: '<svg><path d="S" class="S" id="S"/></svg>' }, { html: '<svg><rect fill="url(/S)" transform="S"/></svg>' }, { html: '<svg><animate attributeName=x values="S"/></svg>' },
  { html: '<embed src="/e?S">' }, { html: '<form action="/f?S" name=S><button formaction="/g?S">x</button></form>' }, { html: '<a href="mailto:S@zed.example">x</a>' }, { html: '<a href="data:text/html,S">x</a>' },
  { html: '<a href="javascript:void(\'S\')">x</a>' }, { html: '<a href="/x#S">x</a>' }, { html: '<a href="https://S.example/"></a>', skip: 'hosts are kept' },
  { t: 1, html: '<iframe src="/empty?S" name=S title=S></iframe>' }, { html: '<iframe id=i1 src="/empty"></iframe>', late: 'i1.contentWindow.location.replace("/empty?S#S")' },
  { t: 1, html: '<iframe id=i2 srcdoc="<p>x</p>"></iframe>', late: 'i2.contentDocument.write("<title>S</title><p>S</p><input value=S>");i2.contentDocument.close()' },
  // Style.
  { html: '<style>.q::after{content:"S"}</style>' }, { html: '<style>/* S */ .q{}</style>' }, { html: '<style>[data-u="S"]{}</style>' }, { u: 1, html: '<style>.row-S{}</style>' }, { u: 1, html: '<style>#S{}</style>' },
  { html: '<style>@import "/i.css?S";</style>' }, { html: '<style>.q{background:url(/b?S)}</style>' }, { html: '<style>.q{--v:"S"}</style>' }, { u: 1, html: '<style>@font-face{font-family:"S";src:url(/f?S)}</style>' },
  { html: '<style>@counter-style z{symbols:"S"}</style>' }, { html: '<style id=s1></style>', late: 's1.sheet.insertRule(".z::before{content:\\"S\\"}")' },
  { html: '<style id=s2>.q{}</style>', late: 's2.textContent=".y::before{content:\'S\'}"' }, { html: '<style id=s3>.q{color:red}</style>', late: 's3.sheet.cssRules[0].style.setProperty("--z","\\"S\\"")' },
  { late: 'const c1=new CSSStyleSheet();c1.replaceSync(".z::before{content:\\"S\\"}");document.adoptedStyleSheets=[c1]' },
  { late: 'const c2=new CSSStyleSheet();document.adoptedStyleSheets=[c2];c2.insertRule(".z::before{content:\\"S\\"}");c2.replace(".y::before{content:\\"S\\"}")' },
  { html: '<p id=s4>x</p>', late: 's4.style.setProperty("--z","\'S\'");s4.style.cssText="background:url(\'/x?S\')"' },
  { head: '<link rel=stylesheet href="/style.css?S">' }, { head: '<link rel=preload as=image href="/p?S">' }, { head: '<link rel=icon href="/p?S">' }, { head: '<meta name=description content=S>' },
  { head: '<script type=application/ld+json>{"n":"S"}</script>' }, { head: '<script>window.state="S"</script>' }, { head: '<script src="/empty.js?S"></script>' },
  // Addresses and navigation.
  { late: 'history.pushState({},"","/people/S/edit?q=S#S")' }, { late: 'history.replaceState({u:"S"},"","?u=S")' }, { late: 'location.hash="S"' }, { late: 'smartlook("navigation","/claims/S?t=S")' },
  // Errors and console.
  { late: 'setTimeout(()=>{throw new Error("S")})' }, { late: 'Promise.reject("S")' }, { late: 'Promise.reject({S:"S"})' }, { late: 'const e1=new Error("x");e1.name="S";Promise.reject(e1)' },
  { late: 'smartlook("error",new TypeError("S"))' }, { late: 'smartlook("error","S")' }, { late: 'console.log("S");console.error("S");console.table(["S"])' }, { late: 'setTimeout(new Function("throw 1//# sourceURL=/x/S"))' },
  { late: 'fetch("/empty?S",{headers:{"X-S":"S"}});new XMLHttpRequest().open("GET","/S");navigator.sendBeacon("/empty?S","S")' }, { late: 'try{new WebSocket("ws://127.0.0.1:9/S")}catch{}' },
  { late: 'localStorage.S="S";sessionStorage.S="S";document.cookie="S=S";window.name="S"' }, { t: 1, late: 'document.title="S";setTimeout(()=>document.title="again S",30)' },
  // Interaction.
  { t: 1, html: '<button id=g1 aria-label=S title=S data-name=S>S</button>', click: '#g1' }, { t: 1, html: '<a id=g2 name=S>S<img alt=S></a>', click: '#g2' },
  { t: 1, html: '<div id=g3 role=button tabindex=0><svg><title>S</title><text y=9>S</text></svg></div>', click: '#g3' }, { t: 1, html: '<label id=g4>S<input type=checkbox value=S></label>', click: '#g4' },
  { u: 1, html: '<ul id=l1><li id=S class=S>S</ul>', click: '#l1 li' }, { t: 1, html: '<p id=g5>S</p>', late: 'getSelection().selectAllChildren(g5)' }, { html: '<div id=g6 tabindex=0>key pad</div>', type: '#g6' },
  { html: '<div data-sl=exclude><button id=g7>S</button><input value=S></div>', click: '#g7' }, { html: '<p data-sl=mask>S</p>' }, { u: 1, html: '<p class="smartlook-hide S">S</p>' },
  { t: 1, html: '<p data-sl=unmask>S</p><input data-sl=unmask value=S>' }, { html: '<div data-recording-gdpr-safe><input id=g8></div>', type: '#g8' }, { late: 'smartlook("record",{forms:true,numbers:true,emails:true,ips:true})', html: '<input id=g9>', type: '#g9' },
  // Shapes of personal data in text.
  { html: '<p>NI number S</p>', token: 'AB654321D' }, { html: '<p>S</p>', token: 'vexlor77@zed.example' }, { html: '<p>S</p>', token: '4000056655665556' }, { html: '<p>born S</p>', token: '1974-11-30' }, { html: '<p>Tel S</p>', token: '+447700900987' },
];

/** secrets are the cases, each with its token in place. */
export const secrets = list.filter((c) => !c.skip).map((c, n) => {
  const token = c.token ?? made(n + 100, c);
  const fill = (s) => s?.replace(/\bS\b|(?<=row-)S/g, token);
  return { ...c, id: n, token, html: fill(c.html), head: fill(c.head), late: fill(c.late) };
});
