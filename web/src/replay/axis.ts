// The time axis of a session: its page loads one after the other, idle stretches
// folded. Pure; the player and the timeline read from it.

import type { Recorded, Step } from '../lib/types'

/** Span is a stretch of one record, idle or not. Times are milliseconds UTC. */
export interface Span {
  from: number
  to: number
  idle: boolean
}

/** Segment is a record on the axis: from start for width milliseconds. */
export interface Segment {
  record: Recorded
  index: number
  start: number // on the axis
  width: number
  spans: Span[]
}

/** Axis is all of them. */
export interface Axis {
  segments: Segment[]
  length: number
}

/** Point is an instant of a record. */
export interface Point {
  index: number // of the record
  at: number // milliseconds UTC
}

const idleFrom = 5000 // nothing done for so long is idle
const lead = 800 // of it stays at each end, so that what follows is not cut
const folded = 1500 // width of a folded stretch

/** Interactive sources of rrweb: moves, clicks, scrolls, touches, drags, selections. */
const interactive = new Set([1, 2, 3, 5, 6, 12, 14])

/** activity lists when something was done, from a record's DOM events. */
export function activity(events: unknown[]): number[] {
  const times: number[] = []
  for (const e of events as { type?: unknown; timestamp?: unknown; data?: { source?: unknown } | null }[]) {
    if (e && e.type === 3 && typeof e.timestamp === 'number' && interactive.has(Number(e.data?.source))) times.push(e.timestamp)
  }
  return times
}

/** spansOf cuts a record into busy and idle stretches. */
export function spansOf(record: Recorded, done: number[]): Span[] {
  const end = Math.max(record.end, record.start + 1)
  const marks = [record.start, ...done.filter((t) => t > record.start && t < end).sort((a, b) => a - b), end]
  const spans: Span[] = []
  let from = record.start
  for (let i = 1; i < marks.length; i++) {
    const a = marks[i - 1]!
    const b = marks[i]!
    if (b - a < idleFrom) continue
    spans.push({ from, to: a + lead, idle: false }, { from: a + lead, to: b - lead, idle: true })
    from = b - lead
  }
  spans.push({ from, to: end, idle: false })
  return spans
}

const widthOf = (span: Span, fold: boolean): number => (span.idle && fold ? Math.min(folded, span.to - span.from) : span.to - span.from)

/** axisOf lays the records out. busy holds what is known of each record's activity. */
export function axisOf(records: Recorded[], steps: Step[], busy: Map<string, number[]>, fold: boolean): Axis {
  const segments: Segment[] = []
  let start = 0
  for (const [index, record] of records.entries()) {
    if (!record.snapshot) continue
    const done = busy.get(record.id)
    const own = steps.filter((s) => s.record === record.id).map((s) => s.t)
    const end = Math.max(record.end, record.start + 1)
    const spans = done ? spansOf(record, [...done, ...own]) : [{ from: record.start, to: end, idle: false }]
    const width = spans.reduce((sum, s) => sum + widthOf(s, fold), 0)
    segments.push({ record, index, start, width, spans })
    start += width
  }
  return { segments, length: Math.max(1, start) }
}

/** toAxis gives the place of an instant on the axis. */
export function toAxis(axis: Axis, point: Point, fold: boolean): number {
  const segment = axis.segments.find((s) => s.index === point.index)
  if (!segment) return 0
  let x = segment.start
  for (const span of segment.spans) {
    const width = widthOf(span, fold)
    if (point.at >= span.to) {
      x += width
      continue
    }
    if (point.at > span.from) x += ((point.at - span.from) / Math.max(1, span.to - span.from)) * width
    break
  }
  return x
}

/** fromAxis gives the instant at a place of the axis. */
export function fromAxis(axis: Axis, x: number, fold: boolean): Point {
  const last = axis.segments.at(-1)
  if (!last) return { index: -1, at: 0 }
  const wanted = Math.min(Math.max(0, x), axis.length)
  const segment = axis.segments.find((s) => wanted < s.start + s.width) ?? last
  let rest = wanted - segment.start
  for (const span of segment.spans) {
    const width = widthOf(span, fold)
    if (rest <= width) return { index: segment.index, at: span.from + (rest / Math.max(1, width)) * (span.to - span.from) }
    rest -= width
  }
  return { index: segment.index, at: segment.record.end }
}

/** idleAt gives the idle stretch that an instant is in. */
export function idleAt(axis: Axis, point: Point): Span | undefined {
  return axis.segments.find((s) => s.index === point.index)?.spans.find((s) => s.idle && point.at >= s.from && point.at < s.to - 50)
}

/** stepAt gives the index of the last step at or before an instant, or -1. */
export function stepAt(steps: Step[], records: Recorded[], point: Point): number {
  const order = new Map(records.map((r, i) => [r.id, i]))
  let found = -1
  for (const [i, step] of steps.entries()) {
    const index = order.get(step.record) ?? -1
    if (index < point.index || (index === point.index && step.t <= point.at + 20)) found = i
  }
  return found
}
