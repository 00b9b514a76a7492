// The controls, and their keys. Keys act while single-key shortcuts are on and
// nothing else wants them; up and down only within the player, so that the page
// still scrolls.

import type { RefObject } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { shortcuts } from '../lib/app'
import { speeds, type Playback } from '../replay/playback'
import { Icon, type IconName } from '../ui/icons'
import { KeyHelp, typing } from './sessions-keys'

const jump = 5000 // ms

function act(playback: Playback, event: KeyboardEvent, within: boolean, full: () => void): boolean {
  switch (event.key) {
    case ' ':
    case 'k':
      playback.toggle()
      return true
    case 'ArrowLeft':
      playback.by(-jump)
      return true
    case 'ArrowRight':
      playback.by(jump)
      return true
    case 'ArrowUp':
    case 'ArrowDown':
      if (within) playback.faster(event.key === 'ArrowUp' ? 1 : -1)
      return within
    case '>':
      playback.faster(1)
      return true
    case '<':
      playback.faster(-1)
      return true
    case '.':
      playback.nextStep(1)
      return true
    case ',':
      playback.nextStep(-1)
      return true
    case 's':
      playback.skip.value = !playback.skip.value
      return true
    case 'f':
      full()
      return true
    default:
      return false
  }
}

function useKeys(playback: Playback, region: RefObject<HTMLElement | null>, full: () => void, help: () => void): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const node = event.target as HTMLElement
      const slider = node.matches('.timeline-slider')
      if (!shortcuts.value && !slider) return
      if (event.defaultPrevented || (typing(event) && !slider)) return
      // Space and arrows belong to what has the focus first: buttons, tabs.
      if (event.key === ' ' && node.closest('button, a, [role="tab"], summary')) return
      if (event.key.startsWith('Arrow') && node.closest('[role="tab"], .steps')) return
      if (slider && !event.key.startsWith('Arrow') && !shortcuts.value) return
      if (event.key === '?') help()
      else if (!act(playback, event, region.current?.contains(node) ?? false, full)) return
      event.preventDefault()
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [playback])
}

function Tool({ icon, label, onClick, pressed }: { icon: IconName; label: string; onClick: () => void; pressed?: boolean }) {
  return (
    <button type="button" class="button quiet icon" title={label} aria-label={label} aria-pressed={pressed} onClick={onClick}>
      <Icon name={icon} />
    </button>
  )
}

/** Controls is the row below the timeline. */
export function Controls({ playback, region }: { playback: Playback; region: RefObject<HTMLDivElement | null> }) {
  const [help, setHelp] = useState(false)
  const full = () => {
    if (document.fullscreenElement) void document.exitFullscreen()
    else void region.current?.requestFullscreen().catch(() => undefined) // refused by the browser: nothing changes
  }
  useKeys(playback, region, full, () => setHelp(true))
  const playing = playback.playing.value
  return (
    <div class="controls" role="toolbar" aria-label="Player">
      <div class="row tight">
        <Tool icon="previous" label="Previous step (,)" onClick={() => playback.nextStep(-1)} />
        <Tool icon="back" label="Back 5 seconds (←)" onClick={() => playback.by(-jump)} />
        <button type="button" class="button main play" disabled={playback.status.value !== 'ready'} onClick={() => playback.toggle()}>
          <Icon name={playing ? 'pause' : 'play'} />
          {playing ? 'Pause' : playback.ended.value ? 'Again' : 'Play'}
        </button>
        <Tool icon="forward" label="Forward 5 seconds (→)" onClick={() => playback.by(jump)} />
        <Tool icon="next" label="Next step (.)" onClick={() => playback.nextStep(1)} />
      </div>
      <div class="row tight">
        <label class="inline-check">
          Speed
          <select class="input speed" value={String(playback.speed.value)} onChange={(e) => playback.setSpeed(Number(e.currentTarget.value))}>
            {speeds.map((s) => (
              <option key={s} value={String(s)}>
                {s}×
              </option>
            ))}
          </select>
        </label>
        <label class="inline-check">
          <input type="checkbox" checked={playback.skip.value} onChange={(e) => (playback.skip.value = e.currentTarget.checked)} /> Skip idle
        </label>
        <Tool icon="full" label="Full screen (f)" onClick={full} />
        <button type="button" class="button quiet small" onClick={() => setHelp(true)}>
          Keys{shortcuts.value ? '' : ' (off)'}
        </button>
      </div>
      <KeyHelp
        open={help}
        close={() => setHelp(false)}
        title="Keys of the player"
        keys={[
          ['Space', 'play or pause'],
          ['← →', 'back and forward 5 seconds'],
          ['< >', 'slower and faster; also ↓ and ↑ within the player'],
          [', .', 'previous and next step'],
          ['s', 'skip idle time or not'],
          ['f', 'full screen'],
          ['?', 'this help'],
        ]}
      />
    </div>
  )
}
