// The rail's other tabs: pages, details, and the transcript.

import type { ComponentChildren } from 'preact'
import { clock, countryName, dateTime, duration, languageName, pagePath, plural, title, utc } from '../lib/format'
import { Link } from '../lib/router'
import type { Project } from '../lib/types'
import type { Playback } from '../replay/playback'
import { pauseBefore, sentence, transcript } from '../replay/words'
import { CopyButton } from '../ui/form'
import { gapWords } from './session-timeline'
import { consentWord } from './sessions-table'

/** PagesTab lists the page loads. */
export function PagesTab({ playback }: { playback: Playback }) {
  const records = playback.records.value
  if (records.length === 0) return <p class="muted">No page of this session was recorded for replay.</p>
  return (
    <ol class="page-list">
      {records.map((r, i) => (
        <li key={r.id} class={i === playback.index.value ? 'current' : undefined}>
          <button type="button" disabled={!r.snapshot} aria-current={i === playback.index.value ? 'true' : undefined} onClick={() => playback.seek({ index: i, at: r.start }, playback.playing.value)}>
            <bdi>
              <strong>{r.title || pagePath(r.url)}</strong>
            </bdi>
            <bdi class="small muted block clip">{r.url}</bdi>
            <span class="small muted block">
              {duration(r.end - r.start)} · {r.width} × {r.height}
              {!r.snapshot && ' · its first picture never arrived, cannot be played'}
            </span>
            {(r.gaps ?? []).map((gap) => (
              <span key={gap.fromSeq} class="small block warn-text">
                {gapWords(gap)}
              </span>
            ))}
          </button>
        </li>
      ))}
    </ol>
  )
}

/** Details are the facts of a session, nothing about a person. */
export function Details({ playback, project }: { playback: Playback; project: Project }) {
  const s = playback.detail.value.session
  const facts: [string, ComponentChildren][] = [
    ['Start', <span title={utc(s.start)}>{dateTime(s.start, project.zone)}</span>],
    ['End', s.live ? 'still going on' : <span title={utc(s.end)}>{dateTime(s.end, project.zone)}</span>],
    ['Length', `${duration(s.duration)}, active ${duration(s.active)}`],
    ['Pages', plural(s.pages, 'page view')],
    ['Clicks', String(s.clicks)],
    ['Events', (s.events ?? []).join(', ') || 'none'],
    ['Errors', String(s.errors)],
    ['Entry', s.entry],
    ['Exit', s.exit],
    ['Referrer', s.referrer || 'direct, or not told'],
    ['Device', title(s.device || 'unknown')],
    ['Browser', s.browser || 'unknown'],
    ['System', s.os || 'unknown'],
    ['Window', `${s.width} × ${s.height}, ${s.screen || 'unknown'} screen`],
    ['Language', languageName(s.language) || 'unknown'],
    ['Country', s.country ? countryName(s.country) : 'not looked up'],
    ['Consent', consentWord(s.consent)],
    ['Visitor', <Link to={`/p/${project.key}/sessions?visitor=${encodeURIComponent(s.visitor)}&range=12m`}>{s.new ? 'new visitor' : 'has been here before'}: all of their sessions</Link>],
    ['Session id', <code>{s.id}</code>],
  ]
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <>
          <dt>{name}</dt>
          <dd>
            <bdi>{value}</bdi>
          </dd>
        </>
      ))}
    </dl>
  )
}

/** TranscriptTab is the session as text. */
export function TranscriptTab({ playback, project }: { playback: Playback; project: Project }) {
  const s = playback.detail.value.session
  const steps = playback.steps.value
  return (
    <div class="stack">
      <div class="row between">
        <p class="small muted">The same session in words.</p>
        <CopyButton text={transcript(steps, s.start)} label="transcript" />
      </div>
      <p>
        {dateTime(s.start, project.zone)}: a {s.new ? 'new' : 'returning'} visitor with {s.browser || 'an unknown browser'} on {s.os || 'an unknown system'}, {plural(s.pages, 'page')}, {duration(s.active)} active.
      </p>
      <ol class="transcript">
        {steps.map((step, i) => {
          const pause = pauseBefore(steps, i)
          return (
            <li key={i}>
              <span class="muted">{clock(step.t - s.start)}</span>
              <span>
                {pause && <span class="muted">({pause}.) </span>}
                <bdi>{sentence(step)}</bdi>
              </span>
            </li>
          )
        })}
      </ol>
    </div>
  )
}
