// Form parts after GOV.UK's patterns: label, hint, error beside the field, and a
// summary of all errors that takes the focus.

import type { ComponentChildren, TargetedMouseEvent } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Icon } from './icons'
import { say } from '../lib/app'

/** Errors by field id; "" is for the whole form. */
export type Errors = Record<string, string>

interface FieldProps {
  id: string
  label: string
  hint?: ComponentChildren
  errors?: Errors
  children: (ids: { id: string; 'aria-describedby'?: string; 'aria-invalid'?: 'true' }) => ComponentChildren
}

/** Field puts label, hint and error around one control. */
export function Field({ id, label, hint, errors = {}, children }: FieldProps) {
  const error = errors[id]
  const described = [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ')
  return (
    <div class={`field${error ? ' wrong' : ''}`}>
      <label for={id}>{label}</label>
      {hint && (
        <div class="hint" id={`${id}-hint`}>
          {hint}
        </div>
      )}
      {error && (
        <p class="field-error" id={`${id}-error`}>
          <span class="visually-hidden">Error: </span>
          {error}
        </p>
      )}
      {children({ id, ...(described ? { 'aria-describedby': described } : {}), ...(error ? { 'aria-invalid': 'true' as const } : {}) })}
    </div>
  )
}

interface GroupProps {
  id: string
  legend: string
  hint?: ComponentChildren
  errors?: Errors
  children: ComponentChildren
}

/** Group is a fieldset of radios or checkboxes. */
export function Group({ id, legend, hint, errors = {}, children }: GroupProps) {
  const error = errors[id]
  return (
    <fieldset class={`field${error ? ' wrong' : ''}`} id={id} tabIndex={-1} aria-describedby={hint ? `${id}-hint` : undefined}>
      <legend class="label">{legend}</legend>
      {hint && (
        <div class="hint" id={`${id}-hint`}>
          {hint}
        </div>
      )}
      {error && (
        <p class="field-error">
          <span class="visually-hidden">Error: </span>
          {error}
        </p>
      )}
      <div class="choices">{children}</div>
    </fieldset>
  )
}

interface ChoiceProps {
  type: 'radio' | 'checkbox'
  name: string
  value?: string
  checked: boolean
  disabled?: boolean
  label: ComponentChildren
  hint?: ComponentChildren
  onChange: (on: boolean) => void
}

/** Choice is a radio button or checkbox with its label. */
export function Choice({ type, name, value, checked, disabled, label, hint, onChange }: ChoiceProps) {
  const id = `${name}-${value ?? 'on'}`
  return (
    <div class="choice">
      <input type={type} id={id} name={name} value={value} checked={checked} disabled={disabled} aria-describedby={hint ? `${id}-hint` : undefined} onChange={(e) => onChange(e.currentTarget.checked)} />
      <label for={id}>{label}</label>
      {hint && (
        <div class="hint" id={`${id}-hint`}>
          {hint}
        </div>
      )}
    </div>
  )
}

/** ErrorSummary lists all errors, takes the focus when they change, and leads to the fields. */
export function ErrorSummary({ errors, turn }: { errors: Errors; turn: number }) {
  const box = useRef<HTMLDivElement>(null)
  const list = Object.entries(errors)
  useEffect(() => {
    if (turn > 0 && Object.keys(errors).length > 0) box.current?.focus()
  }, [turn])
  if (list.length === 0) return null
  const lead = (id: string) => (event: TargetedMouseEvent<HTMLAnchorElement>) => {
    event.preventDefault()
    document.getElementById(id)?.focus()
  }
  return (
    <div class="summary" role="alert" tabIndex={-1} ref={box}>
      <h2>There is a problem</h2>
      <ul>
        {list.map(([id, text]) => (
          <li key={id}>
            {id === '' ? (
              text
            ) : (
              <a href={`#${id}`} onClick={lead(id)}>
                {text}
              </a>
            )}
          </li>
        ))}
      </ul>
    </div>
  )
}

/** CopyBlock shows text to copy, with a button that does it. */
export function CopyBlock({ text, label }: { text: string; label: string }) {
  return (
    <div class="code-block copyable">
      <pre tabIndex={0} role="region" aria-label={label}>
        <code>{text}</code>
      </pre>
      <CopyButton text={text} label={label} />
    </div>
  )
}

/** CopyButton copies a text and says so. */
export function CopyButton({ text, label, children }: { text: string; label: string; children?: ComponentChildren }) {
  const [done, setDone] = useState('')
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      setDone('Copied')
      say(`${label} copied`)
    } catch {
      setDone('Select and copy by hand') // the clipboard needs https or loopback
    }
    setTimeout(() => setDone(''), 3000)
  }
  return (
    <button type="button" class="button small" onClick={() => void copy()}>
      <Icon name={done === 'Copied' ? 'check' : 'copy'} size={16} />
      {done || (children ?? 'Copy')}
      <span class="visually-hidden"> {label}</span>
    </button>
  )
}

/** useForm keeps a form's errors and whether it is being sent. */
export function useForm() {
  const [errors, setErrors] = useState<Errors>({})
  const [turn, setTurn] = useState(0)
  const [busy, setBusy] = useState(false)
  const fail = (found: Errors) => {
    setErrors(found)
    setTurn((n) => n + 1)
  }
  return { errors, turn, busy, setBusy, fail, clear: () => setErrors({}) }
}
