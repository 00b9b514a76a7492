// The dashboard's API as a signed-in browser speaks it.
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from './server.mjs'

/** A client with a cookie jar of one. */
export class Api {
  constructor(url) {
    this.url = url
    this.cookie = ''
  }

  async request(method, path, body) {
    const headers = { Origin: this.url, 'Sec-Fetch-Site': 'same-origin' }
    if (this.cookie) headers.Cookie = this.cookie
    if (body !== undefined) headers['Content-Type'] = 'application/json'
    const answer = await fetch(this.url + path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) })
    for (const set of answer.headers.getSetCookie()) this.cookie = set.split(';')[0]
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return text ? JSON.parse(text) : null
  }

  get(path) {
    return this.request('GET', path)
  }

  post(path, body = {}) {
    return this.request('POST', path, body)
  }

  patch(path, body) {
    return this.request('PATCH', path, body)
  }

  /** The sessions of a project that start today, newest first. */
  async sessions(key, query = '') {
    return this.get(`/api/projects/${key}/sessions?sort=-start${query}`)
  }

  session(key, id) {
    return this.get(`/api/projects/${key}/sessions/${id}`)
  }
}

/** The first user of a fresh server, signed in. */
export const owner = { name: 'owner', password: 'a long pass phrase for tests' }

/** Sets the server up through its printed token, and signs the owner in. */
export async function setUp(server) {
  const api = new Api(server.url)
  await api.post('/api/setup', { token: server.setupToken(), ...owner })
  return api
}

/** Creates a project that may record, known to the collector; more settings override the defaults. */
export async function project(api, more = {}) {
  const made = await api.post('/api/projects', {
    name: 'Test site',
    domains: ['site.localhost', '*.site.localhost'],
    purpose: 'Find out where the form is hard to fill in.',
    legalBasis: 'consent',
    replay: true,
    bots: true, // the tests' browser says that it is driven
    ...more,
  })
  await until('the collector knows the project', async () => (await fetch(`${api.url}/v1/config/${made.key}`)).ok)
  return made
}

/** Lets a site's hosts send; the collector takes changes up within a second. */
export async function allow(api, key, site) {
  await api.patch(`/api/projects/${key}`, { domains: [`site.localhost:${site.port}`, `*.site.localhost:${site.port}`] })
  await sleep(1300)
}
