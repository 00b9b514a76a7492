// A top list: a table whose first column carries a bar, with CSV and its n.

import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { csv, save } from '../lib/csv'
import { count, share } from '../lib/format'
import { Link } from '../lib/router'
import type { Row } from '../lib/types'
import { Icon } from './icons'

interface BarsProps {
  title: string
  unit: string // what a row counts: "page views", "sessions"
  rows: Row[] | null
  total: number // of the unit over the whole range, for shares
  tier: string
  name?: (label: string) => ComponentChildren
  plain?: (label: string) => string // label in the CSV
  link?: (label: string) => string | null
  file: string
}

const short = 8

/** Bars shows the first eight rows, the rest on demand. */
export function Bars({ title, unit, rows, total, tier, name = (l) => l, plain = (l) => l, link, file }: BarsProps) {
  const [all, setAll] = useState(false)
  const list = rows ?? []
  const most = Math.max(1, ...list.map((r) => r.count))
  const shown = all ? list : list.slice(0, short)
  const withVisitors = list.some((r) => r.visitors !== undefined)
  const download = () => save(`${file}.csv`, csv([[title, unit, ...(withVisitors ? ['visitors'] : [])], ...list.map((r) => [plain(r.label), r.count, ...(withVisitors ? [r.visitors ?? 0] : [])])]))
  return (
    <section class="card bars">
      <div class="card-head">
        <h2>{title}</h2>
        {list.length > 0 && (
          <button type="button" class="button quiet small" onClick={download}>
            <Icon name="download" size={16} />
            CSV<span class="visually-hidden"> of {title.toLowerCase()}</span>
          </button>
        )}
      </div>
      {list.length === 0 ? (
        <p class="card-body muted">Nothing in these days.</p>
      ) : (
        <table>
          <caption class="visually-hidden">
            {title} by {unit}
          </caption>
          <thead>
            <tr>
              <th scope="col">{title.replace(/^Top /, '').replace(/^./, (c) => c.toUpperCase())}</th>
              <th scope="col" class="num">
                {unit.replace(/^./, (c) => c.toUpperCase())}
              </th>
              <th scope="col" class="num">
                Share
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => {
              const to = link?.(row.label)
              return (
                <tr key={row.label}>
                  <th scope="row">
                    <span class="bar" style={{ width: `${(row.count / most) * 100}%` }} />
                    <span class="bar-label" title={plain(row.label)}>
                      {to ? <Link to={to}>{<bdi>{name(row.label)}</bdi>}</Link> : <bdi>{name(row.label)}</bdi>}
                    </span>
                  </th>
                  <td class="num">{count(row.count)}</td>
                  <td class="num muted">{share(row.count, total)}</td>
                </tr>
              )
            })}
          </tbody>
        </table>
      )}
      <div class="card-foot">
        <span>
          {tier} · n = {count(total)} {unit}
        </span>
        {list.length > short && (
          <button type="button" class="button quiet small" aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? 'Show fewer' : `Show all ${list.length}`}
          </button>
        )}
      </div>
    </section>
  )
}
