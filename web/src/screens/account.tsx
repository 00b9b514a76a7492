// The signed-in user's own page: password, keyboard shortcuts, theme.

import { useState } from 'preact/hooks'
import { asError, post } from '../lib/api'
import { say, setShortcuts, shortcuts, state } from '../lib/app'
import { Choice, ErrorSummary, Field, useForm, type Errors } from '../ui/form'
import { ThemeButton } from '../ui/frame'
import { Page } from '../ui/page'
import { NewPassword, passwordProblem } from '../ui/password'
import { fieldError } from './doors'

function Password() {
  const form = useForm()
  const [old, setOld] = useState('')
  const [next, setNext] = useState('')
  const [done, setDone] = useState(false)
  const name = state.value?.user?.name ?? ''
  const submit = async (event: Event) => {
    event.preventDefault()
    setDone(false)
    const found: Errors = {}
    if (old === '') found.old = 'Enter your present password'
    const weak = passwordProblem(next, name)
    if (weak) found.new = weak
    else if (next === old) found.new = 'The new password must differ from the present one'
    if (Object.keys(found).length > 0) return form.fail(found)
    form.setBusy(true)
    try {
      await post('password', { old, new: next })
      form.clear()
      setOld('')
      setNext('')
      setDone(true)
      say('Password changed')
    } catch (cause) {
      const error = asError(cause)
      form.fail(error.status === 401 ? { old: 'That is not your present password' } : fieldError(error, ['old', 'new']))
    }
    form.setBusy(false)
  }
  return (
    <form class="card" onSubmit={(e) => void submit(e)} noValidate>
      <div class="card-body stack-l">
        <h2>Change password</h2>
        {done && (
          <div class="note good">
            <p>Your password is changed. All your other logins have ended; this one goes on.</p>
          </div>
        )}
        <ErrorSummary errors={form.errors} turn={form.turn} />
        <input type="text" class="visually-hidden" autocomplete="username" value={name} readOnly tabIndex={-1} aria-label="User name" />
        <Field id="old" label="Present password" errors={form.errors}>
          {(ids) => <input {...ids} class="input" type="password" autocomplete="current-password" value={old} onInput={(e) => setOld(e.currentTarget.value)} />}
        </Field>
        <NewPassword id="new" label="New password" value={next} name={name} errors={form.errors} onInput={setNext} />
        <div>
          <button class="button main" disabled={form.busy}>
            {form.busy ? 'Changing…' : 'Change password'}
          </button>
        </div>
      </div>
    </form>
  )
}

/** Account is the page. */
export function Account() {
  const user = state.value?.user
  return (
    <>
      <Page title="Account" over={state.value?.version ? `Footpath ${state.value.version}` : undefined} />
      <div class="columns-2">
        <Password />
        <div class="stack-l">
          <section class="card">
            <div class="card-body stack">
              <h2>You</h2>
              <dl class="facts">
                <dt>Name</dt>
                <dd>
                  <bdi>{user?.name}</bdi>
                </dd>
                <dt>Role</dt>
                <dd>{user?.role === 'owner' ? 'Owner: reports, replays, settings and users' : user?.role === 'analyst' ? 'Analyst: reports and replays' : 'Viewer: reports'}</dd>
              </dl>
            </div>
          </section>
          <section class="card">
            <div class="card-body stack">
              <h2>This device</h2>
              <Choice type="checkbox" name="shortcuts" checked={shortcuts.value} label="Single-key shortcuts" hint="j and k in lists, space and arrows in the player. Switch them off if you use speech input." onChange={setShortcuts} />
              <div>
                <ThemeButton class="button small" />
              </div>
            </div>
          </section>
        </div>
      </div>
    </>
  )
}
