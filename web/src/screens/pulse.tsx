// "Have we heard from your site yet?": asked every two seconds while it is on
// screen, said aloud when the answer changes.

import { useEffect, useRef } from 'preact/hooks'
import { get } from '../lib/api'
import { say } from '../lib/app'
import { ago } from '../lib/format'
import { useLoad, useTick } from '../lib/load'
import type { Project, Pulse } from '../lib/types'

/** usePulse asks for a project's pulse every two seconds. */
export function usePulse(key: string) {
  return useLoad<Pulse>(`pulse/${key}`, (s) => get(`projects/${encodeURIComponent(key)}/pulse`, s), 2000)
}

interface Said {
  head: string
  body: string
}

/** pulseText says what a pulse means and what to do next. */
export function pulseText(pulse: Pulse, project: Project, now: number): Said {
  const since = (ms: number) => ago(ms, now)
  switch (pulse.state) {
    case 'receiving':
      return { head: `Receiving data: last heard ${since(pulse.chunk)}`, body: 'Your site is connected. Sessions appear within seconds of a visit.' }
    case 'waiting':
      return {
        head: `Script loaded ${since(Math.max(pulse.script, pulse.config))}, waiting for consent`,
        body: 'The site loads Footpath, and no visitor has agreed to be measured yet. Open your site, accept analytics cookies in its banner, and this turns green. If the banner is your own, it must call smartlook(“consent”, “granted”).',
      }
    default:
      if (pulse.script > 0 && pulse.config === 0)
        return { head: `Script loaded ${since(pulse.script)}, but it did not ask for its configuration`, body: 'Something on the page stops it: check that the Content-Security-Policy has the collector under connect-src, and that this browser sends no opt-out, Global Privacy Control or Do Not Track signal.' }
      if (pulse.script > 0)
        return { head: `Script loaded ${since(pulse.script)}, no data yet`, body: `Check that the page’s domain is among this project’s domains (${(project.domains ?? []).join(', ') || 'none yet'}), that the browser refuses nothing by Global Privacy Control, and that sampling is not 0%.` }
      return { head: 'Not heard from your site yet', body: 'Put the snippet on a page, open that page in a browser, and watch this box. If it stays grey, the page’s Content-Security-Policy may refuse the script: see the line for it on the Install page.' }
  }
}

/** PulseBox shows the check, live. */
export function PulseBox({ project }: { project: Project }) {
  const pulse = usePulse(project.key)
  const now = useTick(1000)
  const before = useRef('')
  const stateNow = pulse.data?.state ?? ''
  useEffect(() => {
    if (stateNow && before.current && before.current !== stateNow) say(pulseText(pulse.data!, project, Date.now()).head)
    before.current = stateNow
  }, [stateNow])
  if (!pulse.data) {
    return (
      <div class="pulse">
        <span class="dot" aria-hidden="true" />
        <p>{pulse.error ? pulse.error.message : 'Asking…'}</p>
      </div>
    )
  }
  const said = pulseText(pulse.data, project, now)
  const origins = pulse.data.origins ?? []
  return (
    <div class={`pulse ${pulse.data.state}`}>
      <span class={`dot ${pulse.data.state}`} aria-hidden="true" />
      <div class="stack">
        <p>
          <strong>{said.head}</strong>
        </p>
        <p class="muted">{said.body}</p>
        {origins.length > 0 && (
          <p class="small muted">
            Heard from: <bdi>{origins.join(', ')}</bdi>
          </p>
        )}
      </div>
    </div>
  )
}
