// What becomes of chunks when the way is bad: the status table of ruling 11, the
// queue on the device, and the last words of a page.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { kept, launch, skip, until } from './browser.mjs';
import { snippet, stub } from './stub.mjs';

const QUEUE = 'SMARTLOOK_LS_QUEUED_CHUNKS';
const body = '<h1>Plan a new home</h1><input id=n><button id=b>Press</button><a id=next href="/next">Next</a>';

describe('delivery', { skip, concurrency: 4 }, () => {
  let browser;
  before(async () => { browser = await launch(); });
  after(() => browser?.close());

  async function visit(run, { config = {}, html = body, prepare } = {}) {
    const site = await stub({}, config);
    site.pages['/'] = site.pages['/next'] = `<!doctype html><html lang=en><head><title>Plan</title>${snippet(site.origin)}<script>smartlook('consent','granted')</script></head><body>${html}</body></html>`;
    const context = await browser.newContext();
    prepare?.(site);
    try {
      const page = await context.newPage();
      await page.goto(site.origin + '/');
      await run(page, site, context);
      assert.deepEqual(site.changed, [], 'a number never stands for two contents');
    } finally {
      await context.close();
      await site.close();
    }
  }
  const posts = (site) => site.requests.filter((r) => r.method === 'POST').length;

  test('the token of the first answer goes with every later chunk, and no number repeats', () => visit(async (page, site) => {
    await until('one', () => site.chunks.length === 1, 8000);
    await page.evaluate(() => smartlook('track', 'x'));
    await until('two', () => site.chunks.length === 2, 9000);
    assert.deepEqual(site.chunks.map((c) => [c.seq, c.token]), [[0, ''], [1, 'T'.repeat(32)]]);
  }));

  test('the page that goes: its last events arrive, with the mark of the last chunk', () => visit(async (page, site) => {
    await until('one', () => site.chunks.length === 1, 8000);
    await page.evaluate(() => { smartlook('track', 'unload'); location.href = '/next'; });
    await until('it', () => site.events('custom').length, 3000);
    assert.equal(site.chunks.find((c) => c.list.some((e) => e.k === 'custom')).flags & 2, 2);
  }));

  test('a page that goes before the core has come is counted all the same', async () => {
    const site = await stub({});
    const own = `<!doctype html><html><head>${snippet(site.origin)}<script>smartlook('consent','granted')</script></head><body>${body}</body></html>`;
    site.pages['/'] = own;
    site.pages['/empty'] = 'bye';
    const context = await browser.newContext();
    try {
      const page = await context.newPage();
      await page.route(/recorder-core/, () => {});
      await page.goto(site.origin + '/', { waitUntil: 'commit' });
      await until('a record', () => page.evaluate(() => window.smartlook?.recordId));
      await page.goto(site.origin + '/empty');
      await until('the page view', () => site.events('page').length, 3000);
      assert.equal(site.events('page')[0].d.u, site.origin + '/');
    } finally {
      await context.close();
      await site.close();
    }
  });

  test('a capture that fails within itself begins anew, with a full snapshot, and says so', () => visit(async (page, site) => {
    await until('the snapshot', () => site.events('dom').some((e) => e.d.type === 2), 8000);
    // The page breaks what the capture reads of an element that changes.
    await page.evaluate(() => {
      const b = document.getElementById('b');
      b.getAttribute = () => { throw new Error('broken by the page'); };
      b.setAttribute('title', 'one');
    });
    await until('another snapshot', () => site.events('dom').filter((e) => e.d.type === 2).length > 1, 12_000);
    assert.ok(site.events('lost').some((e) => e.d.w.capture > 0));
  }));

  test('503 with Retry-After is obeyed, then the same chunk comes again (fault 2)', () => visit(async (page, site) => {
    await until('a refusal', () => posts(site) === 1, 8000);
    const at = Date.now();
    site.status = () => 202;
    await until('delivery', () => site.chunks.length, 12_000);
    assert.ok(Date.now() - at > 3500, 'not before the time that was asked for');
    assert.equal(site.chunks[0].seq, 0);
  }, { prepare: (s) => { s.status = () => 503; s.headers = { 'Retry-After': '4' }; } }));

  test('what cannot be delivered waits on the device, packed, and the next page sends it', () => visit(async (page, site) => {
    await until('the queue', async () => (await kept(page)).local.includes(QUEUE), 8000);
    const waiting = await page.evaluate((q) => localStorage.getItem(q), QUEUE);
    assert.ok(waiting.length < 1 << 20 && !waiting.includes('Plan'));
    const record = await page.evaluate(() => smartlook.recordId);
    site.status = () => 202;
    await page.goto(site.origin + '/next');
    await until('the empty queue', async () => !(await kept(page)).local.includes(QUEUE), 12_000);
    assert.ok(site.chunks.some((c) => c.record === record && c.list.some((e) => e.k === 'page')));
  }, { prepare: (s) => { s.status = () => 503; } }));

  for (const [status, reason, wiped] of [[401, 'unknown-key', false], [403, 'origin', false], [204, 'opt-out', true], [204, 'bot', false]]) {
    test(`${status} ${reason}: stops for good${wiped ? ' and wipes' : ''}`, () => visit(async (page, site) => {
      await until('the answer', () => posts(site) === 1, 8000);
      await sleep(200);
      for (let i = 0; i < 3; i++) {
        await page.evaluate((n) => smartlook('track', 'again' + n), i);
        await page.click('#b');
        await sleep(700);
      }
      await page.goto('about:blank');
      await sleep(300);
      assert.equal(posts(site), 1);
    }, { prepare: (s) => { s.status = () => status; s.headers = { 'Footpath-Reason': reason }; } }));
  }

  test('204 opt-out leaves nothing on the device', () => visit(async (page, site) => {
    await until('the answer', () => posts(site) === 1, 8000);
    await sleep(300);
    assert.deepEqual(await kept(page), { cookies: [], local: [] });
  }, { prepare: (s) => { s.status = () => 204; s.headers = { 'Footpath-Reason': 'opt-out' }; } }));

  test('409: a new session, a new record, a new snapshot', () => visit(async (page, site) => {
    await until('one', () => site.chunks.length === 1, 8000);
    const old = site.chunks[0];
    site.status = (c) => (c.session === old.session ? 409 : 202);
    await page.evaluate(() => smartlook('track', 'lost'));
    await until('the new one', () => site.chunks.some((c) => c.session !== old.session), 15_000);
    const fresh = site.chunks.find((c) => c.session !== old.session);
    assert.notEqual(fresh.record, old.record);
    assert.deepEqual([fresh.seq, fresh.token], [0, '']);
    assert.ok(fresh.list.some((e) => e.k === 'page') && fresh.list.some((e) => e.k === 'dom' && e.d.type === 2));
  }));

  test('413: split once, under new numbers', () => visit(async (page, site) => {
    await until('both halves', () => site.chunks.length >= 2, 12_000);
    assert.ok(site.chunks.every((c) => c.seq > 0));
    assert.deepEqual([...new Set(site.events('page').map((e) => e.d.v))], [0]);
    assert.ok(site.events('dom').some((e) => e.d.type === 2));
  }, { prepare: (s) => { s.status = (c) => (c.seq === 0 ? 413 : 202); } }));

  test('a page too big for a beacon is kept for the next one', () => visit(async (page, site) => {
    await until('one', () => site.chunks.length === 1, 8000);
    await page.evaluate(() => {
      const words = 'abcdefghijklmnopqrstuvwxyz';
      for (let i = 0; i < 6000; i++) {
        const p = document.createElement('p');
        p.className = Array.from({ length: 6 }, () => words[Math.floor(Math.random() * 26)] + words[Math.floor(Math.random() * 26)] + words[Math.floor(Math.random() * 26)]).join('-');
        document.body.append(p);
      }
      setTimeout(() => { location.href = '/next'; });
    });
    await page.waitForURL('**/next');
    await until('all of it', () => site.chunks.some((c) => c.size > 64_000), 12_000);
    await until('the empty queue', async () => !(await kept(page)).local.includes(QUEUE), 8000);
  }));

  test('a session ends after idle time, and goes on in another tab', () => visit(async (page, site, context) => {
    await until('one', () => site.chunks.length === 1, 8000);
    const first = await page.evaluate(() => smartlook.sessionId);
    await page.click('#b');
    const second = await context.newPage();
    await second.goto(site.origin + '/next');
    await until('recording', () => second.evaluate(() => smartlook.sessionId));
    assert.equal(await second.evaluate(() => smartlook.sessionId), first);
    assert.notEqual(await second.evaluate(() => smartlook.recordId), await page.evaluate(() => smartlook.recordId));
    await second.close();
    await sleep(5300);
    await page.click('#b');
    const next = await page.evaluate(() => smartlook.sessionId);
    assert.notEqual(next, first);
    await until('its click', () => site.chunks.some((c) => c.session === next && c.list.some((e) => e.k === 'click')), 9000);
    const fresh = site.chunks.filter((c) => c.session === next);
    assert.ok(fresh[0].list.some((e) => e.k === 'page'));
    assert.equal(fresh[0].visitor, site.chunks[0].visitor);
  }, { config: { idle: 5000 } }));
});
