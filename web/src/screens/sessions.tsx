// Sessions: one row a session, live ones on top, filtered, sorted and paged in
// the URL. Keys j, k, Enter, / and ? work where single-key shortcuts are on.

import { useEffect, useRef, useState } from 'preact/hooks'
import { asError, base, get, query } from '../lib/api'
import { say, shortcuts } from '../lib/app'
import { save } from '../lib/csv'
import { count, plural } from '../lib/format'
import { useLoad, useMedia } from '../lib/load'
import { rangeFrom } from '../lib/range'
import { Link, params, setParams } from '../lib/router'
import type { Facets, Project, SessionList, SessionRow } from '../lib/types'
import { Icon } from '../ui/icons'
import { Page } from '../ui/page'
import { RangePicker } from '../ui/range-picker'
import { Failure, Skeleton, Waiting } from '../ui/states'
import { FilterBar } from './sessions-bar'
import { asked, pageSize, type Asked } from './sessions-filter'
import { ListHelp, useListKeys } from './sessions-keys'
import { SessionCards, SessionTable } from './sessions-table'
import { SilentSite } from './silent'

const refresh = 2000 // live sessions move; the list follows while it is looked at

function useLists(project: Project, ask: Asked, span: { from: string; to: string }) {
  const where = `projects/${encodeURIComponent(project.key)}/sessions`
  const path = where + query({ ...span, ...ask.values, sort: ask.sort, offset: (ask.page - 1) * pageSize, limit: pageSize })
  const list = useLoad<SessionList>(path, (s) => get(path, s), refresh)
  const onTop = ask.page === 1 && !ask.values.live
  const livePath = onTop ? where + query({ ...ask.values, live: true, sort: '-start', limit: 20 }) : null
  const live = useLoad<SessionList>(livePath, (s) => get(livePath!, s), refresh)
  const facetPath = `projects/${encodeURIComponent(project.key)}/facets${query(span)}`
  const facets = useLoad<Facets>(facetPath, (s) => get(facetPath, s))
  const liveRows = onTop ? (live.data?.rows ?? []) : []
  const ids = new Set(liveRows.map((r) => r.id))
  const rows: SessionRow[] = [...liveRows, ...(list.data?.rows ?? []).filter((r) => !ids.has(r.id))]
  return { list, facets, rows, live: liveRows.length, path }
}

async function download(path: string, project: Project): Promise<void> {
  const full = path.replace(/&?(offset|limit)=\d+/g, '') + '&limit=200'
  const response = await fetch(`${base}api/${full}`, { headers: { Accept: 'text/csv' }, credentials: 'same-origin' })
  if (!response.ok) throw new Error(`The server answered ${response.status}.`)
  save(`${project.name}-sessions.csv`, await response.blob())
}

function Paging({ page, total }: { page: number; total: number }) {
  const pages = Math.max(1, Math.ceil(total / pageSize))
  if (pages === 1) return null
  const go = (to: number) => setParams({ page_no: to === 1 ? undefined : String(to) })
  return (
    <nav class="row" aria-label="Pages of the list">
      <button type="button" class="button small" disabled={page <= 1} onClick={() => go(page - 1)}>
        Previous
      </button>
      <span>
        Page {count(page)} of {count(pages)}
      </span>
      <button type="button" class="button small" disabled={page >= pages} onClick={() => go(page + 1)}>
        Next
      </button>
    </nav>
  )
}

function Nothing({ project, ask }: { project: Project; ask: Asked }) {
  if (Object.keys(ask.values).length === 0) return <SilentSite project={project} where="in these days" />
  return (
    <section class="card empty">
      <h2>No session matches all of these filters</h2>
      <p>Remove one of them above, or widen the dates. A page filter matches the whole address, or its beginning when it ends in an asterisk: https://www.example.gov.uk/apply*</p>
    </section>
  )
}

/** Sessions is the page. */
export function Sessions({ project }: { project: Project }) {
  const days = rangeFrom(params.value, project.zone)
  const ask = asked(params.value)
  const { list, facets, rows, live, path } = useLists(project, ask, { from: days.from, to: days.to })
  const narrow = useMedia('(max-width: 760px)')
  const box = useRef<HTMLDivElement>(null)
  const [help, setHelp] = useState(false)
  const [failed, setFailed] = useState('')
  useListKeys(box, () => setHelp(true))
  const total = list.data?.total
  useEffect(() => {
    if (total !== undefined) say(`${plural(total, 'session')} found`)
  }, [total === undefined, JSON.stringify(ask), days.from, days.to])

  const actions = (
    <>
      <RangePicker days={days} />
    </>
  )
  return (
    <>
      <Page title="Sessions" over={<bdi>{project.name}</bdi>} actions={actions} />
      <FilterBar asked={ask} facets={facets.data} />
      {list.error && <Failure error={list.error} retry={list.reload} />}
      {!list.data && !list.error && (
        <Waiting what="sessions">
          <div class="card card-body">
            <Skeleton lines={12} height={36} />
          </div>
        </Waiting>
      )}
      {list.data && rows.length === 0 && <Nothing project={project} ask={ask} />}
      {list.data && rows.length > 0 && (
        <section class="card" aria-labelledby="list-title">
          <div class="card-head">
            <h2 id="list-title">
              {plural(list.data.total, 'session')}
              {live > 0 && <span class="muted"> · {plural(live, 'live session')} on top</span>}
            </h2>
            <div class="row">
              <button type="button" class="button quiet small" onClick={() => setHelp(true)}>
                Keys{shortcuts.value ? '' : ' (off)'}
              </button>
              <button type="button" class="button quiet small" onClick={() => void download(path, project).catch((cause) => setFailed(asError(cause).message))}>
                <Icon name="download" size={16} />
                CSV<span class="visually-hidden"> of these sessions</span>
              </button>
            </div>
          </div>
          {failed && <p role="alert" class="card-body field-error">{failed}</p>}
          <div ref={box} class="session-list">
            {narrow ? <SessionCards rows={rows} project={project} /> : <SessionTable rows={rows} project={project} sort={ask.sort} />}
          </div>
          <div class="card-foot">
            <span>
              Tier B · n = {plural(list.data.total, 'session')}
              {project.sampling < 10_000 && `, ${project.sampling / 100}% of sessions are recorded`} · times in {project.zone || 'UTC'}
            </span>
            <Paging page={ask.page} total={list.data.total} />
          </div>
        </section>
      )}
      <p class="small muted">
        <Link to={`/p/${project.key}`}>Overview of {project.name}</Link>
      </p>
      <ListHelp open={help} close={() => setHelp(false)} />
    </>
  )
}
