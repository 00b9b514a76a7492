// The rules of docs/format/masking.md, one by one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { module } from './modules.mjs';

const { shape, clear, textRule, normalise, decodeTexts } = await module('mask/text');
const { maskCSS, maskSheet, maskDeclarations } = await module('mask/css');
const { plain, maskURL, maskPath, originOf } = await module('url');
const { maskAttribute } = await module('mask/attributes');
const { fnv } = await module('ids');

globalThis.document = { baseURI: 'https://site.example/now' };

test('rule T: words become their buckets, digits apart, one punctuation mark stays', () => {
  for (const [text, want] of [
    ['a', 'xx'], ['abc', 'xx'], ['abcd', 'xxxxx'], ['abcdefg', 'xxxxxxxx'], ['abcdefghijk', 'x'.repeat(12)],
    ['x'.repeat(500), 'x'.repeat(12)], ['12', '00'], ['2019', '00000'], ['£12.50', 'xxxxx'],
    ['Hello, world!', 'xxxxx, xxxxx!'], ['Really?!', 'xxxxxxxx!'], ['…', 'xx'], ['?', '?'],
    ['  two \n words ', ' xx xxxxx '], ['\uE00012\uE001', 'xxxxx'], ['', ''], ['\t', ' '],
  ]) assert.equal(shape(text), want, JSON.stringify(text));
  assert.equal(shape('one\n\n  two', true), 'xx\n\nxx');
});

test('rule T: a masked text masks to itself, so a second pass changes nothing', () => {
  for (const s of ['Mrs Jane Doe of 12 High Street', 'a\nb', '07700 900123.']) assert.equal(shape(shape(s)), shape(s));
});

test('rule T in smartlook: e-mails, digits and private-use characters go, the rest stays', () => {
  assert.equal(clear('Write to jane.doe@example.org now'), 'Write to xxxxxxxxxxxx now');
  assert.equal(clear('Call 07700 900123'), 'Call 00000 000000');
  assert.equal(clear('٣ \uE0001\uE001'), '0 x0x');
});

test('public texts are sent as marks, in strict and in smartlook, never in a marked region', () => {
  const hashes = Buffer.alloc(8);
  hashes.writeUInt32LE(fnv('Find an application'), 0);
  hashes.writeUInt32LE(fnv('Start now'), 4);
  const texts = decodeTexts(hashes.toString('base64'));
  for (const profile of ['strict', 'smartlook']) {
    const rule = textRule(profile, texts);
    assert.equal(rule('Start now'), '\uE0001\uE001');
    assert.equal(rule('\n  Find an\n application '), ' \uE0000\uE001 ');
    assert.equal(rule('Start now', { marked: true }), 'xxxxx xx');
  }
  assert.equal(textRule('strict', texts)('Start now Jane'), 'xxxxx xx xxxxx');
  assert.equal(textRule('smartlook', texts)('Start now Jane'), 'Start now Jane');
});

test('the hash of public texts is FNV-1a over UTF-16 code units, low byte first', () => {
  assert.equal(fnv(''), 2166136261);
  // Two code units, four bytes 61 00 ac 20, worked by hand.
  let h = 2166136261;
  for (const b of [0x61, 0, 0xac, 0x20]) h = Math.imul(h ^ b, 16777619) >>> 0;
  assert.equal(fnv('a€'), h);
  assert.equal(normalise(' a \n b\t'), 'a b');
});

test('rule U: what looks like an id, a token or a name behind a naming word is replaced', () => {
  for (const [url, want] of [
    ['https://a.example/search?q=jane#x', 'https://a.example/search'],
    ['https://u:p@a.example:8443/', 'https://a.example:8443/'],
    ['https://a.example/people/jane-doe/edit', 'https://a.example/people/:id/edit'],
    ['https://a.example/users/new', 'https://a.example/users/new'],
    ['https://a.example/claim/QQ123456C/check', 'https://a.example/claim/:id/check'],
    ['https://a.example/x/550e8400-e29b-41d4-a716-446655440000', 'https://a.example/x/:id'],
    ['https://a.example/x/jane%40example.org', 'https://a.example/x/:id'],
    ['https://a.example/x/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx', 'https://a.example/x/:id'],
    ['https://a.example/step-2/part/3', 'https://a.example/step-2/part/3'],
    ['https://a.example/1961-07-23', 'https://a.example/:id'],
    ['mailto:jane@example.org', 'mailto:'], ['javascript:alert(1)', 'javascript:'], ['data:text/plain,hello', 'data:'],
    ['tel:07700900123', 'tel:'], ['::', ''],
  ]) assert.equal(maskURL(url), want, url);
  assert.equal(maskPath('/corpus/'), '/corpus/');
  assert.equal(originOf('https://a.example/from?e=1'), 'https://a.example');
  assert.equal(originOf(''), '');
});

