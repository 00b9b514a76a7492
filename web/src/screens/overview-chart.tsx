// The series by day, as a chart or as its table.

import { useState } from 'preact/hooks'
import { csv, save } from '../lib/csv'
import { count, dayName } from '../lib/format'
import { params, setParams } from '../lib/router'
import type { Day, Overview, Project } from '../lib/types'
import { Icon } from '../ui/icons'
import { Series, type Line } from '../ui/series'

type Measure = 'visitors' | 'sessions' | 'pageViews'

const measures: { id: Measure; label: string; color: string }[] = [
  { id: 'visitors', label: 'Visitors', color: '--data-1' },
  { id: 'sessions', label: 'Sessions', color: '--data-3' },
  { id: 'pageViews', label: 'Page views', color: '--data-4' },
]

function linesOf(days: Day[], measure: Measure, counted: boolean): Line[] {
  const m = measures.find((x) => x.id === measure)!
  const lines: Line[] = [{ label: `${m.label} (Tier B)`, color: m.color, values: days.map((d) => d[measure]) }]
  if (counted) lines.push({ label: 'Page views counted without identity (Tier A)', color: '--data-2', dashed: true, values: days.map((d) => d.counted) })
  return lines
}

function DayTable({ days, counted }: { days: Day[]; counted: boolean }) {
  return (
    <div class="scroll-x day-table" tabIndex={0} role="region" aria-label="Figures by day">
      <table>
        <thead>
          <tr>
            <th scope="col">Day</th>
            {measures.map((m) => (
              <th key={m.id} scope="col" class="num">
                {m.label}
              </th>
            ))}
            {counted && (
              <th scope="col" class="num">
                Counted (Tier A)
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {[...days].reverse().map((d) => (
            <tr key={d.day}>
              <th scope="row">{dayName(d.day)}</th>
              {measures.map((m) => (
                <td key={m.id} class="num">
                  {count(d[m.id])}
                </td>
              ))}
              {counted && <td class="num">{d.counted < 0 ? 'under 20' : count(d.counted)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

// The chart as a picture, on the ground that it stands on.
function picture(file: string): void {
  const chart = document.querySelector<HTMLCanvasElement>('.series canvas')
  const sheet = document.createElement('canvas')
  const pen = sheet.getContext('2d')
  if (!chart || !pen) return
  sheet.width = chart.width
  sheet.height = chart.height
  pen.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--surface')
  pen.fillRect(0, 0, sheet.width, sheet.height)
  pen.drawImage(chart, 0, 0)
  sheet.toBlob((blob) => {
    if (blob) save(`${file}.png`, blob)
  }, 'image/png')
}

/** Chart is the card; measure and form are in the URL. */
export function Chart({ data, project }: { data: Overview; project: Project }) {
  const days = data.days ?? []
  const measure = measures.find((m) => m.id === params.value.get('measure'))?.id ?? 'visitors'
  const table = params.value.get('as') === 'table'
  const [withCounted, setCounted] = useState(true)
  const hasCounted = days.some((d) => d.counted !== 0)
  const lines = linesOf(days, measure, hasCounted && withCounted && measure === 'pageViews')
  const values = days.map((d) => d[measure])
  const most = values.length > 0 ? Math.max(...values) : 0
  const peak = days[values.indexOf(most)]
  const m = measures.find((x) => x.id === measure)!
  const file = `${project.name}-by-day-${data.range.from}-${data.range.to}`
  const download = () => save(`${file}.csv`, csv([['day', 'visitors', 'sessions', 'page views', 'counted (Tier A, blank below 20)'], ...days.map((d) => [d.day, d.visitors, d.sessions, d.pageViews, d.counted < 0 ? '' : d.counted])]))
  return (
    <section class="card" aria-labelledby="by-day">
      <div class="card-head">
        <h2 id="by-day">By day</h2>
        <div class="row">
          {!table && (
            <div class="segmented" role="group" aria-label="Measure">
              {measures.map((x) => (
                <button key={x.id} type="button" aria-pressed={x.id === measure} onClick={() => setParams({ measure: x.id === 'visitors' ? undefined : x.id }, { replace: true })}>
                  {x.label}
                </button>
              ))}
            </div>
          )}
          <div class="segmented" role="group" aria-label="Show as">
            <button type="button" aria-pressed={!table} onClick={() => setParams({ as: undefined }, { replace: true })}>
              Chart
            </button>
            <button type="button" aria-pressed={table} onClick={() => setParams({ as: 'table' }, { replace: true })}>
              Table
            </button>
          </div>
          <button type="button" class="button quiet small" onClick={download}>
            <Icon name="download" size={16} />
            CSV<span class="visually-hidden"> of the figures by day</span>
          </button>
          {!table && (
            <button type="button" class="button quiet small" onClick={() => picture(file)}>
              <Icon name="download" size={16} />
              PNG<span class="visually-hidden"> of the chart</span>
            </button>
          )}
        </div>
      </div>
      <div class="card-body">
        {table ? (
          <DayTable days={days} counted={hasCounted} />
        ) : (
          <>
            <Series days={days.map((d) => d.day)} lines={lines} label={`Line chart of ${m.label.toLowerCase()} by day. Most: ${count(most)}${peak ? ` on ${dayName(peak.day)}` : ''}. Choose Table for every figure.`} />
            <div class="legend">
              {lines.map((line) => (
                <span key={line.label}>
                  <svg width="24" height="8" aria-hidden="true">
                    <line x1="0" x2="24" y1="4" y2="4" stroke={`var(${line.color})`} stroke-width="3" stroke-dasharray={line.dashed ? '6 4' : undefined} />
                  </svg>
                  {line.label}
                </span>
              ))}
              {hasCounted && measure === 'pageViews' && (
                <button type="button" class="button quiet small" aria-pressed={withCounted} onClick={() => setCounted(!withCounted)}>
                  {withCounted ? 'Hide Tier A' : 'Show Tier A'}
                </button>
              )}
            </div>
          </>
        )}
      </div>
    </section>
  )
}
