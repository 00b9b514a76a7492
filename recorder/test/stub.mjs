// A collector and a site in one small server, for the recorder's own browser test:
// it keeps every request and can answer as the test wishes.
import { createServer } from 'node:http';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const dist = new URL('../dist/', import.meta.url);
export const KEY = '0123456789abcdef0123456789abcdef01234567';

/** decode reads an envelope as docs/format/envelope.md gives it. */
export function decode(body) {
  const tokenLen = body[3];
  const text = (a, b) => body.subarray(a, b).toString('latin1').replace(/\0+$/, '');
  const payload = body.subarray(108 + tokenLen);
  const inflated = gunzipSync(payload).toString();
  return {
    version: body[0], codec: body[1], flags: body[2], project: body.subarray(4, 24).toString('hex'),
    session: text(24, 45), record: text(45, 66), visitor: text(66, 87), seq: body.readUInt32BE(88), events: body.readUInt32BE(92),
    sentMs: Number(body.readBigInt64BE(96)), token: text(108, 108 + tokenLen), size: body.length,
    inflated, list: inflated.split('\n').filter(Boolean).map((l) => JSON.parse(l)),
  };
}

/** stub starts the server; pages maps paths to HTML. */
export async function stub(pages = {}, config = {}) {
  const loader = readFileSync(new URL('recorder.js', dist));
  const core = readFileSync(new URL('recorder-core.js', dist));
  const corePath = `/recorder-core.${createHash('sha256').update(core).digest('hex').slice(0, 12)}.js`;
  const s = {
    pages, requests: [], chunks: [], raw: [], changed: [], bodies: new Map(), stored: new Set(), status: () => 202, headers: {}, texts: null,
    config: {
      v: 1, on: true, consent: 'opt-in', count: false, replay: true, profile: 'strict', sampling: 10000, idle: 900000, longest: 3600000,
      life: 395 * 864e5, gpc: true, dnt: true, storage: 'cookie', bots: true, core: corePath,
      sri: 'sha384-' + createHash('sha384').update(core).digest('base64'), ...config,
    },
    ours: () => s.requests.filter((r) => /recorder|\/v1\//.test(r.url)),
    events: (k) => s.chunks.flatMap((c) => c.list).filter((e) => !k || e.k === k),
    clear() { s.requests = []; s.chunks = []; s.raw = []; },
  };
  const server = createServer((req, res) => {
    const parts = [];
    req.on('data', (d) => parts.push(d));
    req.on('end', () => {
      const body = Buffer.concat(parts);
      const path = req.url.split('?')[0];
      s.requests.push({ method: req.method, url: req.url, headers: req.headers });
      const send = (code, type, out, more = {}) => {
        res.writeHead(code, { 'Content-Type': type, 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': 'Footpath-Reason, Retry-After', ...more });
        res.end(out);
      };
      if (path === '/recorder.js') return send(200, 'text/javascript', loader);
      if (path === corePath) return send(200, 'text/javascript', core);
      if (path.startsWith('/v1/config/')) return s.config ? send(200, 'application/json', JSON.stringify(s.config)) : send(503, 'text/plain', '');
      if (path.startsWith('/v1/texts/')) return send(200, 'application/json', JSON.stringify(s.texts));
      if (path === '/v1/chunks') {
        const c = decode(body);
        const status = s.status(c);
        s.raw.push(body);
        const id = c.session + c.record + c.seq;
        const known = s.bodies.get(id);
        if (known !== undefined && known !== c.inflated) s.changed.push(id);
        // A repeat is acknowledged and stored once, as the collector does.
        if (status === 202 && !s.stored.has(id)) {
          s.stored.add(id);
          s.chunks.push(c);
        }
        s.bodies.set(id, c.inflated);
        return send(status, 'application/json', status === 202 ? JSON.stringify({ durable: [c.seq], token: 'T'.repeat(32) }) : '', s.headers);
      }
      if (s.serve && s.serve(path, send)) return;
      const page = s.pages[path];
      send(page ? 200 : 404, 'text/html', page || 'none', s.pageHeaders || {});
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  s.port = server.address().port;
  s.origin = `http://127.0.0.1:${s.port}`;
  s.close = () => new Promise((done) => { server.closeAllConnections(); server.close(done); });
  return s;
}

/** snippet is the installation that a site pastes. */
export const snippet = (host, key = KEY) => `<script>
window.smartlook||(function(d){var o=window.smartlook=function(){o.api.push(arguments)};o.api=[];
var s=d.createElement('script');s.async=true;s.crossOrigin='anonymous';s.referrerPolicy='no-referrer';s.src='${host}/recorder.js';d.head.appendChild(s)})(document);
smartlook('init','${key}',{host:'${host}'});</script>`;
