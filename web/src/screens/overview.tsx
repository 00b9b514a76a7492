// Overview: who came, what they looked at, from where, with what. Every figure
// says its tier and its n; Tier A stands apart and is never added to the rest.

import { get, query } from '../lib/api'
import { countryName, dayName, languageName, pagePath, title } from '../lib/format'
import { useLoad } from '../lib/load'
import { daysIn, rangeFrom, rangeParams, type Days } from '../lib/range'
import { params } from '../lib/router'
import type { ListName, Overview as Data, Project } from '../lib/types'
import { Bars } from '../ui/bars'
import { Page } from '../ui/page'
import { RangePicker } from '../ui/range-picker'
import { Failure, Waiting } from '../ui/states'
import { Chart } from './overview-chart'
import { Figures, FiguresWaiting } from './overview-figures'
import { SilentSite } from './silent'

interface ListSpec {
  name: ListName
  heading: string
  unit: 'page views' | 'sessions'
  filter?: string // the sessions list's filter that a row leads to
  words?: (label: string) => string
}

const direct = (label: string): string => label || 'Direct, or not told'
const named = (label: string): string => label || 'Unknown'
const known = (label: string): string => title(label) || 'Unknown'

const lists: ListSpec[] = [
  { name: 'pages', heading: 'Top pages', unit: 'page views', filter: 'page', words: pagePath },
  { name: 'entries', heading: 'Entry pages', unit: 'sessions', filter: 'entry', words: pagePath },
  { name: 'referrers', heading: 'Referrers', unit: 'sessions', filter: 'referrer', words: direct },
  { name: 'campaigns', heading: 'Campaigns', unit: 'sessions', words: (l) => l || 'None' },
  { name: 'devices', heading: 'Devices', unit: 'sessions', filter: 'device', words: known },
  { name: 'browsers', heading: 'Browsers', unit: 'sessions', filter: 'browser', words: named },
  { name: 'systems', heading: 'Operating systems', unit: 'sessions', filter: 'os', words: named },
  { name: 'countries', heading: 'Countries', unit: 'sessions', filter: 'country', words: (l) => countryName(l) || 'Not looked up' },
  { name: 'languages', heading: 'Languages', unit: 'sessions', words: (l) => languageName(l) || 'Unknown' },
]

function Lists({ data, project, days }: { data: Data; project: Project; days: Days }) {
  return (
    <div class="lists">
      {lists.map((spec) => (
        <Bars
          key={spec.name}
          title={spec.heading}
          unit={spec.unit}
          rows={data[spec.name]}
          total={spec.unit === 'page views' ? data.totals.pageViews : data.totals.sessions}
          tier="Tier B"
          name={spec.words}
          plain={(l) => (spec.name === 'pages' || spec.name === 'entries' ? l : (spec.words?.(l) ?? l))}
          link={(l) => (spec.filter && l ? `/p/${project.key}/sessions${query({ ...rangeParams(days), [spec.filter]: l })}` : null)}
          file={`${project.name}-${spec.name}-${data.range.from}-${data.range.to}`}
        />
      ))}
    </div>
  )
}

/** Overview is the page. */
export function Overview({ project }: { project: Project }) {
  const days = rangeFrom(params.value, project.zone)
  const path = `projects/${encodeURIComponent(project.key)}/overview${query({ from: days.from, to: days.to })}`
  const load = useLoad<Data>(path, (s) => get(path, s), 15_000)
  const data = load.data
  const empty = data && data.totals.pageViews === 0 && data.totals.sessions === 0 && data.totals.counted <= 0
  const n = daysIn(days)
  return (
    <>
      <Page
        title="Overview"
        over={
          <>
            <bdi>{project.name}</bdi> · {n === 1 ? dayName(days.from) : `${dayName(days.from)} to ${dayName(days.to)}`} · {project.zone || 'UTC'}
          </>
        }
        actions={<RangePicker days={days} />}
      />
      {load.error && <Failure error={load.error} retry={load.reload} />}
      {!data && !load.error && (
        <Waiting what="the overview">
          <FiguresWaiting />
        </Waiting>
      )}
      {data && empty && <SilentSite project={project} where={n === 1 ? 'on this day' : `in these ${n} days`} />}
      {data && !empty && (
        <div class="stack-l" aria-busy={load.loading}>
          <Figures data={data} days={n} project={project} />
          <Chart data={data} project={project} />
          <Lists data={data} project={project} days={days} />
        </div>
      )}
    </>
  )
}
