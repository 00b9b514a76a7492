// Fields that both making and changing a project show.

import { Choice, Field, Group, type Errors } from '../ui/form'

/** domainList splits what was typed: one a line, or with commas. */
export const domainList = (text: string): string[] =>
  text
    .split(/[\s,]+/)
    .map((d) => d.trim().toLowerCase())
    .filter(Boolean)

const bases = [
  { value: 'consent', label: 'Consent', hint: 'Visitors agree first. The right choice unless your lawyers wrote down another.' },
  { value: 'public task', label: 'Public task', hint: 'A public body measures its own statutory service.' },
  { value: 'legitimate interests', label: 'Legitimate interests', hint: 'You hold a written balancing test.' },
]

/** BasisChoices asks for the legal basis. */
export function BasisChoices({ value, errors, disabled = false, onChange }: { value: string; errors: Errors; disabled?: boolean; onChange: (value: string) => void }) {
  return (
    <Group id="legalBasis" legend="Legal basis" errors={errors}>
      {bases.map((b) => (
        <Choice key={b.value} type="radio" name="legalBasis" value={b.value} checked={value === b.value} disabled={disabled} label={b.label} hint={b.hint} onChange={() => onChange(b.value)} />
      ))}
    </Group>
  )
}

const zones = (): string[] => (Intl as { supportedValuesOf?: (key: string) => string[] }).supportedValuesOf?.('timeZone') ?? []

/** ZoneField asks for the time zone of days and hours in reports. */
export function ZoneField({ value, errors, disabled = false, onInput }: { value: string; errors: Errors; disabled?: boolean; onInput: (value: string) => void }) {
  return (
    <Field id="zone" label="Time zone" hint="Days and hours in reports are in this zone." errors={errors}>
      {(ids) => (
        <>
          <input {...ids} class="input short-l" list="zones" spellcheck={false} disabled={disabled} value={value} onInput={(e) => onInput(e.currentTarget.value)} />
          <datalist id="zones">
            {zones().map((z) => (
              <option key={z} value={z} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  )
}
