// The rail beside the stage: tabs for steps, pages, details and transcript.

import type { TargetedKeyboardEvent } from 'preact'
import { params, setParams } from '../lib/router'
import type { Project } from '../lib/types'
import type { Playback } from '../replay/playback'
import { Details, PagesTab, TranscriptTab } from './session-facts'
import { StepsTab } from './session-steps'

const tabs = [
  { id: 'steps', label: 'Steps' },
  { id: 'pages', label: 'Pages' },
  { id: 'details', label: 'Details' },
  { id: 'transcript', label: 'Transcript' },
] as const

/** Rail is the tabbed panel; the tab is in the URL. */
export function Rail({ playback, project }: { playback: Playback; project: Project }) {
  const open = tabs.find((t) => t.id === params.value.get('tab'))?.id ?? 'steps'
  const choose = (id: string) => setParams({ tab: id === 'steps' ? undefined : id }, { replace: true })
  const press = (event: TargetedKeyboardEvent<HTMLDivElement>) => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    if (by === 0) return
    event.preventDefault()
    const next = tabs[(tabs.findIndex((t) => t.id === open) + by + tabs.length) % tabs.length]!
    choose(next.id)
    document.getElementById(`tab-${next.id}`)?.focus()
  }
  return (
    <section class="card rail-card" aria-label="About the session">
      <div class="tabs" role="tablist" aria-label="About the session" onKeyDown={press}>
        {tabs.map((t) => (
          <button key={t.id} type="button" role="tab" id={`tab-${t.id}`} aria-selected={t.id === open} aria-controls="tab-panel" tabIndex={t.id === open ? 0 : -1} onClick={() => choose(t.id)}>
            {t.label}
          </button>
        ))}
      </div>
      <div id="tab-panel" class="tab-panel" role="tabpanel" aria-labelledby={`tab-${open}`} tabIndex={0}>
        {open === 'steps' && <StepsTab playback={playback} />}
        {open === 'pages' && <PagesTab playback={playback} />}
        {open === 'details' && <Details playback={playback} project={project} />}
        {open === 'transcript' && <TranscriptTab playback={playback} project={project} />}
      </div>
    </section>
  )
}
