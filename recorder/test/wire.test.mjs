// The envelope against the vectors that the Go side is tested with, the small
// gzip against zlib, identifiers, and what may be stored for how long.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { module } from './modules.mjs';

const { seal, store, crc32 } = await module('envelope');
const { gzipSync, gzip, gunzip } = await module('gzip');
const { newId, isId, isKey } = await module('ids');
const { encodeToken, decodeToken, TABLE, RETENTION, QUEUE_BYTES, QUEUE_LIFE } = await module('storage');
const { keepable, pack, unpack } = await module('persist');
const { readGovUK, readNamed } = await module('consent');
const { opaque, props } = await module('commands');

test('the envelope is, byte for byte, what Go writes', () => {
  const vectors = JSON.parse(readFileSync(new URL('../../wire/testdata/envelope-v1.json', import.meta.url)));
  assert.ok(vectors.length >= 3);
  for (const v of vectors) {
    const body = seal(v, Buffer.from(v.payload, 'hex'));
    assert.equal(Buffer.from(body).toString('hex'), v.envelope, v.name);
  }
});

test('crc32 is the one of gzip', () => {
  assert.equal(crc32(Buffer.from('123456789')), 0xcbf43926);
});

test('both gzips are read by zlib', async () => {
  const json = Buffer.from('{"k":"dom","t":1795456800100,"d":{"type":3}}\n'.repeat(2000));
  const mixed = Buffer.concat([json, randomBytes(5000), json, Buffer.alloc(70000, 'a'), randomBytes(300)]);
  for (const [name, b] of [['nothing', Buffer.alloc(0)], ['one', Buffer.from('x')], ['text', json], ['mixed', mixed], ['noise', randomBytes(100_000)]]) {
    assert.deepEqual(gunzipSync(gzipSync(b)), b, name);
    assert.deepEqual(Buffer.from(await gunzip(await gzip(b))), b, name);
    if (b.length < 65536) assert.deepEqual(gunzipSync(store(b)), b, name);
  }
  for (let i = 0; i < 50; i++) {
    const b = Buffer.from(Array.from({ length: 3000 }, () => 97 + Math.floor(Math.random() ** 3 * 6)));
    assert.deepEqual(gunzipSync(gzipSync(b)), b);
  }
  assert.ok(gzipSync(json).length < json.length / 20);
});

test('identifiers have the shape that wire.ID wants, and differ', () => {
  const ids = new Set(Array.from({ length: 1000 }, newId));
  assert.equal(ids.size, 1000);
  for (const id of ids) assert.ok(isId(id) && /^[A-Za-z0-9_-]{21}$/.test(id));
  assert.ok(isKey('0123456789abcdef0123456789abcdef01234567'));
  for (const k of ['0123456789ABCDEF0123456789abcdef01234567', '', undefined, 'x'.repeat(40), '0123']) assert.ok(!isKey(k));
});

const KEY = '0123456789abcdef0123456789abcdef01234567';
const now = 1795456800000;
const token = { key: KEY, session: 'S-23456789012345678_1', visitor: 'V-23456789012345678_1', first: now - 5000, start: now - 4000, last: now - 1000, via: 'a', bound: 'T'.repeat(32) };

test('a token reads back as it was written, and is safe in a cookie', () => {
  const text = encodeToken(token);
  assert.match(text, /^[\w.-]+$/);
  assert.deepEqual(decodeToken(text, KEY, RETENTION, now), token);
});

test('a token is none when foreign, old in format, from the future, or past its absolute end', () => {
  const text = encodeToken(token);
  assert.equal(decodeToken(text, KEY.replace('0', '1'), RETENTION, now), undefined);
  assert.equal(decodeToken('%7B%22id%22%3A%22GnXoA7WgXOShFnGjvBUzv%22%7D', KEY, RETENTION, now), undefined);
  for (const bad of ['', null, undefined, '1', text.replace('1.', '2.'), text.slice(0, -40)]) assert.equal(decodeToken(bad, KEY, RETENTION, now), undefined, String(bad));
  assert.ok(decodeToken(text, KEY, RETENTION, now + RETENTION - 6000));
  assert.equal(decodeToken(text, KEY, RETENTION, token.first + RETENTION), undefined);
  assert.equal(decodeToken(text, KEY, RETENTION * 10, token.first + RETENTION), undefined, 'no configuration can go past 395 days');
  assert.equal(decodeToken(text, KEY, 864e5, token.first + 864e5), undefined);
  assert.equal(decodeToken(encodeToken({ ...token, first: now + 864e5, start: now + 864e5, last: now + 864e5 }), KEY, RETENTION, now), undefined);
});

