// What the settings form holds while it is edited, and how that becomes the
// fields of a PATCH.

import type { Project } from '../lib/types'
import type { Errors } from '../ui/form'
import { domainList } from './project-fields'

/** Draft holds texts as typed; names equal the API's fields, so that errors find them. */
export interface Draft {
  name: string
  domains: string
  purpose: string
  legalBasis: string
  consent: Project['consent']
  consentReason: string
  consentCookie: string
  countFirst: boolean
  profile: Project['profile']
  profileReason: string
  profileUntil: string // 2006-01-02
  replay: boolean
  replayDays: string
  eventMonths: string
  sampling: string // percent
  idleMinutes: string
  maxMinutes: string
  zone: string
  country: boolean
  identify: boolean
  bots: boolean
  storage: Project['storage']
  hostOnly: boolean
  allowedProps: string
}

const dayOf = (time: string): string => (time && !time.startsWith('0001') ? time.slice(0, 10) : '')

/** draftOf a project as it is stored. */
export function draftOf(p: Project): Draft {
  return {
    name: p.name,
    domains: (p.domains ?? []).join('\n'),
    purpose: p.purpose,
    legalBasis: p.legalBasis,
    consent: p.consent || 'opt-in',
    consentReason: p.consentReason,
    consentCookie: p.consentCookie,
    countFirst: p.countFirst,
    profile: p.profile || 'strict',
    profileReason: p.profileReason,
    profileUntil: dayOf(p.profileUntil),
    replay: p.replay,
    replayDays: String(p.replayDays),
    eventMonths: String(p.eventMonths),
    sampling: String(p.sampling / 100),
    idleMinutes: String(p.idleMinutes),
    maxMinutes: String(p.maxMinutes),
    zone: p.zone,
    country: p.country,
    identify: p.identify,
    bots: p.bots,
    storage: p.storage || 'cookie',
    hostOnly: p.hostOnly,
    allowedProps: (p.allowedProps ?? []).join('\n'),
  }
}

const lines = (text: string): string[] =>
  text
    .split(/[\n,]+/)
    .map((l) => l.trim())
    .filter(Boolean)

const stored: { [K in keyof Draft]?: (value: string) => unknown } = {
  name: (v) => v.trim(),
  domains: domainList,
  purpose: (v) => v.trim(),
  consentReason: (v) => v.trim(),
  consentCookie: (v) => v.trim(),
  profileReason: (v) => v.trim(),
  profileUntil: (v) => (v ? `${v}T23:59:59Z` : '0001-01-01T00:00:00Z'),
  replayDays: Number,
  eventMonths: Number,
  sampling: (v) => Math.round(Number(v) * 100),
  idleMinutes: Number,
  maxMinutes: Number,
  allowedProps: lines,
}

/** changes are the fields that differ from what is stored, as the API takes them. */
export function changes(project: Project, draft: Draft): Record<string, unknown> {
  const before = draftOf(project)
  const found: Record<string, unknown> = {}
  for (const name of Object.keys(draft) as (keyof Draft)[]) {
    if (draft[name] === before[name]) continue
    const convert = stored[name]
    found[name] = convert ? convert(String(draft[name])) : draft[name]
  }
  return found
}

const whole = (text: string, from: number, to: number): boolean => /^\d+$/.test(text.trim()) && Number(text) >= from && Number(text) <= to

/** missingForReplay names what must be stated before replay can be switched on. */
export function missingForReplay(draft: Draft): string[] {
  const missing: string[] = []
  if (draft.purpose.trim() === '') missing.push('the purpose')
  if (draft.legalBasis === '') missing.push('the legal basis')
  return missing
}

/** check finds what the server would refuse, field by field. */
export function check(draft: Draft, project: Project): Errors {
  const found: Errors = {}
  if (draft.name.trim() === '') found.name = 'Enter a name for the project'
  if (domainList(draft.domains).length === 0) found.domains = 'Enter at least one domain that may send data'
  if (draft.consent !== 'opt-in' && draft.consentReason.trim() === '') found.consentReason = 'Say on which legal ground consent is not asked first'
  if (draft.profile === 'smartlook') {
    const before = draftOf(project)
    if (draft.profileReason.trim() === '') found.profileReason = 'Say why text must be recorded in clear'
    if (draft.profileUntil === '') found.profileUntil = 'Enter the day on which masking becomes strict again'
    else if (draft.profileUntil !== before.profileUntil && draft.profileUntil <= new Date().toISOString().slice(0, 10)) found.profileUntil = 'The day must be in the future'
  }
  const missing = missingForReplay(draft)
  if (draft.replay && missing.length > 0) found.replay = `Replay can be switched on when ${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} stated`
  if (!whole(draft.replayDays, 1, 90)) found.replayDays = 'Keep replays for 1 to 90 days'
  if (!whole(draft.eventMonths, 1, 13)) found.eventMonths = 'Keep events for 1 to 13 months'
  const sampling = Number(draft.sampling)
  if (draft.sampling.trim() === '' || !(sampling >= 0 && sampling <= 100)) found.sampling = 'Enter a percentage from 0 to 100'
  if (!whole(draft.idleMinutes, 1, 60)) found.idleMinutes = 'Enter 1 to 60 minutes'
  if (!whole(draft.maxMinutes, 5, 240)) found.maxMinutes = 'Enter 5 to 240 minutes'
  else if (Number(draft.maxMinutes) < Number(draft.idleMinutes)) found.maxMinutes = 'A session cannot end before its idle time is over'
  return found
}