test('names of design systems are plain, names of people and cases are not', () => {
  for (const s of ['govuk-grid-column-two-thirds', 'govuk-!-margin-bottom-6', 'mt-4', 'md:flex', 'text-gray-500', 'w-1/2', 'h1', 'css-1q2w3e4', 'sc-bdVaJa', 'Button_root__3xYz1', 'top-[3px]', 'is-active', 'step-2']) assert.ok(plain(s), s);
  for (const s of ['user-4711', 'row-vukaqc17z', 'a@b.example', 'QQ123456C', '07700900123', 'c3ab8ff13720e8ad9047dd39466b3c89', 'dG9rZW4tdG9rZW4', 'x'.repeat(65), '', '550e8400-e29b', 'naïve']) assert.ok(!plain(s), s);
});

test('style text: strings, addresses, comments and imports go, selectors keep known words', () => {
  for (const [css, want] of [
    ['a::before{content:"Jane"}', 'a::before{content:""}'],
    ["a::before{content:'it\\'s'}", "a::before{content:''}"],
    ['a{background:url(/x.png?sig=1)}', 'a{background:url("")}'],
    ['a{background:URL( "x)y" ) red}', 'a{background:url("") red}'],
    ['a{background:url(data:image/png;base64,AAAA)}', 'a{background:url("")}'],
    ['@import url("x.css");@import "y;z.css" screen;a{}', 'a{}'],
    ['/* Jane */a{}/* rr_split */b{}', 'a{}/* rr_split */b{}'],
    ['a{content:"never ends', 'a{content:""'],
    ['[type="checkbox"],[aria-expanded=\'true\'],[data-user="jane"]{}', '[type="checkbox"],[aria-expanded=\'true\'],[data-user=""]{}'],
    ['.user-4711{color:#a1b2c3}#row-0815x{--n0815x:1px}', '.x{color:#a1b2c3}#x{--x:1px}'],
    ['a{transform:translate3d(0,1px,2px)}.mt-4{margin:4px}', 'a{transform:translate3d(0,1px,2px)}.mt-4{margin:4px}'],
    ['.btn:hover{color:rgb(0,80,0)}', '.btn:hover{color:rgb(0,80,0)}'],
  ]) {
    assert.equal(maskCSS(css), want, css);
    assert.equal(maskCSS(maskCSS(css)), want, 'twice: ' + css);
  }
  assert.equal(maskSheet('Jane Doe'), '');
  assert.equal(maskSheet('a{color:red} Jane Doe'), 'a{color:red}');
  assert.equal(maskDeclarations("Jane Doe; color: red; --x: 'Jane'"), " color: red; --x: ''");
  const long = 'a{color:red}'.repeat(100) + 'b::after{content:"Jane"}';
  assert.ok(!maskCSS(long).includes('Jane'));
});

test('attributes: what is not on the list is dropped', () => {
  const m = { text: textRule('strict', new Map()) };
  const f = (tag, name, value, kind = 'plain') => maskAttribute(m, tag, kind, name, value, {});
  for (const name of ['value', 'name', 'src', 'srcset', 'action', 'formaction', 'onclick', 'content', 'data-user', 'srcdoc', 'download', 'datetime', 'poster', 'cite', 'holder', 'nonce', 'ping', 'style2', 'is']) assert.equal(f('div', name, 'x'), null, name);
  assert.equal(f('p', 'class', 'govuk-body row-4711 lead'), 'govuk-body lead');
  assert.equal(f('p', 'id', 'main'), 'main');
  assert.equal(f('p', 'id', 'user-4711'), null);
  assert.equal(f('p', 'aria-describedby', 'hint error-4711'), null);
  assert.equal(f('img', 'alt', 'Jane Doe'), 'xxxxx xx');
  assert.equal(f('a', 'href', '/people/jane/edit?token=1#x'), 'https://site.example/people/:id/edit');
  assert.equal(f('a', 'href', 'javascript:steal()'), 'javascript:');
  assert.equal(f('link', 'href', '/x.css'), null);
  assert.equal(f('use', 'xlink:href', '#dot'), '#dot');
  assert.equal(f('image', 'href', 'https://x.example/jane.png'), null);
  assert.equal(f('path', 'd', 'M0 0L10 10Z'), 'M0 0L10 10Z');
  assert.equal(f('path', 'd', 'Jane'), null);
  assert.equal(f('rect', 'fill', 'url(#lg)'), 'url(#lg)');
  assert.equal(f('rect', 'fill', 'url(https://x.example/jane)'), null);
  assert.equal(f('g', 'transform', 'translate(10, -3.5) rotate(45)'), 'translate(10, -3.5) rotate(45)');
  assert.equal(f('svg', 'viewbox', '0 0 200 100'), '0 0 200 100');
  assert.equal(f('td', 'colspan', '2'), '2');
  assert.equal(f('div', 'role', 'vukaqr01z'), null);
  assert.equal(f('div', 'aria-expanded', 'true'), 'true');
  assert.equal(f('style', 'media', '(min-width: 40.0625em) and (orientation: landscape)'), '(min-width: 40.0625em) and (orientation: landscape)');
  assert.equal(f('style', 'media', 'jane4711'), null);
});

test('a field keeps no size and no style that could follow its content', () => {
  const m = { text: textRule('strict', new Map()) };
  assert.equal(maskAttribute(m, 'fp-field', 'field', 'style', 'height: 137px; display: none; width: 3ch', {}), 'display: none');
  assert.equal(maskAttribute(m, 'fp-field', 'field', 'width', '137', {}), null);
});
