// Deleting a project: its name must be typed.

import { useRef, useState } from 'preact/hooks'
import { api, asError } from '../lib/api'
import { projects } from '../lib/app'
import { navigate, setGuard } from '../lib/router'
import type { Project } from '../lib/types'
import { ErrorSummary, Field, useForm } from '../ui/form'

/** DeleteProject is the last section of the settings. */
export function DeleteProject({ project }: { project: Project }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const form = useForm()
  const [typed, setTyped] = useState('')
  const remove = async (event: Event) => {
    event.preventDefault()
    if (typed.trim() !== project.name) return form.fail({ confirmName: 'Type the project’s name exactly as it is shown' })
    form.setBusy(true)
    try {
      await api('DELETE', `projects/${encodeURIComponent(project.key)}`, { name: project.name })
      projects.value = (projects.value ?? []).filter((p) => p.key !== project.key)
      setGuard(null)
      dialog.current?.close()
      navigate('/')
      return
    } catch (cause) {
      form.fail({ '': asError(cause).message })
    }
    form.setBusy(false)
  }
  return (
    <section class="card">
      <div class="card-body stack">
        <h2>Delete this project</h2>
        <p class="muted">Its sessions, replays and figures are destroyed: keys first, so that nothing can be read from that moment. This cannot be undone.</p>
        <div>
          <button type="button" class="button danger" onClick={() => dialog.current?.showModal()}>
            Delete project…
          </button>
        </div>
      </div>
      <dialog ref={dialog} aria-labelledby="delete-title">
        <form class="stack-l" onSubmit={(e) => void remove(e)} noValidate>
          <h2 id="delete-title">
            Delete “<bdi>{project.name}</bdi>” and everything recorded for it?
          </h2>
          <ErrorSummary errors={form.errors} turn={form.turn} />
          <Field id="confirmName" label={`Type ${project.name} to confirm`} errors={form.errors}>
            {(ids) => <input {...ids} class="input" autocomplete="off" spellcheck={false} value={typed} onInput={(e) => setTyped(e.currentTarget.value)} />}
          </Field>
          <div class="row">
            <button class="button danger" disabled={form.busy}>
              {form.busy ? 'Deleting…' : 'Delete for good'}
            </button>
            <button type="button" class="button" onClick={() => dialog.current?.close()}>
              Keep it
            </button>
          </div>
        </form>
      </dialog>
    </section>
  )
}