test('the table of storage names is the documented one', () => {
  assert.deepEqual(TABLE.map((r) => [r.name, r.where, r.life]), [
    ['SL_C_23361dd035530_SID', 'cookie', 395 * 864e5],
    ['SL_L_23361dd035530_SID', 'local', 395 * 864e5],
    ['SL_C_23361dd035530_DOMAIN', 'cookie', 0],
    ['SMARTLOOK_LS_QUEUED_CHUNKS', 'local', 36e5],
    ['SL_OPTOUT', 'both', 395 * 864e5],
  ]);
});

test('the queue keeps the newest megabyte of the last hour (faults 18 and 19)', () => {
  const big = 'x'.repeat(300_000);
  const all = [0, 1, 2, 3, 4].map((i) => ({ cut: now - 5000 + i, p: big, i }));
  assert.deepEqual(keepable(all, now).map((k) => k.i), [2, 3, 4]);
  assert.ok(keepable(all, now).reduce((n, k) => n + k.p.length, 0) < QUEUE_BYTES);
  assert.deepEqual(keepable([{ cut: now - QUEUE_LIFE, p: 'old' }, { cut: now - QUEUE_LIFE + 1, p: 'young' }, { cut: now + 864e5, p: 'future' }], now).map((k) => k.p), ['young']);
  const b = randomBytes(30_000);
  assert.deepEqual(Buffer.from(unpack(pack(b))), b);
});

test('the GOV.UK cookies say yes or no only when both do, clearly', () => {
  const usage = (v) => encodeURIComponent(JSON.stringify({ essential: true, settings: false, usage: v, campaigns: false }));
  for (const [set, policy, want] of [
    ['true', usage(true), 'granted'], ['true', usage(false), 'denied'], ['true', JSON.stringify({ usage: true }), 'granted'],
    [undefined, usage(true), ''], ['false', usage(true), ''], ['true', undefined, ''], ['true', '', ''], ['true', '%', ''],
    ['true', usage('true'), ''], ['true', usage(1), ''], ['true', '{"usage":', ''], ['true', 'null', ''], ['true', '[]', ''], ['1', usage(true), ''],
  ]) assert.equal(readGovUK(set, policy), want, `${set} ${policy}`);
});

test('a named cookie: a word for yes, absence, and anything else is no', () => {
  for (const v of ['granted', 'yes', 'true', '1', 'accepted', 'Allow']) assert.equal(readNamed(v), 'granted', v);
  for (const v of ['no', 'false', '0', 'denied', 'yes please', '{"a":true}']) assert.equal(readNamed(v), 'denied', v);
  assert.equal(readNamed(undefined), '');
});

test('identify takes opaque ids only (H22)', () => {
  for (const uid of ['a1b2c3d4', '550e8400-e29b-41d4-a716-446655440000', 'usr_9f8e7d6c']) assert.ok(opaque(uid), uid);
  for (const uid of ['jane@example.org', 'Jane Doe', 'janedoe-smith', '07700900123', '12345678', 'u1', '', 'QQ1234567C', 'QQ123456C', 'a'.repeat(80) + '1']) assert.ok(!opaque(uid), uid);
});

test('properties are text, numbers and booleans, bounded', () => {
  assert.deepEqual(props({ a: 1, b: 'x', c: true, d: null, e: {}, f: NaN, g: [1], h: undefined, ['k'.repeat(65)]: 1 }), { a: 1, b: 'x', c: true });
  assert.equal(Object.keys(props(Object.fromEntries(Array.from({ length: 99 }, (_, i) => ['k' + i, i])))).length, 50);
  assert.equal(props({ a: 'x'.repeat(999) }).a.length, 256);
  assert.equal(props('no'), undefined);
});
