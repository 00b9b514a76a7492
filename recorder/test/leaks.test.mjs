// Nothing that one person typed, saw or is leaves the browser: every secret is a
// token of its own, and everything that was sent is searched for each of them, as
// bytes, unpacked, percent- and base64-decoded.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { launch, skip, until } from './browser.mjs';
import { secrets } from './secrets.mjs';
import { snippet, stub } from './stub.mjs';

const given = new URL('../../../shared/corpus/cases.mjs', import.meta.url);

/** decoded is text and what can be decoded from it. */
function decoded(site) {
  const sent = [...site.chunks.map((c) => c.inflated), ...site.raw.map((b) => b.toString('latin1')), ...site.ours().map((r) => r.url + JSON.stringify(r.headers))].join('\n');
  const percent = sent.replace(/%[0-9a-f]{2}/gi, (m) => decodeURIComponent(/%[0-7]/.test(m) ? m : '?'));
  const base64 = (sent.match(/[A-Za-z0-9+/_-]{12,}={0,2}/g) ?? []).flatMap((s) => [0, 1, 2, 3].map((i) => Buffer.from(s.slice(i), 'base64').toString('latin1'))).join('\n');
  return [sent, percent, base64].join('\n').toLowerCase();
}
const has = (all, token) => all.includes(token.toLowerCase());

async function act(page, c) {
  for (const a of c.act ?? []) {
    if (a.type) {
      if (a.type[0]) await page.locator(a.type[0]).focus();
      await page.keyboard.type(a.type[1] || c.token);
    } else if (a.js) await page.evaluate(a.js);
    else if (a.click) await page.click(a.click);
  }
  if (c.type) {
    await page.locator(c.type).focus();
    await page.keyboard.type(c.token);
  }
  if (c.click) await page.locator(c.click).click({ force: true, timeout: 2000 }).catch(() => page.locator(c.click).dispatchEvent('click'));
}

describe('leaks', { skip }, () => {
  let browser;
  before(async () => { browser = await launch(); });
  after(() => browser?.close());

  // record opens a page, runs what is late, acts, and gives all that was sent.
  async function record(profile, path, html, from, run) {
    const site = await stub({}, { profile });
    const install = snippet(site.origin) + "<script>smartlook('consent','granted')</script>";
    site.pages[path.split(/[?#]/)[0]] = html(install);
    site.pages['/empty'] = '<p>empty</p>';
    site.pages[from.split(/[?#]/)[0]] = '<meta name=referrer content=unsafe-url><a id=go>go</a>';
    site.serve = (p, send) => p === '/style.css' && (send(200, 'text/css', '.l::before{content:"wqsheetq77"}'), true);
    const context = await browser.newContext();
    try {
      const page = await context.newPage();
      await page.goto(site.origin + from);
      await page.evaluate((to) => { document.getElementById('go').href = to; }, path);
      await page.click('#go');
      await page.waitForURL((u) => u.pathname === path.split(/[?#]/)[0]);
      await until('recording', () => page.evaluate(() => window.smartlook?.recordId));
      await sleep(1500);
      await run(page);
      await sleep(2500);
      await page.goto(site.origin + '/empty');
      await sleep(700);
      assert.ok(site.events('dom').some((e) => e.d.type === 2) && site.events('page').length > 0, 'the page was recorded at all');
      assert.equal(site.events('lost').filter((e) => e.d.w.internal).length, 0, 'the recorder did not fail');
      return { all: decoded(site), site };
    } finally {
      await context.close();
      await site.close();
    }
  }

  for (const profile of ['strict', 'smartlook']) {
    test(`our own ${secrets.length} cases, profile ${profile}`, async () => {
      const html = (install) => `<!doctype html><html lang=en><head><meta charset=utf-8><title>Cases</title>${install}${secrets.map((c) => c.head ?? '').join('\n')}</head><body><h1 class="govuk-heading-l">Cases</h1>${secrets.map((c) => `<div>${c.html ?? ''}</div>`).join('\n')}</body></html>`;
      const { all } = await record(profile, '/cases', html, '/from', async (page) => {
        for (const c of secrets) if (c.late) await page.evaluate(`try{${c.late.replace(/\bconst \w+=/g, (m) => 'var ' + m.slice(6))}}catch(e){console.warn(${c.id},e.message)};0`);
        for (const c of secrets) await act(page, c);
      });
      const shown = (c) => profile === 'smartlook' && c.t && !/\d/.test(c.token);
      const leaked = secrets.filter((c) => !shown(c) && has(all, c.token)).map((c) => c.html ?? c.head ?? c.late);
      assert.deepEqual(leaked, []);
      if (profile === 'smartlook') assert.ok(secrets.filter((c) => shown(c) && has(all, c.token)).length > 20, 'texts are shown, so the search can find');
      assert.ok(!has(all, 'wqsheetq77'), 'strings of an outer style sheet');
      assert.ok(has(all, 'govuk-heading-l') && has(all, '/cases'), 'what must arrive did');
    });

    test(`the given corpus, profile ${profile}`, { skip: existsSync(given) ? false : 'the corpus is not beside the repository' }, async () => {
      const corpus = await import(given.href);
      const { all } = await record(profile, corpus.address, (install) => corpus.page(install), corpus.from, async (page) => {
        await page.evaluate(corpus.late);
        for (const c of corpus.cases) await act(page, c);
      });
      const wrong = corpus.cases.filter((c) => has(all, c.token) !== !!c.keep).map((c) => `${c.id} ${c.where}`);
      assert.deepEqual(wrong, []);
    });
  }

  test('bytes do not follow the length of a value (H27)', async () => {
    const sizes = [];
    for (const n of [1, 4, 16, 64]) {
      const { site } = await record('strict', '/one', (install) => `<!doctype html><html><head><title>One</title>${install}</head><body><textarea id=n></textarea><input id=m></body></html>`, '/from', async (page) => {
        await page.fill('#n', 'x'.repeat(n));
        await page.fill('#m', 'y'.repeat(n));
        await page.evaluate(() => document.activeElement.blur());
      });
      sizes.push(site.events().filter((e) => e.k === 'input' || (e.k === 'dom' && e.d.data.source === 0)).map((e) => JSON.stringify(e.d).length).join());
    }
    assert.equal(new Set(sizes).size, 1, sizes.join(' | '));
  });
});
