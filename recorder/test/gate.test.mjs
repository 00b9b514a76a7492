// The gate and the way to the collector, in a real browser against a small server.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { kept, launch, skip, until } from './browser.mjs';
import { module } from './modules.mjs';
import { KEY, snippet, stub } from './stub.mjs';

const { fnv } = await module('ids');

const SID = ['SL_C_23361dd035530_SID'];
const LOCAL = ['SL_L_23361dd035530_SID'];
const body = '<h1>Plan a new home</h1><form action="/next" target=_blank><label for=n>Name</label><input id=n><button id=send>Send it</button></form><button id=b>Press</button><a id=next href="/next">Next</a>';
const grant = "<script>smartlook('consent','granted')</script>";

describe('the gate', { skip, concurrency: 4 }, () => {
  let browser;
  before(async () => { browser = await launch(); });
  after(() => browser?.close());

  // visit opens a page that has the snippet, and closes everything after.
  async function visit({ config = {}, head = '', prepare, html = body }, run) {
    const site = await stub({}, config);
    site.pages['/'] = site.pages['/next'] = `<!doctype html><html lang=en><head><title>Plan</title>${snippet(site.origin)}${head}</head><body>${html}</body></html>`;
    const context = await browser.newContext();
    const faults = [];
    context.on('weberror', (e) => faults.push(String(e.error())));
    try {
      await prepare?.(context, site);
      const page = await context.newPage();
      await page.goto(site.origin + '/');
      await run(page, site, context);
      assert.deepEqual(faults, [], 'nothing was thrown into the page');
    } finally {
      await context.close();
      await site.close();
    }
  }
  const asked = (site) => site.ours().map((r) => `${r.method} ${r.url.split('?')[0]}`);
  const before2 = ['GET /recorder.js', `GET /v1/config/${KEY}`];

  test('before a choice: two requests, no cookie, no identifier, nothing stored', () => visit({}, async (page, site) => {
    await page.fill('#n', 'Jane');
    await page.click('#b');
    await page.evaluate(() => smartlook('track', 'early', { n: 1 }));
    await sleep(3000);
    assert.deepEqual(asked(site), before2);
    const config = site.ours()[1];
    assert.equal(config.url.includes('?'), false);
    assert.deepEqual([config.headers.cookie, config.headers.referer], [undefined, undefined]);
    assert.deepEqual(await kept(page), { cookies: [], local: [] });
    assert.equal(await page.evaluate(() => smartlook.sessionId), undefined);
  }));

  test('after consent: page, click and typing arrive; what was before the choice does not (H29)', () => visit({}, async (page, site) => {
    await page.evaluate(() => smartlook('track', 'early', { n: 1 }));
    await page.click('#b');
    await sleep(300);
    await page.evaluate(() => smartlook('consent', 'granted', 'We would like to measure.'));
    await until('recording', () => page.evaluate(() => smartlook.recordId));
    await sleep(1200);
    await page.focus('#n');
    await page.keyboard.type('Zebulon', { delay: 30 });
    await page.click('#send');
    await page.evaluate(() => smartlook('track', 'late', { n: 2, ok: true }));
    await until('a chunk', () => site.events('custom').length, 8000);
    const [p] = site.events('page');
    assert.equal(p.d.u, site.origin + '/');
    assert.equal(p.d.n, 'load');
    assert.match(site.events('consent')[0].d.h, /^[0-9a-f]{16}$/);
    assert.deepEqual(site.events('custom').map((e) => e.d.n), ['late']);
    assert.deepEqual(site.events('click').map((e) => e.d.e.p.split(' > ').at(-1)), ['button#send:nth-of-type(1)']);
    assert.equal(site.events('submit').length, 1);
    assert.ok(site.events('input').length >= 1 && site.events('input').every((e) => e.t % 1000 === 0 || e.t === p.t));
    assert.ok(site.events('dom').length > 2);
    assert.equal(site.chunks[0].flags & 9, 9);
    assert.equal(site.chunks.some((c) => c.inflated.includes('Zebulon') || c.inflated.includes('Plan a new')), false);
    const post = site.ours().find((r) => r.method === 'POST');
    assert.deepEqual([post.headers.cookie, post.headers.referer, post.headers['content-type']], [undefined, undefined, 'text/plain']);
    assert.deepEqual(await kept(page), { cookies: SID, local: LOCAL });
  }));

  const silent = {
    'a refusal that is in the queue': { head: "<script>smartlook('consent','denied')</script>" },
    'the opt-out mark': { prepare: (c, s) => c.addCookies([{ name: 'SL_OPTOUT', value: '1', url: s.origin }]), head: grant },
    'Global Privacy Control': { prepare: (c) => c.addInitScript(() => Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true })), head: grant },
    'Do Not Track': { prepare: (c) => c.addInitScript(() => Object.defineProperty(Navigator.prototype, 'doNotTrack', { get: () => '1' })), head: grant },
    'a refusal in the GOV.UK cookies': {
      prepare: (c, s) => c.addCookies([['cookies_preferences_set', 'true'], ['cookies_policy', encodeURIComponent('{"usage":false}')]].map(([name, value]) => ({ name, value, url: s.origin }))), head: grant,
    },
  };
  for (const [what, how] of Object.entries(silent)) {
    test(`${what}: the script alone, whatever else is said`, () => visit(how, async (page, site) => {
      await page.click('#b');
      await sleep(1500);
      assert.deepEqual(asked(site), ['GET /recorder.js']);
      assert.deepEqual((await kept(page)).local, []);
    }));
  }

  test('the GOV.UK cookies are re-read when they change: yes starts, no stops and wipes', () => visit({}, async (page, site) => {
    await page.evaluate(() => { document.cookie = 'cookies_policy=' + encodeURIComponent('{"usage":true}'); document.cookie = 'cookies_preferences_set=true'; });
    await until('recording', () => page.evaluate(() => smartlook.sessionId), 3000);
    await until('a chunk', () => site.chunks.length, 6000);
    assert.equal(site.events('consent')[0].d.via, 'cookie');
    await page.evaluate(() => { document.cookie = 'cookies_policy=' + encodeURIComponent('{"usage":false}'); });
    await until('stopped', () => page.evaluate(() => smartlook.sessionId === undefined), 3000);
    assert.deepEqual((await kept(page)).local, []);
    site.clear();
    await page.click('#b');
    await page.close();
    await sleep(500);
    assert.deepEqual(site.ours(), []);
  }));

  test('a withdrawal in one tab stops the other, though it was granted there', () => visit({ head: grant }, async (page, site, context) => {
    await until('a chunk', () => site.chunks.length, 8000);
    const other = await context.newPage();
    await other.goto(site.origin + '/next');
    await until('recording', () => other.evaluate(() => smartlook.sessionId));
    await other.evaluate(() => smartlook('consent', 'denied'));
    await until('stopped', () => page.evaluate(() => smartlook.sessionId === undefined), 3000);
    assert.deepEqual(await kept(page), { cookies: [], local: [] });
  }));

  test('public texts are sent as their indexes, all others as shapes', () => {
    const hashes = Buffer.alloc(8);
    ['Plan a new home', 'Send it'].forEach((t, i) => hashes.writeUInt32LE(fnv(t), i * 4));
    const prepare = (_, s) => { s.texts = { v: 't1', h: hashes.toString('base64') }; };
    return visit({ head: grant, config: { texts: 't1' }, prepare }, async (page, site) => {
      await until('a chunk', () => site.chunks.length, 8000);
      await page.click('#b');
      await page.click('#send');
      await until('the clicks', () => site.events('click').length === 2, 9000);
      assert.equal(site.events('page')[0].d.tv, 't1');
      assert.ok(site.chunks.some((c) => c.inflated.includes('"textContent":"\uE0000\uE001"')), JSON.stringify(site.events('dom').map((e) => e.d.type)));
      assert.deepEqual(site.events('click').map((e) => e.d.e.x), ['xxxxx', '\uE0001\uE001']);
      assert.ok(site.ours().some((r) => r.url.endsWith('/t1') && r.headers.cookie === undefined && r.headers.referer === undefined));
    });
  });

  test('a configuration that cannot be had means no', () => visit({ prepare: (_, s) => { s.config = null; }, head: grant }, async (page, site) => {
    await sleep(2500);
    assert.deepEqual(asked(site), before2);
    assert.deepEqual(await kept(page), { cookies: [], local: [] });
  }));

  test('Tier A before a choice, only where the project allows it: one counting chunk, nothing stored', () => visit({ config: { count: true } }, async (page, site) => {
    await until('the count', () => site.chunks.length, 3000);
    await sleep(1500);
    const [c] = site.chunks;
    assert.equal(site.chunks.length, 1);
    assert.deepEqual([c.flags & 1, c.session, c.visitor, c.list.length, c.list[0].k], [0, '', '', 1, 'count']);
    assert.equal(c.list[0].d.u, site.origin + '/');
    assert.deepEqual(await kept(page), { cookies: [], local: [] });
  }));

  test('automation is left alone unless the project records it', () => visit({ config: { bots: false }, head: grant }, async (page, site) => {
    await sleep(2000);
    assert.deepEqual(asked(site), before2);
    assert.deepEqual(await kept(page), { cookies: [], local: [] });
  }));

  test('sampling is by visitor, and stays', () => visit({ config: { sampling: 0 }, head: grant }, async (page, site) => {
    await sleep(2500);
    assert.deepEqual(asked(site), before2);
  }));

  test('a plain script tag with data-key works', async () => {
    const site = await stub({}, { consent: 'none' });
    site.pages['/'] = `<!doctype html><html><head><script async crossorigin referrerpolicy=no-referrer src="${site.origin}/recorder.js" data-key="${KEY}"></script></head><body>${body}</body></html>`;
    site.pageHeaders = { 'Content-Security-Policy': `default-src 'none'; script-src ${site.origin}; connect-src ${site.origin}; require-trusted-types-for 'script'` };
    const context = await browser.newContext();
    try {
      const page = await context.newPage();
      const faults = [];
      page.on('console', (m) => m.type() === 'error' && !/404/.test(m.text()) && faults.push(m.text()));
      await page.goto(site.origin + '/');
      await until('a chunk', () => site.chunks.length, 8000);
      assert.deepEqual(faults, [], 'a strict policy with trusted types is kept');
      assert.equal(site.chunks[0].flags & 8, 0, 'no consent flag without a choice');
    } finally {
      await context.close();
      await site.close();
    }
  });

  test('disable, pause, resume and restart work in any order, twice in a row', () => visit({ head: grant }, async (page, site) => {
    await until('a chunk', () => site.chunks.length, 8000);
    const records = () => page.evaluate(() => smartlook.recordId);
    const first = await records();
    await page.evaluate(() => { smartlook('pause'); smartlook('pause'); smartlook('track', 'paused'); smartlook('resume'); smartlook('resume'); smartlook('track', 'resumed'); });
    await page.evaluate(() => { smartlook('restart'); smartlook('restart'); smartlook('track', 'restarted'); });
    assert.notEqual(await records(), first);
    await page.evaluate(() => { smartlook('disable'); smartlook('disable', true); smartlook('track', 'disabled'); });
    assert.equal(await records(), undefined);
    await page.evaluate(() => { smartlook('disable', false); smartlook('track', 'enabled'); });
    await until('the last event', () => site.events('custom').some((e) => e.d.n === 'enabled'), 9000);
    assert.deepEqual(site.events('custom').map((e) => e.d.n), ['resumed', 'restarted', 'enabled']);
    assert.ok(new Set(site.chunks.map((c) => c.session)).size >= 2, 'restart makes a new session');
  }));

  test('unknown and merely accepted commands warn once, and identify refuses loudly', () => visit({ head: grant, config: { identify: true } }, async (page, site) => {
    const said = [];
    page.on('console', (m) => m.type() === 'warning' && said.push(m.text()));
    await until('a chunk', () => site.chunks.length, 8000);
    await page.evaluate(() => {
      for (let i = 0; i < 2; i++) {
        smartlook('record', { forms: true, emails: true });
        smartlook('flyToTheMoon');
        smartlook('identify', 'jane@example.org');
      }
      smartlook('identify', 'u-9f8e7d6c5b', { plan: 'large' });
      smartlook(null);
      smartlook();
      smartlook({});
    });
    await until('the user', () => site.events('user').length, 9000);
    assert.deepEqual(site.events('user').map((e) => e.d.u), ['u-9f8e7d6c5b']);
    for (const word of ['record', 'flyToTheMoon', 'identify']) assert.equal(said.filter((s) => s.startsWith(`Footpath: ${word}:`)).length, 1, word + said);
    assert.equal(site.chunks.some((c) => c.inflated.includes('jane@')), false);
  }));

  test('getData and a function are called once init has finished, with the read-only properties there', () => visit({ head: `<script>window.got=[];smartlook('getData',function(){got.push(smartlook.key)});smartlook(function(){got.push(typeof smartlook.version)})</script>` }, async (page) => {
    await until('both', () => page.evaluate(() => window.got.length === 2));
    assert.deepEqual(await page.evaluate(() => window.got), [KEY, 'string']);
    assert.equal(await page.evaluate(() => window.footpath === window.smartlook), true);
  }));

  test('virtual page views: history, navigation(), and a query that is merely replaced is none', () => visit({ head: grant }, async (page, site) => {
    await until('a chunk', () => site.chunks.length, 8000);
    await page.evaluate(() => history.pushState({}, '', '/two'));
    await page.evaluate(() => history.replaceState({}, '', '/two?filter=jane'));
    await sleep(100);
    await page.evaluate(() => smartlook('navigation', '/three?x=1'));
    await page.goBack();
    await sleep(200);
    await page.click('#b');
    await until('the click', () => site.events('click').length, 9000);
    assert.deepEqual(site.events('page').map((e) => [e.d.v, e.d.n, new URL(e.d.u).pathname]), [[0, 'load', '/'], [1, 'virtual', '/two'], [2, 'virtual', '/three'], [3, 'virtual', '/']]);
    assert.equal(site.events('click')[0].d.v, 3);
    assert.ok(site.events('time').some((e) => e.d.v === 0));
  }));
});
