// A new password: the rules are shown before they are broken, and the strength
// is said in words.

import { useState } from 'preact/hooks'
import { Field, type Errors } from './form'

/** Shortest password that the server takes; length is what counts (NIST 800-63B). */
export const shortest = 12
const longest = 200

/** passwordProblem names what is wrong with a new password, or is "". */
export function passwordProblem(password: string, name: string): string {
  if (password.length === 0) return 'Enter a password'
  if (password.length < shortest) return `The password must have ${shortest} characters or more`
  if (password.length > longest) return `The password must have ${longest} characters or fewer`
  if (name.length > 2 && password.toLowerCase().includes(name.toLowerCase())) return 'The password must not contain your name'
  if (new Set(password).size < 5) return 'The password must have at least 5 different characters'
  return ''
}

/** strength from 0 to 4 by length and variety: a hint for people, no gate. */
export function strength(password: string): number {
  if (password.length === 0) return 0
  const classes = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z\d]/].filter((c) => c.test(password)).length
  const score = Math.min(password.length, new Set(password).size * 2) + classes * 2
  if (password.length < shortest) return 1
  return score < 20 ? 2 : score < 26 ? 3 : 4
}

const words = ['', 'too short', 'acceptable', 'good', 'strong']

interface NewPasswordProps {
  id: string
  label: string
  value: string
  name: string
  errors: Errors
  onInput: (value: string) => void
}

/** NewPassword is a field for choosing one. */
export function NewPassword({ id, label, value, name, errors, onInput }: NewPasswordProps) {
  const [shown, setShown] = useState(false)
  const level = strength(value)
  const rules: [boolean, string][] = [
    [value.length >= shortest, `${shortest} characters or more; three or four unrelated words are good`],
    [value.length > 0 && new Set(value).size >= 5, 'at least 5 different characters'],
    [value.length > 0 && !(name.length > 2 && value.toLowerCase().includes(name.toLowerCase())), 'not your user name'],
  ]
  const hint = (
    <ul class="rules">
      {rules.map(([met, text]) => (
        <li key={text} class={met ? 'met' : ''}>
          <span aria-hidden="true">{met ? '✓' : '○'}</span> {text}
          {met && <span class="visually-hidden"> (met)</span>}
        </li>
      ))}
    </ul>
  )
  return (
    <Field id={id} label={label} hint={hint} errors={errors}>
      {(ids) => (
        <>
          <div class="with-button">
            <input {...ids} class="input" type={(shown ? 'text' : 'password') as 'password'} autocomplete="new-password" autocapitalize="off" spellcheck={false} value={value} onInput={(e) => onInput(e.currentTarget.value)} />
            <button type="button" class="button" aria-pressed={shown} onClick={() => setShown(!shown)}>
              {shown ? 'Hide' : 'Show'}
              <span class="visually-hidden"> password</span>
            </button>
          </div>
          <div class={`strength s${level}`} aria-hidden="true">
            <span />
            <span />
            <span />
            <span />
          </div>
          <p class="hint" role="status">
            {value ? `Strength: ${words[level]}` : '\u00a0'}
          </p>
        </>
      )}
    </Field>
  )
}
