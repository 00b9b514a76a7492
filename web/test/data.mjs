// Made-up data for the mock server, the same on every run but for the clock. It
// holds hostile titles and addresses on purpose (attacks S9, S10, S16).

import { readFileSync } from 'node:fs'

let seed = 7
const random = () => {
  seed = (seed * 1103515245 + 12345) & 0x7fffffff
  return seed / 0x7fffffff
}
const pick = (list) => list[Math.floor(random() * list.length)]
const site = 'https://planning.example'
const now = Date.now()

export const people = [
  { id: 'u1', name: 'alex@example.gov.uk', role: 'owner', created: '2026-09-01T09:00:00Z', disabled: false },
  { id: 'u2', name: 'sam', role: 'analyst', created: '2026-09-14T09:00:00Z', disabled: false },
  { id: 'u3', name: 'kim', role: 'viewer', created: '2026-10-02T09:00:00Z', disabled: true },
]

export const project = () => ({
  key: 'a1b2c3d4e5f60718293a4b5c6d7e8f9001122334', name: 'Planning applications', domains: ['planning.example', '*.planning.example'], purpose: 'To find and mend the pages on which people give up.', legalBasis: 'consent',
  consent: 'opt-in', consentReason: '', consentSetBy: '', consentSetAt: '0001-01-01T00:00:00Z', profile: 'strict', profileReason: '', profileUntil: '0001-01-01T00:00:00Z', replay: true, countFirst: true, sampling: 10000,
  idleMinutes: 15, maxMinutes: 60, replayDays: 30, eventMonths: 13, gpc: true, dnt: false, zone: 'Europe/London', country: true, identify: false, bots: false, consentCookie: 'site_choice', storage: 'cookie', hostOnly: false,
  allowedProps: ['application_type'], created: '2026-09-01T09:00:00Z', revoked: false, revision: 4,
})

export const silent = () => ({ ...project(), key: 'b'.repeat(40), name: 'Library renewals', domains: ['library.example'], purpose: '', replay: false, sampling: 2500, revision: 1 })

const paths = ['/', '/apply', '/apply/address', '/apply/describe-the-work', '/apply/upload', '/search', '/search/results', '/help', '/apply/check-your-answers', '/apply/confirmation']
const devices = ['desktop', 'desktop', 'mobile', 'mobile', 'tablet']
const browsers = ['Chrome 156', 'Safari 26', 'Firefox 153', 'Edge 156', 'Samsung Internet 29']
const systems = { desktop: ['Windows', 'macOS'], mobile: ['Android', 'iOS'], tablet: ['iPadOS'] }

const row = (i) => {
  const device = pick(devices)
  const live = i < 2
  const active = Math.round(8000 + random() ** 2 * 600000)
  const duration = Math.round(active * (1.1 + random()))
  const start = live ? now - duration : Math.round(now - 3e5 - i * 4.1e6 * random() * 2)
  const errors = random() > 0.88 ? 1 + Math.floor(random() * 3) : 0
  return {
    id: `session${String(i).padStart(14, '0')}`, visitor: `visitor${String(i % 60).padStart(14, '0')}`, start, end: start + duration, duration, active, pages: 1 + Math.floor(random() * 9), clicks: Math.floor(random() * 30), customs: Math.floor(random() * 3),
    errors, entry: site + pick(paths), exit: site + pick(paths), referrer: pick(['', 'https://www.gov.example', 'https://search.example']), device, browser: pick(browsers), os: pick(systems[device]), country: pick(['GB', 'GB', 'GB', 'IE', 'FR']), language: pick(['en', 'en', 'cy']),
    screen: 'large', width: 1100, height: 760, new: random() > 0.4, bot: false, live, hasReplay: i % 7 !== 3, gaps: i === 4 ? 1 : 0, consent: 'granted', expires: start + 30 * 864e5, events: errors ? [] : random() > 0.6 ? ['apply_started', 'postcode_found'].slice(0, 1 + Math.floor(random() * 2)) : [],
  }
}

export const rows = Array.from({ length: 137 }, (_, i) => row(i))
rows[5].entry = 'javascript:alert(document.domain)//<img src=x onerror=alert(1)>'
rows[5].events = ['<img src=x onerror=alert(1)>']
rows[6].exit = `${site}/\u202Egpj.exe<script>alert(1)</script>`

const top = (labels, most, visitors) => labels.map((label, i) => ({ label, count: Math.round(most / (i * 0.7 + 1)), ...(visitors ? { visitors: Math.round(most / (i * 0.9 + 1.4)) } : {}) }))

