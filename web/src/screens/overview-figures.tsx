// The totals, each against the same number of days before.

import type { ComponentChildren } from 'preact'
import { count, duration, percent } from '../lib/format'
import { Link } from '../lib/router'
import type { Overview, Project } from '../lib/types'

function Change({ now, before, days, words = count }: { now: number; before: number; days: number; words?: (n: number) => string }) {
  const span = days === 1 ? 'the day before' : `the ${days} days before`
  if (before <= 0) return <span class="muted">{now > 0 ? 'none before' : '\u00a0'}</span>
  const p = Math.round(((now - before) / before) * 100)
  if (p === 0) return <span class="muted">no change</span>
  return (
    <span class="muted">
      <span aria-hidden="true">{p > 0 ? '▲' : '▼'}</span>
      <span class="visually-hidden">{p > 0 ? 'up' : 'down'}</span> {Math.abs(p) > 300 ? `from ${words(before)}` : `${Math.abs(p)}%`} <span class="visually-hidden">against {span}</span>
    </span>
  )
}

function Figure({ label, value, more, foot }: { label: string; value: string; more?: ComponentChildren; foot: ComponentChildren }) {
  return (
    <div class="figure">
      <dt>{label}</dt>
      <dd class="figure-value">{value}</dd>
      {more && <dd class="small">{more}</dd>}
      <dd class="small muted">{foot}</dd>
    </div>
  )
}

/** Figures shows the totals of a range. */
export function Figures({ data, days, project }: { data: Overview; days: number; project: Project }) {
  const { totals: t, before: b } = data
  const sessions = `n = ${count(t.sessions)} sessions`
  return (
    <section class="card" aria-labelledby="figures-title">
      <h2 class="visually-hidden" id="figures-title">
        Totals
      </h2>
      <dl class="figures">
        <Figure label="Visitors" value={count(t.visitors)} more={<Change now={t.visitors} before={b.visitors} days={days} />} foot="who agreed" />
        <Figure label="Sessions" value={count(t.sessions)} more={<Change now={t.sessions} before={b.sessions} days={days} />} foot={`${t.visitors > 0 ? (t.sessions / t.visitors).toFixed(1) : '–'} per visitor`} />
        <Figure label="Page views" value={count(t.pageViews)} more={<Change now={t.pageViews} before={b.pageViews} days={days} />} foot={`${t.sessions > 0 ? (t.pageViews / t.sessions).toFixed(1) : '–'} per session`} />
        <Figure label="Median duration" value={t.sessions > 0 ? duration(t.median) : '–'} more={<Change now={t.median} before={b.median} days={days} words={duration} />} foot={t.sessions > 0 ? `a quarter longer than ${duration(t.p75)}` : sessions} />
        <Figure label="Bounce" value={t.sessions > 0 ? percent(t.bounce) : '–'} more={<Change now={t.bounce} before={b.bounce} days={days} words={percent} />} foot="one page, no click" />
        <Figure label="Live now" value={count(t.live)} more={<Link to={`/p/${project.key}/sessions?live=1`}>See live sessions</Link>} foot="in the last 5 minutes" />
      </dl>
      <div class="card-foot">
        <span>Tier B: visitors who agreed, {sessions}. Changes are against {days === 1 ? 'the day before' : `the ${days} days before`}.</span>
        <Counted data={data} />
      </div>
    </section>
  )
}

function Counted({ data }: { data: Overview }) {
  const n = data.totals.counted
  if (n === 0) return null
  return (
    <span>
      <strong>Tier A, counted without identity:</strong> {n < 0 ? 'fewer than 20 page views, not shown' : `${count(n)} page views`}. Never added to the figures above.
    </span>
  )
}

/** FiguresWaiting keeps the room of the figures, the chart and the first lists. */
export function FiguresWaiting() {
  return (
    <div class="stack-l" aria-hidden="true">
      <div class="card">
        <div class="figures">
          {Array.from({ length: 6 }, (_, i) => (
            <div key={i} class="figure">
              <span class="skeleton" style={{ width: '60%', height: '20px' }} />
              <span class="skeleton" style={{ width: '80%', height: '36px', marginTop: '8px' }} />
              <span class="skeleton" style={{ width: '50%', height: '16px', marginTop: '12px' }} />
            </div>
          ))}
        </div>
        <div class="card-foot">
          <span class="skeleton" style={{ width: '50%' }} />
        </div>
      </div>
      <div class="card">
        <div class="card-body">
          <span class="skeleton" style={{ height: '316px' }} />
        </div>
      </div>
      <div class="lists">
        {Array.from({ length: 3 }, (_, i) => (
          <div key={i} class="card">
            <div class="card-body">
              <span class="skeleton" style={{ height: '360px' }} />
            </div>
          </div>
        ))}
      </div>
    </div>
  )
}
