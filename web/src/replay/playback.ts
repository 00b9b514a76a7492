// Playback: which record is on stage, where in it we are, and the conversation
// with the player's document. State is in signals; screens only read them.

import { computed, signal } from '@preact/signals'
import { asError, get, query } from '../lib/api'
import type { Feed, Recorded, SessionDetail } from '../lib/types'
import { mark, type Envelope, type FromPlayer, type ToPlayer } from '../player/protocol'
import { activity, axisOf, fromAxis, idleAt, stepAt, toAxis, type Point } from './axis'

/** The speeds, 1 being real time. */
export const speeds = [0.5, 1, 2, 4, 8, 16]

/** Status of what is on stage. */
export type Status = 'loading' | 'ready' | 'failed' | 'none'

interface Held {
  events: unknown[]
  next: number
  open: boolean
}

const prefetch = 30_000 // events of other pages that are loaded ahead at most
const poll = 2000 // ms between two looks at a record that still grows

/** Playback plays one session. Close it when the screen goes. */
export class Playback {
  readonly detail = signal<SessionDetail>(null as unknown as SessionDetail)
  readonly index = signal(-1)
  readonly at = signal(0)
  readonly playing = signal(false)
  readonly speed = signal(1)
  readonly skip = signal(true)
  readonly fold = signal(true)
  readonly status = signal<Status>('loading')
  readonly why = signal('')
  readonly ended = signal(false)
  readonly chosen = signal(-1) // a step that was asked for, until playback moves on
  readonly busy = signal(new Map<string, number[]>())
  readonly records = computed(() => this.detail.value?.records ?? [])
  readonly steps = computed(() => this.detail.value?.steps ?? [])
  readonly axis = computed(() => axisOf(this.records.value, this.steps.value, this.busy.value, this.fold.value))
  readonly point = computed<Point>(() => ({ index: this.index.value, at: this.at.value }))
  readonly place = computed(() => toAxis(this.axis.value, this.point.value, this.fold.value))
  /** sessionTime is how far we are from the session's start, in ms; length is of its last page. */
  readonly sessionTime = computed(() => Math.max(0, this.at.value - (this.detail.value?.session.start ?? 0)))
  readonly length = computed(() => Math.max(1, ...this.records.value.filter((r) => r.snapshot).map((r) => r.end - this.detail.value.session.start)))
  /** step is the one that was chosen, or the last one at or before where we are. */
  readonly step = computed(() => (this.chosen.value >= 0 ? this.chosen.value : stepAt(this.steps.value, this.records.value, this.point.value)))

  private held = new Map<string, Held>()
  private frame: HTMLIFrameElement | null = null
  private awake = false
  private shown = '' // record that the player holds
  private seeking = 0 // reports of before a seek are ignored until then
  private timer = 0
  private growing: Promise<boolean> | null = null // one question at a time
  private abort = new AbortController()

  constructor(
    private readonly path: string,
    detail: SessionDetail,
    private readonly moved: (point: Point) => void,
  ) {
    this.detail.value = detail
    addEventListener('message', this.hear)
    if (!this.records.value.some((r) => r.snapshot)) this.status.value = 'none'
    this.timer = window.setInterval(() => void this.grow(), poll)
  }

  /** attach takes the frame that holds the player's document. */
  attach(frame: HTMLIFrameElement | null): void {
    this.frame = frame
  }

  close(): void {
    removeEventListener('message', this.hear)
    clearInterval(this.timer)
    this.abort.abort()
  }

  /** update takes newer detail of a session that still runs. */
  update(detail: SessionDetail): void {
    const before = this.records.value.length
    this.detail.value = detail
    if (this.status.value === 'none' && this.records.value.some((r) => r.snapshot)) this.seek(this.firstPoint(), false)
    else if (this.ended.value && this.records.value.length > before) this.advance()
  }

  /** firstPoint is where a session begins to play. */
  firstPoint(): Point {
    const index = this.records.value.findIndex((r) => r.snapshot)
    return { index, at: this.records.value[index]?.start ?? 0 }
  }

  /** seek goes to an instant, playing or not. */
  seek(point: Point, play: boolean): void {
    const record = this.records.value[point.index]
    if (!record || !record.snapshot) return
    const at = Math.min(Math.max(point.at, record.start), Math.max(record.end, record.start))
    this.ended.value = false
    this.chosen.value = -1
    this.playing.value = play
    this.index.value = point.index
    this.at.value = at
    this.seeking = Date.now() + 250
    if (this.shown === record.id && this.status.value === 'ready') this.tell(play ? { say: 'play', at } : { say: 'pause', at })
    else void this.show(record)
    if (!play) this.moved({ index: point.index, at })
  }

  toggle(): void {
    if (this.status.value !== 'ready') return
    if (this.ended.value) this.seek(this.firstPoint(), true)
    else this.seek(this.point.value, !this.playing.value)
  }

  /** by moves along the axis, so that folded idle time counts little. */
  by(ms: number): void {
    this.seek(fromAxis(this.axis.value, this.place.value + ms, this.fold.value), this.playing.value)
  }

  setSpeed(speed: number): void {
    this.speed.value = speed
    this.tell({ say: 'speed', speed })
  }

  faster(by: 1 | -1): void {
    const next = speeds[Math.min(speeds.length - 1, Math.max(0, speeds.indexOf(this.speed.value) + by))]
    if (next) this.setSpeed(next)
  }

  /** toStep goes to a step of the list; it pauses unless playing. */
  toStep(i: number): void {
    const step = this.steps.value[i]
    if (!step) return
    const index = this.records.value.findIndex((r) => r.id === step.record)
    if (index < 0) return
    this.seek({ index, at: step.t }, this.playing.value)
    if (!this.playing.value) this.chosen.value = i
  }

