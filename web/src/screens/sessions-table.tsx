// The rows: a table where there is room for one, cards where there is not.

import { count, countryName, dateTime, dayMonth, duration, pagePath, plural, shortTime, title, utc } from '../lib/format'
import { Link, setParams } from '../lib/router'
import type { Project, SessionRow } from '../lib/types'
import { Icon, type IconName } from '../ui/icons'
import type { Sort } from './sessions-filter'

interface RowsProps {
  rows: SessionRow[]
  project: Project
}

const deviceIcons: Record<string, IconName> = { desktop: 'desktop', mobile: 'mobile', phone: 'mobile', tablet: 'tablet' }

/** Device is what the visit was made with. */
export function Device({ row }: { row: SessionRow }) {
  return (
    <span class="device" title={title(row.device || 'unknown device')}>
      <Icon name={deviceIcons[row.device] ?? 'desktop'} size={18} />
      <span>
        <bdi>
          <span class="visually-hidden">{title(row.device || 'unknown device')}: </span>
          {row.browser || 'unknown browser'}
        </bdi>
        <span class="small muted">
          <bdi>{[row.os || 'unknown system', row.country && countryName(row.country)].filter(Boolean).join(' · ')}</bdi>
        </span>
      </span>
    </span>
  )
}

/** Pages is entry and exit, as text: addresses of visited sites are never links here. */
export function Pages({ row }: { row: SessionRow }) {
  const entry = pagePath(row.entry)
  const exit = pagePath(row.exit)
  return (
    <span class="pages" title={`${row.entry} → ${row.exit}`}>
      <bdi class="clip">{entry}</bdi>
      {exit !== entry && (
        <bdi class="clip muted">
          <span aria-hidden="true">→ </span>
          <span class="visually-hidden">to </span>
          {exit}
        </bdi>
      )}
    </span>
  )
}

function Marks({ row }: { row: SessionRow }) {
  const events = row.events ?? []
  return (
    <span class="marks">
      {row.live && (
        <span class="tag live">
          <span class="dot" aria-hidden="true" />
          Live
        </span>
      )}
      {row.errors > 0 && <span class="tag bad">{plural(row.errors, 'error')}</span>}
      {row.gaps > 0 && <span class="tag warn">{plural(row.gaps, 'gap')}</span>}
      {row.bot && <span class="tag">bot</span>}
      {events.slice(0, 2).map((e) => (
        <span key={e} class="tag" title={e}>
          <bdi class="clip">{e}</bdi>
        </span>
      ))}
      {events.length > 2 && <span class="tag">+{events.length - 2}</span>}
    </span>
  )
}

function Replay({ row, project }: { row: SessionRow; project: Project }) {
  if (!row.hasReplay) return <span class="muted">no replay</span>
  return <span title={row.expires ? utc(row.expires) : undefined}>replay until {row.expires ? dayMonth(row.expires, project.zone) : '–'}</span>
}

const consents: Record<string, string> = { granted: 'agreed', api: 'agreed', cookie: 'agreed', none: 'not asked' }

/** consentWord says how a session came to be recorded. */
export const consentWord = (consent: string): string => consents[consent] ?? (consent || 'not known')

function Head({ name, label, sort, numeric }: { name: Sort; label: string; sort: string; numeric?: boolean }) {
  const on = sort === name || sort === `-${name}`
  const down = sort.startsWith('-')
  return (
    <th scope="col" class={numeric ? 'num' : undefined} aria-sort={on ? (down ? 'descending' : 'ascending') : undefined}>
      <button type="button" class="sort" onClick={() => setParams({ sort: on && down ? name : name === 'start' ? undefined : `-${name}`, page_no: undefined }, { replace: true })}>
        {label}
        <span aria-hidden="true" class={on ? '' : 'off'}>
          {on && !down ? '▲' : '▼'}
        </span>
      </button>
    </th>
  )
}

/** SessionTable is the table. */
export function SessionTable({ rows, project, sort }: RowsProps & { sort: string }) {
  return (
    <table class="sessions">
      <thead>
        <tr>
          <Head name="start" label="Start" sort={sort} />
          <th scope="col">Entry and exit</th>
          <Head name="pages" label="Pages" sort={sort} numeric />
          <Head name="active" label="Active" sort={sort} numeric />
          <Head name="duration" label="Of" sort={sort} numeric />
          <Head name="clicks" label="Clicks" sort={sort} numeric />
          <th scope="col">Signals</th>
          <th scope="col">Device</th>
          <th scope="col">Consent and replay</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id} class={row.live ? 'is-live' : undefined}>
            <td class="nowrap">
              <Link to={`/p/${project.key}/sessions/${row.id}`} class="row-link" title={utc(row.start)}>
                {shortTime(row.start, project.zone)}
              </Link>
              <span class="small muted block">{row.new ? 'new visitor' : 'came back'}</span>
            </td>
            <td class="cell-pages">
              <Pages row={row} />
            </td>
            <td class="num">{count(row.pages)}</td>
            <td class="num nowrap">{duration(row.active)}</td>
            <td class="num nowrap muted">{duration(row.duration)}</td>
            <td class="num">{count(row.clicks)}</td>
            <td class="cell-marks">
              <Marks row={row} />
            </td>
            <td>
              <Device row={row} />
            </td>
            <td class="nowrap small">
              <span class="block">{consentWord(row.consent)}</span>
              <span class="muted">
                <Replay row={row} project={project} />
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** SessionCards is the list for narrow screens. */
export function SessionCards({ rows, project }: RowsProps) {
  return (
    <ul class="session-cards">
      {rows.map((row) => (
        <li key={row.id}>
          <div class="row between">
            <Link to={`/p/${project.key}/sessions/${row.id}`} class="row-link">
              {dateTime(row.start, project.zone)}
            </Link>
            <Marks row={row} />
          </div>
          <Pages row={row} />
          <p class="small">
            {plural(row.pages, 'page')} · {duration(row.active)} active of {duration(row.duration)} · {plural(row.clicks, 'click')}
          </p>
          <Device row={row} />
          <p class="small muted">
            {consentWord(row.consent)} · <Replay row={row} project={project} />
          </p>
        </li>
      ))}
    </ul>
  )
}
