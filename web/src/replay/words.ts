// A session in words: the step list and the transcript say the same.

import { clock, duration, pagePath, title } from '../lib/format'
import type { Step, StepKind } from '../lib/types'
import type { IconName } from '../ui/icons'

/** Icons of the kinds of step. */
export const stepIcons: Record<StepKind, IconName> = { page: 'page', click: 'click', input: 'input', submit: 'submit', custom: 'custom', error: 'error', leave: 'leave', consent: 'check', lost: 'error' }

// A form's name may be all of its words; so many of them tell which it is.
const longest = 60

/** thing names an element: its words, or the last part of its path. */
export function thing(step: Step): string {
  const words = step.label.trim()
  if (words !== '') return `“${words.length > longest ? `${words.slice(0, longest).trimEnd()}…` : words}”`
  const tail = step.detail?.split(/ >+ /).at(-1)?.replace(/:nth-of-type\(\d+\)/, '')
  return tail ? `the element ${tail}` : 'an element without words'
}

/** headline says what happened in a few words. */
export function headline(step: Step): string {
  switch (step.kind) {
    case 'page':
      return step.label.trim() || pagePath(step.url) || 'Page'
    case 'click':
      return `Clicked ${thing(step)}`
    case 'input':
      return `Changed ${thing(step)}`
    case 'submit':
      return `Submitted ${thing(step)}`
    case 'custom':
      return `Event ${step.label}`
    case 'error':
      return `Error: ${step.label || 'without a message'}`
    case 'leave':
      return 'Left the page'
    case 'consent':
      return 'Agreed to be recorded'
    case 'lost':
      return 'The browser had to drop some data'
    default:
      return `${title(step.kind)}${step.label ? ` ${thing(step)}` : ''}`
  }
}

/** sentence is the headline for the transcript. */
export function sentence(step: Step): string {
  switch (step.kind) {
    case 'page':
      return `Opened ${step.label.trim() ? `the page “${step.label.trim()}”` : 'a page'} (${step.url}).`
    case 'input':
      return `${headline(step)}. What was entered is never recorded.`
    case 'custom': {
      const props = Object.entries(step.props ?? {}).map(([k, v]) => `${k}: ${v}`)
      return `${headline(step)}${props.length > 0 ? ` (${props.join(', ')})` : ''}.`
    }
    case 'error':
      return `${headline(step)}${step.detail ? `, at ${step.detail}` : ''}.`
    default:
      return `${headline(step)}.`
  }
}

/** pauseBefore names a pause of ten seconds or more before a step. */
export function pauseBefore(steps: Step[], i: number): string {
  const gap = i > 0 ? steps[i]!.t - steps[i - 1]!.t : 0
  return gap >= 10_000 ? `${duration(gap)} without a step` : ''
}

/** transcript is the whole session as plain text, for copying. */
export function transcript(steps: Step[], start: number): string {
  return steps
    .flatMap((step, i) => {
      const pause = pauseBefore(steps, i)
      return [...(pause ? [`        (${pause})`] : []), `${clock(step.t - start).padStart(6)}  ${sentence(step)}`]
    })
    .join('\n')
}
