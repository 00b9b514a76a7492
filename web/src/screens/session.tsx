// One session: the stage with its controls and timeline, and beside it the steps,
// pages, details and transcript. The transcript alone tells the whole session.

import { useEffect, useMemo, useRef } from 'preact/hooks'
import { get } from '../lib/api'
import { say } from '../lib/app'
import { clock, dateOnly, dateTime, pagePath, plural, spoken, utc } from '../lib/format'
import { useLoad } from '../lib/load'
import { href, Link, navigate, params, path } from '../lib/router'
import type { Project, SessionDetail } from '../lib/types'
import { Playback } from '../replay/playback'
import { CopyButton } from '../ui/form'
import { Page } from '../ui/page'
import { Failure, Skeleton, Waiting } from '../ui/states'
import { Controls } from './session-controls'
import { Rail } from './session-rail'
import { Stage } from './session-stage'
import { Timeline } from './session-timeline'
import { consentWord } from './sessions-table'

const follow = 2000 // ms between two looks at a live session

/** Session is the page. */
export function Session({ project, id }: { project: Project; id: string }) {
  const where = `projects/${encodeURIComponent(project.key)}/sessions/${encodeURIComponent(id)}`
  const load = useLoad<SessionDetail>(
    where,
    (s) => get(where, s),
    (data) => (data?.session.live ? follow : 0),
  )
  const back = <Link to={`/p/${project.key}/sessions`}>Sessions of {project.name}</Link>
  if (load.error && !load.data) {
    return (
      <>
        <Page title="Session" over={back} />
        <Failure error={load.error} retry={load.reload} />
      </>
    )
  }
  if (!load.data) {
    return (
      <>
        <Page title="Session" over={back} />
        <Waiting what="the session">
          <div class="session-layout">
            <div class="card card-body">
              <span class="skeleton" style={{ height: '62vh' }} />
            </div>
            <div class="card card-body">
              <Skeleton lines={12} height={28} />
            </div>
          </div>
        </Waiting>
      </>
    )
  }
  return <Loaded key={id} project={project} detail={load.data} where={where} />
}

function useWanted(playback: Playback): void {
  // The address says where to begin: ?record=<id>&t=<seconds into it>.
  useEffect(() => {
    const wanted = params.value.get('record')
    const index = playback.records.value.findIndex((r) => r.id === wanted)
    const record = playback.records.value[index]
    const first = playback.firstPoint()
    if (record?.snapshot) playback.seek({ index, at: record.start + 1000 * (Number(params.value.get('t')) || 0) }, false)
    else if (first.index >= 0) playback.seek({ ...first, at: first.at + 1000 * (Number(params.value.get('t')) || 0) }, false)
  }, [])
}

function Loaded({ project, detail, where }: { project: Project; detail: SessionDetail; where: string }) {
  const region = useRef<HTMLDivElement>(null)
  const playback = useMemo(() => {
    const moved = (point: { index: number; at: number }) => {
      const record = playback.records.value[point.index]
      if (!record) return
      const next = new URLSearchParams(params.value)
      next.set('record', record.id)
      next.set('t', ((point.at - record.start) / 1000).toFixed(1))
      navigate(`${path.value}?${next}`, { replace: true })
      say(`${playback.ended.value ? 'Ended' : 'Paused'} at ${spoken(playback.sessionTime.value)}, ${record.title || pagePath(record.url)}`)
    }
    return new Playback(where, detail, moved)
  }, [where])
  useEffect(() => () => playback.close(), [playback])
  useEffect(() => playback.update(detail), [detail])
  useWanted(playback)
  const s = detail.session
  return (
    <>
      <Page
        title={`Session of ${dateTime(s.start, project.zone)}`}
        over={<Link to={`/p/${project.key}/sessions`}>Sessions of {project.name}</Link>}
        actions={
          <>
            {s.live && (
              <button type="button" class="button" onClick={() => playback.toEnd()}>
                <span class="tag live">
                  <span class="dot" aria-hidden="true" />
                  Live
                </span>
                Follow
              </button>
            )}
            <CopyLink playback={playback} />
          </>
        }
      />
      <PrivacyStrip project={project} detail={detail} />
      <div class="session-layout">
        <div class="player card" ref={region}>
          <Stage playback={playback} session={s} />
          {playback.status.value !== 'none' && (
            <>
              <Timeline playback={playback} />
              <Controls playback={playback} region={region} />
            </>
          )}
        </div>
        <Rail playback={playback} project={project} />
      </div>
    </>
  )
}

function CopyLink({ playback }: { playback: Playback }) {
  const record = playback.records.value[playback.index.value]
  const seconds = record ? ((playback.at.value - record.start) / 1000).toFixed(1) : '0'
  const address = new URL(href(path.value) + (record ? `?record=${encodeURIComponent(record.id)}&t=${seconds}` : ''), location.origin).href
  return (
    <CopyButton text={address} label={`link to this moment, ${clock(playback.sessionTime.value)}`}>
      Copy link at {clock(playback.sessionTime.value)}
    </CopyButton>
  )
}

function PrivacyStrip({ project, detail }: { project: Project; detail: SessionDetail }) {
  const s = detail.session
  return (
    <dl class="strip" aria-label="Privacy of this recording">
      <div>
        <dt>Masking</dt>
        <dd>{project.profile === 'smartlook' ? 'as Smartlook: text in clear, fields masked' : 'strict: only public texts in clear'}</dd>
      </div>
      <div>
        <dt>Consent</dt>
        <dd>{consentWord(s.consent)}</dd>
      </div>
      <div>
        <dt>Replay deleted</dt>
        <dd title={s.expires ? utc(s.expires) : undefined}>{s.expires ? dateOnly(s.expires, project.zone) : 'not kept'}</dd>
      </div>
      <div>
        <dt>Purpose</dt>
        <dd>
          <bdi>{project.purpose || 'not stated'}</bdi>
        </dd>
      </div>
      {s.gaps > 0 && (
        <div>
          <dt>Complete</dt>
          <dd>{plural(s.gaps, 'gap')}, shown on the timeline</dd>
        </div>
      )}
    </dl>
  )
}
