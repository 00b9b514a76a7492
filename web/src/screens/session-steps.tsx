// The step list: it seeks when a step is chosen, and follows the playback.

import { useEffect, useRef } from 'preact/hooks'
import { clock } from '../lib/format'
import type { Step } from '../lib/types'
import { headline, pauseBefore, stepIcons } from '../replay/words'
import type { Playback } from '../replay/playback'
import { Icon } from '../ui/icons'

function Line({ step, i, playback, current, start }: { step: Step; i: number; playback: Playback; current: boolean; start: number }) {
  const playable = playback.records.value.some((r) => r.id === step.record && r.snapshot)
  const props = Object.entries(step.props ?? {})
  const inner = (
    <>
      <Icon name={stepIcons[step.kind] ?? 'custom'} size={18} />
      <span class="step-words">
        <bdi>{headline(step)}</bdi>
        {step.kind === 'page' && <bdi class="small muted block clip">{step.url}</bdi>}
        {step.kind === 'error' && step.detail && <bdi class="small muted block clip">{step.detail}</bdi>}
        {props.length > 0 && <bdi class="small muted block">{props.map(([k, v]) => `${k}: ${v}`).join(' · ')}</bdi>}
      </span>
      <span class="small muted">{clock(step.t - start)}</span>
    </>
  )
  return (
    <li class={`step is-${step.kind}${current ? ' current' : ''}`}>
      {playable ? (
        <button type="button" aria-current={current ? 'true' : undefined} onClick={() => playback.toStep(i)}>
          {inner}
        </button>
      ) : (
        <div class="step-still">{inner}</div>
      )}
    </li>
  )
}

/** StepsTab lists what happened. */
export function StepsTab({ playback }: { playback: Playback }) {
  const list = useRef<HTMLOListElement>(null)
  const steps = playback.steps.value
  const now = playback.step.value
  const start = playback.detail.value.session.start
  useEffect(() => {
    // Only the list moves, never the page.
    const panel = list.current?.closest<HTMLElement>('.tab-panel')
    const line = list.current?.querySelector<HTMLElement>('.current')
    if (!panel || !line || !playback.playing.value) return
    const top = line.offsetTop - panel.clientHeight / 2
    panel.scrollTo({ top, behavior: 'smooth' })
  }, [now])
  if (steps.length === 0) return <p class="muted">Nothing has been recorded yet.</p>
  return (
    <ol class="steps" ref={list}>
      {steps.map((step, i) => {
        const pause = pauseBefore(steps, i)
        return (
          <>
            {pause && <li class="step-pause small muted">{pause}</li>}
            <Line key={i} step={step} i={i} playback={playback} current={i === now} start={start} />
          </>
        )
      })}
    </ol>
  )
}
