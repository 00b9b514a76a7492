// The player's document: rrweb's Replayer on a stage, driven by the dashboard
// through postMessage. It has no address to send anything to.

import { Replayer } from '@rrweb/replay'
import '@rrweb/replay/dist/style.css'
import './player.css'
import type { eventWithTime } from '@rrweb/types'
import { placeholders } from './player/placeholders'
import { mark, type Envelope, type FromPlayer, type ToPlayer } from './player/protocol'
import { Sanitiser, TooMuch } from './player/sanitise'

const stage = document.getElementById('stage')!
const every = 100 // ms between two reports of the position

interface Playing {
  record: string
  replayer: Replayer
  sanitiser: Sanitiser
  first: number
  last: number
  playing: boolean
  width: number
  height: number
}

let now: Playing | null = null
let speed = 1

const tell = (body: FromPlayer): void => {
  const message: Envelope<FromPlayer> = { for: mark, body }
  parent.postMessage(message, location.origin)
}

// fit scales the recorded viewport into the stage, never above its own size.
function fit(): void {
  const wrapper = stage.querySelector<HTMLElement>('.replayer-wrapper')
  if (!now || !wrapper) return
  const scale = Math.min(stage.clientWidth / now.width, stage.clientHeight / now.height, 1)
  wrapper.style.width = `${now.width}px`
  wrapper.style.height = `${now.height}px`
  wrapper.style.transform = `translate(${Math.max(0, (stage.clientWidth - now.width * scale) / 2)}px, ${Math.max(0, (stage.clientHeight - now.height * scale) / 2)}px) scale(${scale})`
}

function clear(): void {
  const old = now
  now = null
  try {
    old?.replayer.destroy()
  } catch {
    // A recording that broke rrweb may break its end too; the stage is emptied anyway.
  }
  stage.textContent = ''
}

const quiet = { log: () => {}, warn: () => {}, error: () => {}, info: () => {}, debug: () => {} } as unknown as Console

function load(message: Extract<ToPlayer, { say: 'load' }>): void {
  clear()
  const sanitiser = new Sanitiser()
  const events: eventWithTime[] = []
  for (const given of message.events) {
    const event = sanitiser.event(given)
    if (event) events.push(event as unknown as eventWithTime)
  }
  events.sort((a, b) => a.timestamp - b.timestamp)
  if (!events.some((e) => e.type === 2)) throw new TooMuch('The first picture of this page never arrived, so it cannot be played.')
  if (events.length < 2) events.push({ type: 1, data: {}, timestamp: events[0]!.timestamp + 1 })
  speed = message.speed
  const replayer = new Replayer(events, {
    root: stage,
    speed,
    mouseTail: { strokeStyle: '#0b6148', lineWidth: 3, duration: 400 },
    triggerFocus: false,
    UNSAFE_replayCanvas: false,
    showWarning: false,
    showDebug: false,
    insertStyleRules: placeholders,
    logger: quiet,
  } as ConstructorParameters<typeof Replayer>[1])
  const meta = events.find((e) => e.type === 4) as { data: { width: number; height: number } } | undefined
  now = { record: message.record, replayer, sanitiser, first: events[0]!.timestamp, last: events.at(-1)!.timestamp, playing: false, width: meta?.data.width ?? 1024, height: meta?.data.height ?? 768 }
  const mine = now
  replayer.on('resize', (size) => {
    const s = size as { width: number; height: number }
    if (now !== mine) return
    mine.width = s.width
    mine.height = s.height
    fit()
  })
  replayer.on('finish', () => {
    if (now !== mine || !mine.playing) return
    mine.playing = false
    tell({ say: 'end', record: mine.record })
  })
  fit()
  tell({ say: 'loaded', record: mine.record, first: mine.first, last: mine.last, width: mine.width, height: mine.height })
  move(message.at, message.play)
}

function move(at: number, play: boolean): void {
  if (!now) return
  // The replayer draws what lies before an offset, so the end is one past the last event.
  const offset = Math.min(Math.max(0, at - now.first), now.last - now.first + 1)
  now.playing = play
  if (play) now.replayer.play(offset)
  else now.replayer.pause(offset)
  report()
}

function more(message: Extract<ToPlayer, { say: 'more' }>): void {
  if (!now || now.record !== message.record) return
  for (const given of message.events) {
    const event = now.sanitiser.event(given)
    if (!event) continue
    now.replayer.addEvent(event as unknown as eventWithTime)
    now.last = Math.max(now.last, event.timestamp as number)
  }
}

function report(): void {
  if (!now) return
  const at = now.first + Math.min(now.replayer.getCurrentTime(), now.last - now.first)
  tell({ say: 'at', record: now.record, at, playing: now.playing })
}

function obey(message: ToPlayer): void {
  switch (message.say) {
    case 'load':
      return load(message)
    case 'more':
      return more(message)
    case 'play':
      return move(message.at, true)
    case 'pause':
      return move(message.at, false)
    case 'speed':
      speed = Math.min(16, Math.max(0.25, Number(message.speed) || 1))
      now?.replayer.setConfig({ speed })
      return
    case 'clear':
      return clear()
  }
}

addEventListener('message', (event: MessageEvent<Envelope<ToPlayer>>) => {
  // Only the window that framed this document may speak, and only from our origin:
  // a replayed frame shares neither (attack S13).
  if (event.source !== parent || event.origin !== location.origin || parent === window) return
  if (event.data?.for !== mark) return
  const record = event.data.body.say === 'load' ? event.data.body.record : (now?.record ?? '')
  try {
    obey(event.data.body)
  } catch (cause) {
    clear()
    tell({ say: 'failed', record, why: cause instanceof TooMuch ? cause.message : 'This page could not be rebuilt from its recording.' })
  }
})

addEventListener('resize', fit)
setInterval(() => {
  if (now?.playing) report()
}, every)
tell({ say: 'ready' })
