// Random trees with secrets in random places, changed at random: nothing leaks.
// FOOTPATH_FUZZ sets how many trees, FOOTPATH_SEED the first seed. What a replayer
// rebuilds is compared elsewhere, on pages whose moves rrweb's own stream survives.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { launch, skip, until } from './browser.mjs';
import { forest } from './forest.mjs';
import { snippet, stub } from './stub.mjs';

const TREES = Number(process.env.FOOTPATH_FUZZ ?? 12);
const SEED = Number(process.env.FOOTPATH_SEED ?? 1);

describe('random trees', { skip }, () => {
  let browser;
  before(async () => { browser = await launch(); });
  after(() => browser?.close());

  async function tree(seed) {
    const site = await stub();
    site.pages['/'] = `<!doctype html><html lang=en><head><meta charset=utf-8><title>Forest</title></head><body><main id=main></main></body></html>`;
    site.pages['/empty'] = '<!doctype html><p>empty</p>';
    const context = await browser.newContext();
    try {
      const page = await context.newPage();
      await page.goto(site.origin + '/');
      await page.evaluate(`window.forest = (${forest})(${seed}); forest.grow(60)`);
      await page.evaluate((s) => { for (const el of new DOMParser().parseFromString(s, 'text/html').querySelectorAll('script')) { const c = document.createElement('script'); c.textContent = el.textContent; document.head.append(c); } smartlook('consent', 'granted'); }, snippet(site.origin));
      await until('recording', () => page.evaluate(() => window.smartlook?.recordId));
      await until('the snapshot', () => site.events('dom').some((e) => e.d.type === 2));
      for (let i = 0; i < 4; i++) {
        await page.evaluate(async (framed) => {
          if (framed) await forest.frame();
          for (let k = 0; k < 6; k++) {
            forest.grow(12);
            await new Promise((done) => setTimeout(done, 15));
          }
        }, i === 1);
        await sleep(600);
      }
      await sleep(2100); // a snapshot that a change of nature asked for comes within two seconds
      const changes = () => site.events('dom').filter((e) => e.d.type === 3).length;
      await until('the changes were recorded', () => changes() > 5, 20_000); // a flush comes every five seconds
      const secrets = await page.evaluate(() => forest.secrets);
      await page.goto(site.origin + '/empty');
      await sleep(600);
      assert.equal(site.events('lost').length, 0, JSON.stringify(site.events('lost')));
      const sent = site.raw.map((b) => b.toString('latin1')).join() + site.chunks.map((c) => c.inflated).join();
      // Where it leaked is told by what stands around it.
      const around = (s) => sent.slice(Math.max(0, sent.indexOf(s) - 120), sent.indexOf(s) + 40);
      assert.ok(secrets.length > 50);
      assert.deepEqual(secrets.filter((s) => sent.includes(s)).map(around), [], `seed ${seed}`);
    } finally {
      await context.close();
      await site.close();
    }
  }

  for (let n = 0; n < TREES; n += 4) {
    test(`trees ${SEED + n} to ${SEED + Math.min(n + 4, TREES) - 1}`, async () => {
      const batch = Array.from({ length: Math.min(4, TREES - n) }, (_, i) => SEED + n + i);
      const done = await Promise.allSettled(batch.map((seed) => tree(seed)));
      const failed = done.filter((d) => d.status === 'rejected').map((d) => d.reason);
      if (failed.length) throw failed[0];
    });
  }
});
