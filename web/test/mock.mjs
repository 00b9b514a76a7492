// A server for developing and checking the dashboard without the real one: the
// built files under the real policies, and an API with made-up data. It keeps
// nothing and is no part of the product.
//
//	node web/test/mock.mjs [port]

import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { pathToFileURL } from 'node:url'
import { days, detail, feed, lists, people, project, rows, silent } from './data.mjs'

const dist = new URL('../dist/', import.meta.url)
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
const playerPolicy = "default-src 'none'; script-src 'self'; style-src 'unsafe-inline' 'self'; img-src data: blob:; font-src data:; connect-src 'none'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
const media = { js: 'text/javascript', css: 'text/css', html: 'text/html; charset=utf-8' }

/** start serves on loopback; options: prefix, setup, signedOut, slow (ms), broken (status of every report), feed (a recording's events as JSON),
 * grows (a live record gives its first events first). */
export async function start(options = {}) {
  const world = { prefix: '', setup: false, user: options.signedOut || options.setup ? null : people[0], projects: [project(), silent()], tries: 0, ...options }
  const server = createServer((request, response) => {
    void answer(world, request, response).catch((cause) => {
      response.statusCode = 500
      response.end(String(cause))
    })
  })
  await new Promise((done) => server.listen(options.port ?? 0, '127.0.0.1', done))
  return { world, address: `http://127.0.0.1:${server.address().port}${world.prefix}/`, stop: () => server.close() }
}

async function answer(world, request, response) {
  const url = new URL(request.url, 'http://mock')
  if (!url.pathname.startsWith(`${world.prefix}/`)) return fail(response, 404, 'none', 'There is nothing at this address.')
  const path = url.pathname.slice(world.prefix.length)
  if (path.startsWith('/api/')) return api(world, path.slice(5), url, request, response)
  const name = path === '/player/' ? 'player.html' : /^\/[\w-]+\.(js|css)$/.test(path) ? path.slice(1) : 'index.html'
  let body = await readFile(new URL(name, dist))
  if (name.endsWith('.html')) body = body.toString().replaceAll('="/', `="${world.prefix}/`)
  response.setHeader('Content-Security-Policy', name === 'player.html' ? playerPolicy : policy)
  response.setHeader('Content-Type', media[name.split('.').at(-1)])
  response.end(body)
}

const send = (response, body) => {
  response.setHeader('Content-Type', 'application/json')
  response.end(JSON.stringify(body))
}

const fail = (response, status, code, message, field) => {
  response.statusCode = status
  send(response, { error: { code, message, field } })
}

async function bodyOf(request) {
  let text = ''
  for await (const part of request) text += part
  return text ? JSON.parse(text) : {}
}

async function api(world, path, url, request, response) {
  const method = request.method
  const body = method === 'GET' ? {} : await bodyOf(request)
  if (world.slow) await new Promise((done) => setTimeout(done, world.slow))
  if (path === 'state') return send(response, { setup: world.setup, user: world.user, version: '0.2-mock', demo: true, collector: 'http://127.0.0.1:8080' })
  if (path === 'setup') return body.token === 'right' ? ((world.setup = false), (world.user = people[0]), send(response, { user: world.user })) : fail(response, 401, 'token', 'That is not the token on the console.', 'token')
  if (path === 'login') return login(world, body, response)
  if (!world.user) return fail(response, 401, 'signed-out', 'You are not signed in, or your login has ended. Sign in and go on.')
  if (path === 'logout') return (world.user = null), done(response)
  if (path === 'password') return body.old === 'correct horse battery' ? done(response) : fail(response, 401, 'password', 'That is not your present password.', 'old')
  if (path === 'users') return method === 'GET' ? send(response, { users: people }) : fail(response, 409, 'exists', 'There is a user of that name.', 'name')
  if (path.startsWith('users/')) return fail(response, 409, 'last', 'This is the last owner.')
  if (path === 'audit') return send(response, { entries: Array.from({ length: 14 }, (_, i) => ({ id: 14 - i, time: new Date(Date.now() - i * 3.1e6).toISOString(), user: i % 3 ? 'alex@example.gov.uk' : 'system', action: i % 2 ? 'replay.view' : 'project.change', project: world.projects[0].key, subject: `rows-${i}`, detail: i % 2 ? '' : 'name: (none) → Planning; domains: (none) → planning.example; sampling: 10000 → 5000; gpc: false → true; zone: UTC → Europe/London', hash: 'ab' })) })
  if (path === 'projects' && method === 'GET') return send(response, { projects: world.projects })
  if (path === 'projects') return create(world, body, response)
  return projectApi(world, path, url, method, body, response)
}

function done(response) {
  response.statusCode = 204
  response.end()
}