  /** nextStep goes to the step after or before this one that can be played. */
  nextStep(by: 1 | -1): void {
    const playable = (i: number) => this.records.value.some((r) => r.id === this.steps.value[i]?.record && r.snapshot)
    let i = this.step.value + by
    if (by === -1 && this.at.value > (this.steps.value[this.step.value]?.t ?? 0) + 1000) i = this.step.value
    while (i >= 0 && i < this.steps.value.length && !playable(i)) i += by
    if (i >= 0 && i < this.steps.value.length) this.toStep(i)
  }

  /** toEnd follows a live session. */
  toEnd(): void {
    const index = this.records.value.findLastIndex((r) => r.snapshot)
    const record = this.records.value[index]
    if (record) this.seek({ index, at: Math.max(record.start, record.end - 500) }, true)
  }

  private tell(body: ToPlayer): void {
    const message: Envelope<ToPlayer> = { for: mark, body }
    if (this.awake) this.frame?.contentWindow?.postMessage(message, location.origin)
  }

  private hear = (event: MessageEvent<Envelope<FromPlayer>>): void => {
    if (!this.frame || event.source !== this.frame.contentWindow || event.origin !== location.origin || event.data?.for !== mark) return
    const said = event.data.body
    if (said.say === 'ready') {
      this.awake = true
      this.shown = ''
      const record = this.records.value[this.index.value]
      if (record) void this.show(record)
      return
    }
    if (said.record !== this.records.value[this.index.value]?.id) return
    if (said.say === 'loaded') {
      this.status.value = 'ready'
      this.shown = said.record
      void this.ahead()
    } else if (said.say === 'at') this.reached(said.at, said.playing)
    else if (said.say === 'end') void this.finished(said.record)
    else {
      this.status.value = 'failed'
      this.playing.value = false
      this.why.value = said.why
    }
  }

  private reached(at: number, playing: boolean): void {
    if (!playing || !this.playing.value) return
    if (Date.now() < this.seeking && Math.abs(at - this.at.value) > 1500) return // from before the seek
    this.at.value = at
    const idle = this.skip.value ? idleAt(this.axis.value, this.point.value) : undefined
    if (idle) this.seek({ index: this.index.value, at: idle.to }, true)
  }

  // The end of what was known of a record: it may have grown since.
  private async finished(record: string): Promise<void> {
    const at = this.at.value
    const grew = await this.grow()
    if (this.records.value[this.index.value]?.id !== record || !this.playing.value) return
    if (grew) this.seek({ index: this.index.value, at }, true)
    else this.advance()
  }

  // The end of a record: on to the next that can be played.
  private advance(): void {
    const next = this.records.value.findIndex((r, i) => i > this.index.value && r.snapshot)
    if (next >= 0) {
      this.seek({ index: next, at: this.records.value[next]!.start }, true)
      return
    }
    this.ended.value = true
    this.playing.value = false
    this.at.value = this.records.value[this.index.value]?.end ?? this.at.value
    this.moved(this.point.value)
  }

  private async show(record: Recorded): Promise<void> {
    this.status.value = 'loading'
    this.shown = ''
    try {
      const held = await this.fetch(record)
      if (this.records.value[this.index.value]?.id !== record.id) return // somewhere else by now
      this.tell({ say: 'load', record: record.id, events: held.events, at: this.at.value, play: this.playing.value, speed: this.speed.value })
    } catch (cause) {
      if (this.abort.signal.aborted || this.records.value[this.index.value]?.id !== record.id) return
      this.status.value = 'failed'
      this.playing.value = false
      // A recording nested beyond what a message can carry overflows on the way;
      // the error is of the frame's realm, so instanceof would not know it.
      this.why.value = (cause as Error).name === 'RangeError' ? 'The page is nested too deep to be played.' : asError(cause).message
    }
  }

  private async fetch(record: Recorded): Promise<Held> {
    const have = this.held.get(record.id)
    if (have) return have
    const feed = await get<Feed>(`${this.path}/records/${encodeURIComponent(record.id)}`, this.abort.signal)
    const held = { events: feed.events ?? [], next: feed.next, open: feed.open }
    this.held.set(record.id, held)
    this.note(record.id, held.events)
    return held
  }

  private note(id: string, events: unknown[]): void {
    this.busy.value = new Map(this.busy.value).set(id, activity(events))
  }

  // Other records are fetched ahead, in order, while they are small.
  private async ahead(): Promise<void> {
    let budget = prefetch
    for (const record of this.records.value) {
      if (!record.snapshot || this.held.has(record.id)) continue
      budget -= record.events
      if (budget < 0) return
      try {
        await this.fetch(record)
      } catch {
        return // asked again, and said, when its turn comes
      }
    }
  }

  // A record that still grows is asked for what is new; true when there was some.
  private grow(): Promise<boolean> {
    this.growing ??= this.askMore().finally(() => {
      this.growing = null
    })
    return this.growing
  }

  private async askMore(): Promise<boolean> {
    const record = this.records.value[this.index.value]
    const held = record && this.held.get(record.id)
    if (!record || !held || !this.detail.value.session.live || !held.open || document.visibilityState !== 'visible') return false
    try {
      const feed = await get<Feed>(`${this.path}/records/${encodeURIComponent(record.id)}${query({ after: held.next })}`, this.abort.signal)
      held.open = feed.open
      if (!feed.events || feed.events.length === 0 || feed.next <= held.next) return false
      held.next = feed.next
      held.events.push(...feed.events)
      this.note(record.id, held.events)
      this.tell({ say: 'more', record: record.id, events: feed.events })
      if (this.ended.value) this.seek({ index: this.index.value, at: this.at.value }, true)
      return true
    } catch {
      return false // the next look tells; the banner says when the network is away
    }
  }
}
