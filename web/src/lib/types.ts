// The API's JSON, as docs/api.md and the Go types it names say it. Times are
// milliseconds UTC, ratios ten-thousandths, unless a name says otherwise.

/** Who is signed in, and what the installation is. */
export interface State {
  setup: boolean
  user: User | null
  version: string
  demo: boolean
  collector: string
}

export type Role = 'viewer' | 'analyst' | 'owner'

export interface User {
  id: string
  name: string
  role: Role
  created: string
  disabled: boolean
}

export interface Project {
  key: string
  name: string
  domains: string[] | null
  purpose: string
  legalBasis: string
  consent: 'opt-in' | 'opt-out' | 'none'
  consentReason: string
  consentSetBy: string
  consentSetAt: string
  profile: 'strict' | 'smartlook'
  profileReason: string
  profileUntil: string
  replay: boolean
  countFirst: boolean
  sampling: number
  idleMinutes: number
  maxMinutes: number
  replayDays: number
  eventMonths: number
  zone: string
  country: boolean
  identify: boolean
  bots: boolean
  consentCookie: string
  storage: 'cookie' | 'local' | 'none'
  hostOnly: boolean
  allowedProps: string[] | null
  created: string
  revoked: boolean
  revision: number
}

export interface Snippet {
  tag: string
  html: string
  npm: string
  csp: string
}

export interface Pulse {
  script: number
  config: number
  chunk: number
  origins: string[] | null
  state: 'silent' | 'waiting' | 'receiving'
}

export interface DateRange {
  from: string
  to: string
  zone: string
}

export interface Row {
  label: string
  count: number
  visitors?: number
}

export interface Day {
  day: string
  visitors: number
  sessions: number
  pageViews: number
  counted: number
}

export interface Totals {
  visitors: number
  sessions: number
  pageViews: number
  median: number
  p75: number
  bounce: number
  live: number
  counted: number
}

export type ListName = 'pages' | 'entries' | 'referrers' | 'campaigns' | 'devices' | 'browsers' | 'systems' | 'countries' | 'languages'

export type Overview = {
  range: DateRange
  totals: Totals
  before: Totals
  days: Day[] | null
} & Record<ListName, Row[] | null>

export interface SessionRow {
  id: string
  visitor: string
  start: number
  end: number
  duration: number
  active: number
  pages: number
  clicks: number
  customs: number
  errors: number
  entry: string
  exit: string
  referrer: string
  device: string
  browser: string
  os: string
  country: string
  language: string
  screen: string
  width: number
  height: number
  new: boolean
  bot: boolean
  live: boolean
  hasReplay: boolean
  gaps: number
  consent: string
  expires: number
  events: string[] | null
}

export interface SessionList {
  range: DateRange
  total: number
  rows: SessionRow[] | null
}

export interface Facets {
  pages: Row[] | null
  events: Row[] | null
  devices: Row[] | null
  browsers: Row[] | null
  systems: Row[] | null
  countries: Row[] | null
  referrers: Row[] | null
}

/** Kinds of step; a later server may send others, which are shown by their name. */
export type StepKind = 'page' | 'click' | 'input' | 'submit' | 'custom' | 'error' | 'leave' | 'consent' | 'lost'

export interface Step {
  t: number
  kind: StepKind
  record: string
  view: number
  url: string
  label: string
  detail?: string
  props?: Record<string, string>
  x?: number
  y?: number
}

export interface Gap {
  fromSeq: number
  toSeq: number
  from: number
  to: number
}

/** One page load of a session, as the player plays it. */
export interface Recorded {
  id: string
  start: number
  end: number
  url: string
  title: string
  width: number
  height: number
  events: number
  snapshot: boolean
  gaps?: Gap[]
}

export interface SessionDetail {
  session: SessionRow
  records: Recorded[] | null
  steps: Step[] | null
}

export interface Feed {
  events: unknown[]
  next: number
  open: boolean
}

export interface AuditEntry {
  id: number
  time: string
  user: string
  action: string
  project?: string
  subject?: string
  detail?: string
  hash: string
}
