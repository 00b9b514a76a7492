// The timeline: pages as coloured stretches, idle time hatched, steps as ticks,
// gaps named; over it one slider for mouse, touch, keys and screen readers.

import { clock, pagePath, spoken } from '../lib/format'
import type { Gap, Recorded, Step } from '../lib/types'
import { fromAxis, toAxis, type Axis } from '../replay/axis'
import type { Playback } from '../replay/playback'

const marked = new Set(['click', 'submit', 'custom', 'error'])

/** gapWords names chunks that never arrived. */
export const gapWords = (gap: Gap): string => (gap.fromSeq === gap.toSeq ? `Chunk ${gap.fromSeq} never arrived` : `Chunks ${gap.fromSeq}–${gap.toSeq} never arrived`)

interface DrawProps {
  axis: Axis
  steps: Step[]
  records: Recorded[]
  fold: boolean
}

function Ticks({ axis, steps, records, fold }: DrawProps) {
  const order = new Map(records.map((r, i) => [r.id, i]))
  const percent = (x: number) => `${(x / axis.length) * 100}%`
  return (
    <>
      {steps
        .filter((s) => marked.has(s.kind) && records[order.get(s.record) ?? -1]?.snapshot)
        .map((s, i) => (
          <line key={i} class={`tick ${s.kind}`} x1={percent(toAxis(axis, { index: order.get(s.record)!, at: s.t }, fold))} x2={percent(toAxis(axis, { index: order.get(s.record)!, at: s.t }, fold))} y1={s.kind === 'error' ? 2 : 24} y2={34} />
        ))}
    </>
  )
}

function Picture({ axis, steps, records, fold }: DrawProps) {
  const percent = (x: number) => `${(x / axis.length) * 100}%`
  return (
    <svg class="timeline-picture" width="100%" height="36" aria-hidden="true">
      <defs>
        <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="6" height="6" class="hatch-ground" />
          <line x1="0" y1="0" x2="0" y2="6" class="hatch-line" />
        </pattern>
      </defs>
      {axis.segments.map((segment, n) => {
        let x = segment.start
        return segment.spans.map((span, i) => {
          const from = x
          const width = span.idle && fold ? Math.min(1500, span.to - span.from) : span.to - span.from
          x += width
          return <rect key={`${n}-${i}`} class={span.idle ? 'idle' : `page p${n % 4}`} x={percent(from)} width={percent(width)} y="6" height="16" />
        })
      })}
      {axis.segments.slice(1).map((segment) => (
        <line key={segment.index} class="turn" x1={percent(segment.start)} x2={percent(segment.start)} y1="2" y2="26" />
      ))}
      {axis.segments.flatMap((segment) =>
        (segment.record.gaps ?? []).map((gap) => {
          const from = toAxis(axis, { index: segment.index, at: gap.from }, fold)
          const to = toAxis(axis, { index: segment.index, at: gap.to }, fold)
          return <rect key={`${segment.index}-${gap.fromSeq}`} class="gap" x={percent(from)} width={percent(Math.max(axis.length / 200, to - from))} y="3" height="22" />
        }),
      )}
      <Ticks axis={axis} steps={steps} records={records} fold={fold} />
    </svg>
  )
}

/** Timeline is the picture with its slider. */
export function Timeline({ playback }: { playback: Playback }) {
  const axis = playback.axis.value
  const fold = playback.fold.value
  const place = Math.min(playback.place.value, axis.length)
  const record = playback.records.value[playback.index.value]
  const gaps = playback.records.value.flatMap((r) => (r.gaps ?? []).map((gap) => ({ gap, record: r })))
  const slide = (value: number) => playback.seek(fromAxis(axis, value, fold), playback.playing.value)
  return (
    <div class="timeline">
      <div class="timeline-box">
        <Picture axis={axis} steps={playback.steps.value} records={playback.records.value} fold={fold} />
        <input
          type="range"
          class="timeline-slider"
          min={0}
          max={Math.round(axis.length)}
          step={100}
          value={Math.round(place)}
          role="slider"
          aria-valuemin={0}
          aria-valuemax={Math.round(axis.length)}
          aria-valuenow={Math.round(place)}
          aria-label="Position in the session"
          aria-valuetext={`${spoken(playback.sessionTime.value)} of ${spoken(playback.length.value)}, ${record?.title || (record && pagePath(record.url)) || ''}`}
          onInput={(e) => slide(Number(e.currentTarget.value))}
        />
      </div>
      <div class="timeline-foot">
        <span class="clock">
          {clock(playback.sessionTime.value)} <span class="muted">/ {clock(playback.length.value)}</span>
        </span>
        <label class="inline-check">
          <input type="checkbox" checked={fold} onChange={(e) => (playback.fold.value = e.currentTarget.checked)} /> Fold idle time
        </label>
      </div>
      {gaps.length > 0 && (
        <ul class="gaps small">
          {gaps.map(({ gap, record: r }) => (
            <li key={`${r.id}-${gap.fromSeq}`}>
              <button type="button" class="link" onClick={() => playback.seek({ index: playback.records.value.indexOf(r), at: gap.from }, false)}>
                {gapWords(gap)}
              </button>{' '}
              on {r.title || pagePath(r.url)}: what happened there is not shown.
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
