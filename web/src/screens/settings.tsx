// A project's settings: one form, saved as a whole, with a guard against leaving
// it unsaved and the server's revision against overwriting somebody else.

import { useEffect, useMemo, useState } from 'preact/hooks'
import { api, asError } from '../lib/api'
import { loadProjects, may, putProject, say } from '../lib/app'
import { setGuard } from '../lib/router'
import type { Project } from '../lib/types'
import { CopyButton, ErrorSummary, useForm } from '../ui/form'
import { Page } from '../ui/page'
import { fieldError } from './doors'
import { DeleteProject } from './settings-delete'
import { Collecting, Consent, Keeping, Masking, Reasons, Site } from './settings-parts'
import { changes, check, draftOf, type Draft } from './settings-draft'

/** Settings is the page. */
export function Settings({ project }: { project: Project }) {
  const form = useForm()
  const [draft, setDraft] = useState<Draft>(() => draftOf(project))
  const [stale, setStale] = useState(false)
  const [saved, setSaved] = useState(false)
  const owner = may('owner')
  const changed = useMemo(() => changes(project, draft), [project, draft])
  const dirty = Object.keys(changed).length > 0
  const set = (part: Partial<Draft>) => {
    setSaved(false)
    setDraft((d) => ({ ...d, ...part }))
  }

  useEffect(() => {
    setGuard(dirty ? () => confirm('You have unsaved changes. Leave this page and lose them?') : null)
    return () => setGuard(null)
  }, [dirty])

  const save = async (event: Event) => {
    event.preventDefault()
    const found = check(draft, project)
    if (Object.keys(found).length > 0) return form.fail(found)
    form.setBusy(true)
    try {
      const next = await api<Project>('PATCH', `projects/${encodeURIComponent(project.key)}`, { ...changed, revision: project.revision })
      putProject(next)
      setDraft(draftOf(next))
      form.clear()
      setSaved(true)
      say('Settings saved')
    } catch (cause) {
      const error = asError(cause)
      setStale(error.status === 409)
      form.fail(fieldError(error, Object.keys(draft)))
    }
    form.setBusy(false)
  }

  const reload = async () => {
    await loadProjects()
    setGuard(null)
    location.reload()
  }

  const parts = { draft, set, errors: form.errors, disabled: !owner, project }
  return (
    <>
      <Page title="Settings" over={<bdi>{project.name}</bdi>} />
      {!owner && (
        <div class="note">
          <p>Only owners may change settings. You see them as they are in force.</p>
        </div>
      )}
      <form class="settings" onSubmit={(e) => void save(e)} noValidate>
        <ErrorSummary errors={form.errors} turn={form.turn} />
        {stale && (
          <div>
            <button type="button" class="button" onClick={() => void reload()}>
              Discard my changes and load theirs
            </button>
          </div>
        )}
        <section class="card">
          <div class="card-body stack">
            <h2>Project key</h2>
            <p class="row">
              <code class="key">{project.key}</code> <CopyButton text={project.key} label="project key" />
            </p>
            <p class="hint">The key names the project. It is public, like the page it stands on; it allows nothing but sending.</p>
          </div>
        </section>
        <Site {...parts} />
        <Reasons {...parts} />
        <Consent {...parts} />
        <Masking {...parts} />
        <Keeping {...parts} />
        <Collecting {...parts} />
        {owner && (
          <div class={`save-bar${dirty ? ' dirty' : ''}`}>
            <button class="button main" disabled={form.busy || !dirty}>
              {form.busy ? 'Saving…' : 'Save settings'}
            </button>
            {dirty && (
              <button type="button" class="button" onClick={() => setDraft(draftOf(project))}>
                Undo changes
              </button>
            )}
            <p role="status" class="muted">
              {dirty ? 'Unsaved changes' : saved ? 'Saved. Browsers follow within five minutes.' : 'All changes saved'}
            </p>
          </div>
        )}
      </form>
      {owner && <DeleteProject project={project} />}
    </>
  )
}
