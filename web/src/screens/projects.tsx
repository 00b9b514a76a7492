// The list of projects, and the form that makes a new one.

import { useState } from 'preact/hooks'
import { asError, post } from '../lib/api'
import { loadProjects, may, projects, putProject } from '../lib/app'
import { navigate, Link } from '../lib/router'
import { plural } from '../lib/format'
import { useLoad } from '../lib/load'
import type { Project } from '../lib/types'
import { ErrorSummary, Field, useForm, type Errors } from '../ui/form'
import { Page } from '../ui/page'
import { Failure, Skeleton, Waiting } from '../ui/states'
import { fieldError } from './doors'
import { BasisChoices, domainList, ZoneField } from './project-fields'
import { usePulse } from './pulse'

function PulseWord({ projectKey }: { projectKey: string }) {
  const pulse = usePulse(projectKey)
  const state = pulse.data?.state
  if (!state) return <span class="tag">…</span>
  const words = { silent: 'not heard from yet', waiting: 'waiting for consent', receiving: 'receiving' }
  return (
    <span class="tag">
      <span class={`dot ${state}`} aria-hidden="true" />
      {words[state]}
    </span>
  )
}

function ProjectCard({ project }: { project: Project }) {
  return (
    <li class="card project">
      <div class="card-body stack">
        <div class="row">
          <h2>
            <Link to={`/p/${project.key}`}>
              <bdi>{project.name}</bdi>
            </Link>
          </h2>
          <PulseWord projectKey={project.key} />
        </div>
        <p class="muted">
          <bdi>{(project.domains ?? []).join(', ') || 'no domains yet'}</bdi>
        </p>
        <p class="small muted">
          Masking {project.profile} · consent {project.consent} · replay {project.replay ? `on, kept ${plural(project.replayDays, 'day')}` : 'off'}
        </p>
        <ul class="row small">
          <li>
            <Link to={`/p/${project.key}/sessions`}>
              Sessions<span class="visually-hidden"> of {project.name}</span>
            </Link>
          </li>
          <li>
            <Link to={`/p/${project.key}/install`}>
              Install and check<span class="visually-hidden"> of {project.name}</span>
            </Link>
          </li>
          <li>
            <Link to={`/p/${project.key}/settings`}>
              Settings<span class="visually-hidden"> of {project.name}</span>
            </Link>
          </li>
        </ul>
      </div>
    </li>
  )
}

/** Projects is the list. */
export function Projects() {
  const load = useLoad('projects', async () => {
    await loadProjects()
    return true
  })
  const list = projects.value
  const add = may('owner') && (
    <Link to="/projects/new" class="button main">
      New project
    </Link>
  )
  return (
    <>
      <Page title="Projects" actions={list && list.length > 0 ? add : undefined} />
      {load.error && <Failure error={load.error} retry={load.reload} />}
      {!list && !load.error && (
        <Waiting what="projects">
          <Skeleton lines={3} height={120} />
        </Waiting>
      )}
      {list && list.length === 0 && (
        <div class="card empty">
          <h2>Start with one site</h2>
          <p>A project is one service with its own key, settings and people’s sessions. Make one, put its snippet on the site, and this dashboard tells you live when it hears from it.</p>
          {add || <p>Ask an owner of this installation to make one.</p>}
        </div>
      )}
      {list && list.length > 0 && (
        <ul class="projects">
          {list.map((p) => (
            <ProjectCard key={p.key} project={p} />
          ))}
        </ul>
      )}
    </>
  )
}

/** NewProject asks what is needed and no more; everything else has safe defaults. */
export function NewProject() {
  const form = useForm()
  const [name, setName] = useState('')
  const [domains, setDomains] = useState('')
  const [purpose, setPurpose] = useState('')
  const [legalBasis, setBasis] = useState('consent')
  const [zone, setZone] = useState(Intl.DateTimeFormat().resolvedOptions().timeZone || 'Europe/London')
  const [key, setKey] = useState('')
  const submit = async (event: Event) => {
    event.preventDefault()
    const found: Errors = {}
    if (name.trim() === '') found.name = 'Enter a name for the project'
    if (domainList(domains).length === 0) found.domains = 'Enter at least one domain that may send data'
    if (key.trim() !== '' && !/^[0-9a-f]{40}$/i.test(key.trim())) found.key = 'A key has 40 characters, 0 to 9 and a to f'
    if (Object.keys(found).length > 0) return form.fail(found)
    form.setBusy(true)
    try {
      const made = await post<Project>('projects', { name: name.trim(), domains: domainList(domains), purpose: purpose.trim(), legalBasis, zone, ...(key.trim() ? { key: key.trim().toLowerCase() } : {}) })
      putProject(made)
      navigate(`/p/${made.key}/install`)
      return
    } catch (cause) {
      form.fail(fieldError(asError(cause), ['name', 'domains', 'purpose', 'legalBasis', 'zone', 'key']))
    }
    form.setBusy(false)
  }
  return (
    <>
      <Page title="New project" over={<Link to="/">Projects</Link>} />
      <form class="card" onSubmit={(e) => void submit(e)} noValidate>
        <div class="card-body stack-l">
          <ErrorSummary errors={form.errors} turn={form.turn} />
          <Field id="name" label="Name" hint="What your team calls the service." errors={form.errors}>
            {(ids) => <input {...ids} class="input" value={name} onInput={(e) => setName(e.currentTarget.value)} />}
          </Field>
          <Field id="domains" label="Domains that may send data" hint="One a line: www.example.gov.uk for one host, *.example.gov.uk for all subdomains, localhost:3000 with a port." errors={form.errors}>
            {(ids) => <textarea {...ids} class="input code" rows={3} spellcheck={false} value={domains} onInput={(e) => setDomains(e.currentTarget.value)} />}
          </Field>
          <Field id="purpose" label="Why do you record? (purpose)" hint="One sentence that a visitor would understand. It is shown beside every replay, and replay stays off until it is given." errors={form.errors}>
            {(ids) => <textarea {...ids} class="input" rows={2} value={purpose} onInput={(e) => setPurpose(e.currentTarget.value)} />}
          </Field>
          <BasisChoices value={legalBasis} errors={form.errors} onChange={setBasis} />
          <ZoneField value={zone} errors={form.errors} onInput={setZone} />
          <details>
            <summary>You come from Smartlook and want to keep your key</summary>
            <div class="inset">
              <Field id="key" label="Project key" hint="40 characters. Leave it empty to get a new one." errors={form.errors}>
                {(ids) => <input {...ids} class="input code" spellcheck={false} autocapitalize="off" value={key} onInput={(e) => setKey(e.currentTarget.value)} />}
              </Field>
            </div>
          </details>
          <p class="hint">A new project masks strictly, asks for consent, obeys Global Privacy Control, and keeps replays for 30 days. All of it can be seen and changed under Settings.</p>
          <div class="row">
            <button class="button main" disabled={form.busy}>
              {form.busy ? 'Creating…' : 'Create project'}
            </button>
            <Link to="/">Cancel</Link>
          </div>
        </div>
      </form>
    </>
  )
}
