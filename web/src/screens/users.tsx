// Users of the installation: who may see reports, replays, settings.

import { useState } from 'preact/hooks'
import { api, asError, get, post } from '../lib/api'
import { say, state } from '../lib/app'
import { dateOnly, title } from '../lib/format'
import { useLoad } from '../lib/load'
import type { Role, User } from '../lib/types'
import { ErrorSummary, Field, useForm, type Errors } from '../ui/form'
import { Page } from '../ui/page'
import { NewPassword, passwordProblem } from '../ui/password'
import { Failure, Skeleton, Waiting } from '../ui/states'
import { fieldError } from './doors'

const roles: { value: Role; label: string }[] = [
  { value: 'viewer', label: 'Viewer: reports' },
  { value: 'analyst', label: 'Analyst: and replays' },
  { value: 'owner', label: 'Owner: and settings, users, erasure' },
]

function AddUser({ done }: { done: () => void }) {
  const form = useForm()
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('viewer')
  const [password, setPassword] = useState('')
  const submit = async (event: Event) => {
    event.preventDefault()
    const found: Errors = {}
    if (name.trim() === '') found.name = 'Enter a user name or e-mail address'
    const weak = passwordProblem(password, name)
    if (weak) found.password = weak
    if (Object.keys(found).length > 0) return form.fail(found)
    form.setBusy(true)
    try {
      await post('users', { name: name.trim(), role, password })
      say(`${name.trim()} added`)
      setName('')
      setPassword('')
      form.clear()
      done()
    } catch (cause) {
      form.fail(fieldError(asError(cause), ['name', 'role', 'password']))
    }
    form.setBusy(false)
  }
  return (
    <form class="card" onSubmit={(e) => void submit(e)} noValidate>
      <div class="card-body stack-l">
        <h2>Add a user</h2>
        <ErrorSummary errors={form.errors} turn={form.turn} />
        <Field id="name" label="User name or e-mail address" errors={form.errors}>
          {(ids) => <input {...ids} class="input" autocomplete="off" autocapitalize="off" spellcheck={false} value={name} onInput={(e) => setName(e.currentTarget.value)} />}
        </Field>
        <Field id="role" label="Role" errors={form.errors}>
          {(ids) => (
            <select {...ids} class="input" value={role} onChange={(e) => setRole(e.currentTarget.value as Role)}>
              {roles.map((r) => (
                <option key={r.value} value={r.value}>
                  {r.label}
                </option>
              ))}
            </select>
          )}
        </Field>
        <NewPassword id="password" label="First password" value={password} name={name} errors={form.errors} onInput={setPassword} />
        <div>
          <button class="button main" disabled={form.busy}>
            {form.busy ? 'Adding…' : 'Add user'}
          </button>
        </div>
      </div>
    </form>
  )
}

function UserLine({ user, changed, failed }: { user: User; changed: () => void; failed: (text: string) => void }) {
  const self = user.id === state.value?.user?.id
  const run = async (method: string, body?: unknown) => {
    try {
      await api(method, `users/${encodeURIComponent(user.id)}`, body)
      failed('')
      changed()
    } catch (cause) {
      failed(asError(cause).message)
      changed()
    }
  }
  const remove = () => {
    if (confirm(`Delete the user ${user.name}? Their logins end at once.`)) void run('DELETE')
  }
  return (
    <tr>
      <th scope="row">
        <bdi>{user.name}</bdi>
        {self && <span class="muted"> (you)</span>}
      </th>
      <td>
        <select class="input role" aria-label={`Role of ${user.name}`} value={user.role} disabled={self} onChange={(e) => void run('PATCH', { role: e.currentTarget.value })}>
          {roles.map((r) => (
            <option key={r.value} value={r.value}>
              {title(r.value)}
            </option>
          ))}
        </select>
      </td>
      <td class="nowrap">{dateOnly(Date.parse(user.created), 'UTC')}</td>
      <td>
        <div class="row one-line">
          <button type="button" class="button small" disabled={self} onClick={() => void run('PATCH', { disabled: !user.disabled })}>
            {user.disabled ? 'Let in again' : 'Lock out'}
            <span class="visually-hidden"> {user.name}</span>
          </button>
          <button type="button" class="button small danger" disabled={self} onClick={remove}>
            Delete<span class="visually-hidden"> {user.name}</span>
          </button>
        </div>
      </td>
    </tr>
  )
}

/** Users is the page. */
export function Users() {
  const load = useLoad<{ users: User[] | null }>('users', (s) => get('users', s))
  const [wrong, setWrong] = useState('')
  return (
    <>
      <Page title="Users" />
      {load.error && <Failure error={load.error} retry={load.reload} />}
      {!load.data && !load.error && (
        <Waiting what="users">
          <Skeleton lines={4} height={40} />
        </Waiting>
      )}
      {load.data && (
        <div class="columns-2">
          <section class="card">
            <div class="card-head">
              <h2 id="users-title">Who may sign in</h2>
            </div>
            {wrong && (
              <p class="card-body field-error" role="alert">
                {wrong}
              </p>
            )}
            <div class="scroll-x" tabIndex={0} role="region" aria-label="List of users">
              <table>
                <thead>
                  <tr>
                    <th scope="col">Name</th>
                    <th scope="col">Role</th>
                    <th scope="col">Since</th>
                    <th scope="col">Access</th>
                  </tr>
                </thead>
                <tbody>
                  {(load.data.users ?? []).map((u) => (
                    <UserLine key={u.id} user={u} changed={load.reload} failed={setWrong} />
                  ))}
                </tbody>
              </table>
            </div>
          </section>
          <AddUser done={load.reload} />
        </div>
      )}
    </>
  )
}