export const lists = {
  pages: top([...paths.map((p) => site + p), `${site}/<b>bold</b>`], 4210, true), entries: top(paths.slice(0, 6).map((p) => site + p), 1480), referrers: top(['', 'https://www.gov.example', 'https://search.example', 'https://council.example'], 1200),
  campaigns: top(['autumn-letter', 'newsletter / e-mail'], 210), devices: top(['mobile', 'desktop', 'tablet'], 1130), browsers: top(browsers, 930), systems: top(['Windows', 'iOS', 'Android', 'macOS', 'iPadOS'], 720), countries: top(['GB', 'IE', 'FR', ''], 1710), languages: top(['en', 'cy', 'pl'], 1800),
}

/** days gives totals and the series of a range. */
export function days(range) {
  const list = []
  for (let t = Date.parse(`${range.from}T00:00:00Z`); t <= Date.parse(`${range.to}T00:00:00Z`); t += 864e5) {
    const weekend = [0, 6].includes(new Date(t).getUTCDay())
    const visitors = Math.round((weekend ? 24 : 62) + 18 * Math.sin(t / 4e8) + ((t / 864e5) % 5) * 3)
    list.push({ day: new Date(t).toISOString().slice(0, 10), visitors, sessions: Math.round(visitors * 1.3), pageViews: Math.round(visitors * 5.1), counted: weekend ? -1 : Math.round(visitors * 8.4) })
  }
  const sum = (name) => list.reduce((n, d) => n + Math.max(0, d[name]), 0)
  const totals = { visitors: sum('visitors'), sessions: sum('sessions'), pageViews: sum('pageViews'), median: 143000, p75: 402000, bounce: 2310, live: 2, counted: sum('counted') }
  return { days: list, totals, before: { ...totals, visitors: Math.round(totals.visitors * 0.91), sessions: Math.round(totals.sessions * 0.93), pageViews: Math.round(totals.pageViews * 1.04), median: 151000, bounce: 2310 } }
}

const recorded = JSON.parse(readFileSync(new URL('./testdata/record.json', import.meta.url), 'utf8'))

function shifted(record, to) {
  const by = to - record.events[0].timestamp
  return record.events.map((e) => ({ ...e, timestamp: e.timestamp + by }))
}

/** detail of a session: two pages that play, one that does not. */
export function detail(id) {
  const session = rows.find((r) => r.id === id)
  if (!session) return null
  if (!session.hasReplay) return { session, records: [], steps: stepsOf(session, session.start, 'gone', 'gone2') }
  const first = shifted(recorded[0], session.start)
  const second = shifted(recorded[1], first.at(-1).timestamp + 900)
  const record = (n, events, title, path) => ({ id: `${id}-${n}`, start: events[0].timestamp, end: events.at(-1).timestamp, url: site + path, title, width: 1100, height: 760, events: events.length, snapshot: true })
  const records = [record(0, first, 'Apply for planning permission', '/apply'), record(1, second, 'Your address', '/apply/address'), { ...record(2, second, 'Check your answers', '/apply/check-your-answers'), start: second.at(-1).timestamp + 1000, end: second.at(-1).timestamp + 9000, snapshot: false, events: 0 }]
  if (session.gaps > 0) records[1].gaps = [{ fromSeq: 4, toSeq: 6, from: records[1].start + 1500, to: records[1].start + 2100 }]
  return { session, records, steps: stepsOf(session, session.start, records[0].id, records[1].id, records[1].start) }
}

function stepsOf(session, start, a, b, second = start + 15000) {
  const step = (t, kind, record, label, more = {}) => ({ t, kind, record, view: 0, url: site + (record === a ? '/apply' : '/apply/address'), label, ...more })
  return [
    step(start, 'page', a, 'Apply for planning permission'),
    step(start + 11600, 'click', a, 'Start now', { detail: 'html > body > main > a.button', x: 3200, y: 5000 }),
    step(second, 'page', b, 'Your address'),
    step(second + 700, 'click', b, 'Postcode', { detail: 'html > body > main > form > input#p' }),
    step(second + 1200, 'input', b, 'Postcode', { detail: 'html > body > main > form > input#p' }),
    step(second + 2400, 'input', b, '', { detail: 'html > body > main > form > textarea#t' }),
    step(second + 3200, 'custom', b, 'postcode_entered', { props: { application_type: 'extension', steps: '2' } }),
    step(second + 3800, 'click', b, 'Continue'),
    step(second + 3900, 'submit', b, 'Your address'),
    ...(session.errors > 0 ? [step(second + 4000, 'error', b, 'TypeError: x is not a function <script>alert(1)</script>', { detail: 'app.js:41' })] : []),
    step(second + 5000, 'leave', b, ''),
  ]
}

/** feed of a record, hostile events among them. */
export function feed(record, after) {
  const n = record.endsWith('-1') ? 1 : 0
  const id = record.replace(/-\d$/, '')
  const session = rows.find((r) => r.id === id) ?? rows[0]
  const found = detail(session.id).records[n]
  const events = shifted(recorded[n], found.start)
  return { events: events.slice(after), next: events.length, open: session.live }
}