function login(world, body, response) {
  if (body.name === 'alex' && body.password === 'correct horse battery') return (world.user = people[0]), send(response, { user: world.user })
  if (++world.tries < 3) return fail(response, 401, 'login', 'That name and password do not match.')
  response.setHeader('Retry-After', '7')
  return fail(response, 429, 'rate', 'Too many attempts. Wait, then try again.')
}

function create(world, body, response) {
  if (body.name === 'taken') return fail(response, 409, 'exists', 'A project of that name is there already.', 'name')
  const made = { ...silent(), ...body, key: body.key ?? 'f'.repeat(40) }
  world.projects.push(made)
  return send(response, made)
}

function projectApi(world, path, url, method, body, response) {
  const [, key, what = '', id, , record] = path.split('/')
  const p = world.projects.find((x) => x.key === key)
  if (!p) return fail(response, 404, 'none', 'There is no such project.')
  const at = world.projects.indexOf(p)
  if (what === '' && method === 'PATCH') {
    if (body.revision !== p.revision) return fail(response, 409, 'revision', 'Somebody else changed this project. Reload to see their change.')
    return send(response, (world.projects[at] = { ...p, ...body, revision: p.revision + 1 }))
  }
  if (what === '' && method === 'DELETE') return world.projects.splice(at, 1), done(response)
  if (what === '') return send(response, p)
  if (world.broken && what !== 'pulse') return fail(response, world.broken, 'broken', 'The analytics store did not answer. It is in the log; try again.')
  const quiet = p.name.startsWith('Library')
  if (what === 'snippet') return send(response, { html: `<script>\n  (function () { /* the queue */ })();\n</script>`, tag: `<script async src="http://127.0.0.1:8080/recorder.js"\n  data-key="${key}"></script>`, npm: `smartlook.init('${key}', { region: 'eu', relayProxyUrl: 'http://127.0.0.1:8080/' })`, csp: 'script-src http://127.0.0.1:8080;\nconnect-src http://127.0.0.1:8080' })
  if (what === 'pulse') return send(response, quiet ? { script: 0, config: 0, chunk: 0, origins: [], state: 'silent', ...world.pulse } : { script: Date.now() - 60000, config: Date.now() - 60000, chunk: Date.now() - 8000, origins: ['https://planning.example'], state: 'receiving' })
  const range = { from: url.searchParams.get('from') ?? '', to: url.searchParams.get('to') ?? '', zone: p.zone }
  if (what === 'overview') return send(response, quiet ? { range, totals: zero, before: zero, days: [], ...Object.fromEntries(Object.keys(lists).map((k) => [k, []])) } : { range, ...days(range), ...lists })
  if (what === 'facets') return send(response, quiet ? {} : { pages: lists.pages, events: [{ label: 'apply_started', count: 30 }], devices: lists.devices, browsers: lists.browsers, systems: lists.systems, countries: lists.countries, referrers: lists.referrers })
  if (what === 'sessions' && !id) return sessions(url.searchParams, quiet, range, response)
  if (what === 'sessions' && !record) {
    world.looks = (world.looks ?? 0) + 1
    const found = detail(id)
    return found ? send(response, found) : fail(response, 404, 'none', 'This session is not here: it was erased, has expired, or never was.')
  }
  if (what === 'sessions' && world.feed) return response.end(`{"events":${world.feed()},"next":1,"open":false}`)
  if (what === 'sessions' && world.grows) {
    const all = feed(record, 0).events
    const after = Number(url.searchParams.get('after')) || 0
    const upTo = after === 0 ? Math.min(6, all.length) : all.length
    return send(response, { events: all.slice(after, upTo), next: upTo, open: true })
  }
  if (what === 'sessions') return send(response, feed(record, Number(url.searchParams.get('after')) || 0))
  return fail(response, 404, 'none', 'There is nothing at this address.')
}

const zero = { visitors: 0, sessions: 0, pageViews: 0, median: 0, p75: 0, bounce: 0, live: 0, counted: 0 }

function sessions(q, quiet, range, response) {
  let list = quiet ? [] : rows
  for (const [name, value] of q) {
    if (name === 'live') list = list.filter((r) => r.live)
    if (name === 'errors') list = list.filter((r) => r.errors > 0)
    if (['device', 'browser', 'os', 'country'].includes(name)) list = list.filter((r) => r[name] === value)
    if (name === 'page' || name === 'entry') list = list.filter((r) => r.entry === value || r.exit === value)
    if (name === 'min') list = list.filter((r) => r.active >= Number(value))
  }
  const sort = q.get('sort') ?? '-start'
  const by = sort.replace('-', '')
  list = [...list].sort((a, b) => (a[by] - b[by]) * (sort.startsWith('-') ? -1 : 1))
  const offset = Number(q.get('offset')) || 0
  send(response, { range, total: list.length, rows: list.slice(offset, offset + (Number(q.get('limit')) || 50)) })
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { address } = await start({ port: Number(process.argv[2]) || 8099 })
  console.log(address)
}
