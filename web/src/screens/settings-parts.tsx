// The sections of the settings form. Each says what a setting does to visitors
// before it says what it does for the team.

import type { ComponentChildren } from 'preact'
import { dateOnly } from '../lib/format'
import type { Project } from '../lib/types'
import { Choice, Field, Group, type Errors } from '../ui/form'
import { BasisChoices, ZoneField } from './project-fields'
import { missingForReplay, type Draft } from './settings-draft'

/** PartProps is what every section gets. */
export interface PartProps {
  draft: Draft
  set: (part: Partial<Draft>) => void
  errors: Errors
  disabled: boolean
  project: Project
}

function Part({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="card">
      <div class="card-body stack-l">
        <h2>{title}</h2>
        {children}
      </div>
    </section>
  )
}

/** Site: name, domains, zone. */
export function Site({ draft, set, errors, disabled }: PartProps) {
  return (
    <Part title="Site">
      <Field id="name" label="Name" errors={errors}>
        {(ids) => <input {...ids} class="input" disabled={disabled} value={draft.name} onInput={(e) => set({ name: e.currentTarget.value })} />}
      </Field>
      <Field id="domains" label="Domains that may send data" hint="One a line: www.example.gov.uk for one host, *.example.gov.uk for all subdomains, localhost:3000 with a port. Every other origin is refused." errors={errors}>
        {(ids) => <textarea {...ids} class="input code" rows={3} spellcheck={false} disabled={disabled} value={draft.domains} onInput={(e) => set({ domains: e.currentTarget.value })} />}
      </Field>
      <ZoneField value={draft.zone} errors={errors} disabled={disabled} onInput={(zone) => set({ zone })} />
    </Part>
  )
}

/** Reasons: purpose and legal basis. */
export function Reasons({ draft, set, errors, disabled }: PartProps) {
  return (
    <Part title="Purpose and legal basis">
      <Field id="purpose" label="Why do you record? (purpose)" hint="One sentence that a visitor would understand. It is shown beside every replay." errors={errors}>
        {(ids) => <textarea {...ids} class="input" rows={2} disabled={disabled} value={draft.purpose} onInput={(e) => set({ purpose: e.currentTarget.value })} />}
      </Field>
      <BasisChoices value={draft.legalBasis} errors={errors} disabled={disabled} onChange={(legalBasis) => set({ legalBasis })} />
    </Part>
  )
}

const modes: { value: Project['consent']; label: string; hint: string }[] = [
  { value: 'opt-in', label: 'Ask first (opt-in)', hint: 'Nothing is stored or sent until the visitor agrees. The default.' },
  { value: 'opt-out', label: 'Record until the visitor objects (opt-out)', hint: 'Needs a stated legal basis.' },
  { value: 'none', label: 'Do not ask', hint: 'Needs a stated legal basis, for example an intranet with a works agreement.' },
]

/** Consent: mode, reason, and the signals that count as refusal. */
export function Consent({ draft, set, errors, disabled, project }: PartProps) {
  const setAt = Date.parse(project.consentSetAt)
  return (
    <Part title="Consent">
      <Group id="consent" legend="Mode" errors={errors}>
        {modes.map((m) => (
          <Choice key={m.value} type="radio" name="consent" value={m.value} checked={draft.consent === m.value} disabled={disabled} label={m.label} hint={m.hint} onChange={() => set({ consent: m.value })} />
        ))}
      </Group>
      {draft.consent !== 'opt-in' && (
        <Field id="consentReason" label="Legal ground" hint="Kept in the audit log with your name and the time." errors={errors}>
          {(ids) => <textarea {...ids} class="input" rows={2} disabled={disabled} value={draft.consentReason} onInput={(e) => set({ consentReason: e.currentTarget.value })} />}
        </Field>
      )}
      {project.consent !== 'opt-in' && setAt > 0 && (
        <p class="hint">
          Set by <bdi>{project.consentSetBy || 'system'}</bdi> on {dateOnly(setAt, project.zone)}.
        </p>
      )}
      <Field id="consentCookie" label="Cookie of the site that holds the choice (optional)" hint="One whose value is granted, yes, true, accepted, allowed or 1 when the visitor agreed. The cookies of the GOV.UK banner are read without this; otherwise the site calls consent()." errors={errors}>
        {(ids) => <input {...ids} class="input code short-l" spellcheck={false} disabled={disabled} value={draft.consentCookie} onInput={(e) => set({ consentCookie: e.currentTarget.value })} />}
      </Field>
      <p class="hint">Global Privacy Control and Do Not Track always count as refusal: the recorder stops before it asks for anything.</p>
      <Group id="tierA" legend="Before a choice">
        <Choice type="checkbox" name="countFirst" checked={draft.countFirst} disabled={disabled} label="Count page views without identity (Tier A)" hint="Page, hour and device class only: no identifier, no cookie, no session. Shown from 20 views on, always apart from everything else." onChange={(countFirst) => set({ countFirst })} />
      </Group>
    </Part>
  )
}

const profiles: { value: Project['profile']; label: string; hint: string }[] = [
  { value: 'strict', label: 'Strict', hint: 'All text is masked on the visitor’s device except texts approved as public. The default.' },
  { value: 'smartlook', label: 'As Smartlook', hint: 'Text is recorded in clear except e-mail addresses, digits and marked regions. What people type is masked all the same.' },
]

