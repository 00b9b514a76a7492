// The doors: first-run set-up and login. Both leave the address alone, so that
// the screen asked for shows right after.

import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { asError, post, type ApiError } from '../lib/api'
import { expired, offline } from '../lib/api'
import { loadState, state } from '../lib/app'
import { plural } from '../lib/format'
import { navigate } from '../lib/router'
import { ErrorSummary, Field, useForm, type Errors } from '../ui/form'
import { Announcer } from '../ui/frame'
import { Mark } from '../ui/icons'
import { Page } from '../ui/page'
import { NewPassword, passwordProblem } from '../ui/password'

function Door({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <>
      <main class="door">
        <div class="brand">
          <Mark size={32} />
          Footpath
        </div>
        <Page title={title} />
        {offline.value && (
          <div class="note warn" role="alert">
            <strong>No connection to the server.</strong>
          </div>
        )}
        {children}
      </main>
      <Announcer />
    </>
  )
}

/** Setup makes the first user with the token that the server printed. */
export function Setup() {
  const form = useForm()
  const [token, setToken] = useState('')
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const submit = async (event: Event) => {
    event.preventDefault()
    const found: Errors = {}
    if (token.trim() === '') found.token = 'Enter the set-up token from the server’s console'
    if (name.trim() === '') found.name = 'Enter a user name or e-mail address'
    const weak = passwordProblem(password, name)
    if (weak) found.password = weak
    if (Object.keys(found).length > 0) return form.fail(found)
    form.setBusy(true)
    try {
      await post('setup', { token: token.trim(), name: name.trim(), password })
      await loadState()
      navigate('/', { replace: true })
    } catch (cause) {
      form.fail(fieldError(asError(cause), ['token', 'name', 'password']))
    }
    form.setBusy(false)
  }
  return (
    <Door title="Set up Footpath">
      <p>
        There is no user yet. The server printed a <strong>set-up token</strong> on its console when it started; whoever can read that console may create the first owner. The token works once.
      </p>
      <form onSubmit={(e) => void submit(e)} noValidate>
        <ErrorSummary errors={form.errors} turn={form.turn} />
        <Field id="token" label="Set-up token" hint="In the console it stands on the line that begins with “set-up token”." errors={form.errors}>
          {(ids) => <input {...ids} class="input code" autocomplete="off" autocapitalize="off" spellcheck={false} value={token} onInput={(e) => setToken(e.currentTarget.value)} />}
        </Field>
        <Field id="name" label="User name or e-mail address" errors={form.errors}>
          {(ids) => <input {...ids} class="input" autocomplete="username" autocapitalize="off" spellcheck={false} value={name} onInput={(e) => setName(e.currentTarget.value)} />}
        </Field>
        <NewPassword id="password" label="Password" value={password} name={name} errors={form.errors} onInput={setPassword} />
        <button class="button main" disabled={form.busy}>
          {form.busy ? 'Creating…' : 'Create the first owner'}
        </button>
      </form>
    </Door>
  )
}

/** fieldError puts an API error beside its field, or on the whole form. */
export function fieldError(error: ApiError, fields: string[]): Errors {
  return { [fields.includes(error.field) ? error.field : '']: error.message }
}

function useWait(): [number, (seconds: number) => void] {
  const [until, setUntil] = useState(0)
  const [left, setLeft] = useState(0)
  useEffect(() => {
    if (until === 0) return
    const step = () => {
      const rest = Math.max(0, Math.ceil((until - Date.now()) / 1000))
      setLeft(rest)
      if (rest === 0) setUntil(0)
    }
    step()
    const timer = setInterval(step, 500)
    return () => clearInterval(timer)
  }, [until])
  return [left, (seconds) => setUntil(Date.now() + seconds * 1000)]
}

/** Login signs in; after too many attempts it counts the wait down. */
export function Login() {
  const form = useForm()
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [wait, setWait] = useWait()
  const submit = async (event: Event) => {
    event.preventDefault()
    const found: Errors = {}
    if (name.trim() === '') found.name = 'Enter your user name'
    if (password === '') found.password = 'Enter your password'
    if (Object.keys(found).length > 0) return form.fail(found)
    form.setBusy(true)
    try {
      await post('login', { name: name.trim(), password })
      await loadState()
    } catch (cause) {
      const error = asError(cause)
      if (error.status === 429) setWait(error.retryAfter || 30)
      form.fail({ '': error.status === 401 ? 'That name and password do not match' : error.message })
      setPassword('')
    }
    form.setBusy(false)
  }
  return (
    <Door title="Sign in">
      {expired.value && (
        <div class="note warn" role="status">
          <p>Your login has ended. Sign in and you are back where you were.</p>
        </div>
      )}
      <form onSubmit={(e) => void submit(e)} noValidate>
        <ErrorSummary errors={form.errors} turn={form.turn} />
        <Field id="name" label="User name or e-mail address" errors={form.errors}>
          {(ids) => <input {...ids} class="input" autocomplete="username" autocapitalize="off" spellcheck={false} value={name} onInput={(e) => setName(e.currentTarget.value)} />}
        </Field>
        <Field id="password" label="Password" errors={form.errors}>
          {(ids) => <input {...ids} class="input" type="password" autocomplete="current-password" value={password} onInput={(e) => setPassword(e.currentTarget.value)} />}
        </Field>
        <button class="button main" disabled={form.busy || wait > 0}>
          {wait > 0 ? `Wait ${plural(wait, 'second')}` : form.busy ? 'Signing in…' : 'Sign in'}
        </button>
      </form>
      <p class="hint">Forgotten your password? An owner can set a new one, on the Users page or on the server with “footpath user password”.</p>
      {state.value?.demo && <p class="hint">This is the demo. Its name and password stand in the console that started it.</p>}
    </Door>
  )
}