/** Masking: profile, reason, expiry. */
export function Masking({ draft, set, errors, disabled }: PartProps) {
  return (
    <Part title="Masking">
      <Group id="profile" legend="Profile" hint="Fields, attributes, addresses and storage are masked alike in both." errors={errors}>
        {profiles.map((p) => (
          <Choice key={p.value} type="radio" name="profile" value={p.value} checked={draft.profile === p.value} disabled={disabled} label={p.label} hint={p.hint} onChange={() => set({ profile: p.value })} />
        ))}
      </Group>
      {draft.profile === 'smartlook' && (
        <>
          <Field id="profileReason" label="Reason" hint="Kept in the audit log." errors={errors}>
            {(ids) => <textarea {...ids} class="input" rows={2} disabled={disabled} value={draft.profileReason} onInput={(e) => set({ profileReason: e.currentTarget.value })} />}
          </Field>
          <Field id="profileUntil" label="Until" hint="After this day masking is strict again by itself." errors={errors}>
            {(ids) => <input {...ids} type="date" class="input short" disabled={disabled} value={draft.profileUntil} onInput={(e) => set({ profileUntil: e.currentTarget.value })} />}
          </Field>
        </>
      )}
    </Part>
  )
}

/** Keeping: replay switch and retention. */
export function Keeping({ draft, set, errors, disabled }: PartProps) {
  const missing = missingForReplay(draft)
  return (
    <Part title="Replay and retention">
      <Group id="replay" legend="Replay" errors={errors}>
        <Choice
          type="checkbox"
          name="replay"
          checked={draft.replay}
          disabled={disabled || (missing.length > 0 && !draft.replay)}
          label="Record pages for replay"
          hint={missing.length > 0 ? `State ${missing.join(' and ')} above first; then replay can be switched on.` : 'Off: page views, clicks and events are still measured, and no picture of a page is kept.'}
          onChange={(replay) => set({ replay })}
        />
      </Group>
      <Field id="replayDays" label="Keep replays for (days)" hint="30 by default, 90 at most. The shorter the better: a replay is watched in its first weeks or never." errors={errors}>
        {(ids) => <input {...ids} class="input short" inputMode="numeric" disabled={disabled} value={draft.replayDays} onInput={(e) => set({ replayDays: e.currentTarget.value })} />}
      </Field>
      <Field id="eventMonths" label="Keep events and sessions for (months)" hint="13 at most." errors={errors}>
        {(ids) => <input {...ids} class="input short" inputMode="numeric" disabled={disabled} value={draft.eventMonths} onInput={(e) => set({ eventMonths: e.currentTarget.value })} />}
      </Field>
    </Part>
  )
}

/** Collecting: sampling, session limits, and switches that are off by default. */
export function Collecting({ draft, set, errors, disabled }: PartProps) {
  return (
    <Part title="Collecting">
      <Field id="sampling" label="Sessions recorded (%)" hint="100 records every session that agreed. A fraction such as 12.5 is fine." errors={errors}>
        {(ids) => <input {...ids} class="input short" inputMode="decimal" disabled={disabled} value={draft.sampling} onInput={(e) => set({ sampling: e.currentTarget.value })} />}
      </Field>
      <Field id="idleMinutes" label="A session ends after (minutes without activity)" errors={errors}>
        {(ids) => <input {...ids} class="input short" inputMode="numeric" disabled={disabled} value={draft.idleMinutes} onInput={(e) => set({ idleMinutes: e.currentTarget.value })} />}
      </Field>
      <Field id="maxMinutes" label="And in any case after (minutes)" errors={errors}>
        {(ids) => <input {...ids} class="input short" inputMode="numeric" disabled={disabled} value={draft.maxMinutes} onInput={(e) => set({ maxMinutes: e.currentTarget.value })} />}
      </Field>
      <Field id="storage" label="Where the visitor’s random id is kept" errors={errors}>
        {(ids) => (
          <select {...ids} class="input short-l" disabled={disabled} value={draft.storage} onChange={(e) => set({ storage: e.currentTarget.value as Draft['storage'] })}>
            <option value="cookie">First-party cookie, 13 months at most</option>
            <option value="local">Local storage</option>
            <option value="none">Nowhere: every visit is a new visitor</option>
          </select>
        )}
      </Field>
      <Group id="switches" legend="Also">
        <Choice type="checkbox" name="hostOnly" checked={draft.hostOnly} disabled={disabled} label="Keep the cookie to the exact host" onChange={(hostOnly) => set({ hostOnly })} />
        <Choice type="checkbox" name="country" checked={draft.country} disabled={disabled} label="Country of a visit" hint="Looked up from the address in memory; the address itself is never kept." onChange={(country) => set({ country })} />
        <Choice type="checkbox" name="identify" checked={draft.identify} disabled={disabled} label="identify() may be called" hint="Keeps a keyed hash of the id that the site gives, never the id." onChange={(identify) => set({ identify })} />
        <Choice type="checkbox" name="bots" checked={draft.bots} disabled={disabled} label="Record automation too" hint="For tests." onChange={(bots) => set({ bots })} />
      </Group>
      <Field id="allowedProps" label="Property names whose text is kept" hint="One a line. Texts of other properties are counted, not kept; numbers and true/false are always kept." errors={errors}>
        {(ids) => <textarea {...ids} class="input code" rows={3} spellcheck={false} disabled={disabled} value={draft.allowedProps} onInput={(e) => set({ allowedProps: e.currentTarget.value })} />}
      </Field>
    </Part>
  )
}
