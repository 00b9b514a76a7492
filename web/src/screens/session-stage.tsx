// The stage: the player's document in a frame that takes no clicks and no focus.

import { useEffect, useRef } from 'preact/hooks'
import { base } from '../lib/api'
import { pagePath, webAddress } from '../lib/format'
import type { SessionRow } from '../lib/types'
import type { Playback } from '../replay/playback'
import { Icon } from '../ui/icons'

/** PageAddress shows where a page was: text, and a link that tells nothing to it. */
export function PageAddress({ url }: { url: string }) {
  const address = webAddress(url)
  return (
    <span class="address">
      <bdi class="clip" title={url}>
        {url}
      </bdi>
      {address && (
        <a href={address} target="_blank" rel="noopener noreferrer" class="button quiet small icon" title="Open this page in a new tab: it leaves the dashboard">
          <Icon name="external" size={16} />
          <span class="visually-hidden">Open {pagePath(url)} on the site, in a new tab</span>
        </a>
      )}
    </span>
  )
}

function Cover({ playback, session }: { playback: Playback; session: SessionRow }) {
  const status = playback.status.value
  if (status === 'none') {
    return (
      <div class="stage-note">
        <h2>No replay of this session</h2>
        <p>
          {session.hasReplay
            ? 'The first picture of its pages never arrived, so they cannot be rebuilt. What was measured stands beside this.'
            : session.live
              ? 'Its pictures have not arrived yet. This page looks again every few seconds.'
              : 'Replay was off, or its time to be kept is over. What was measured stands beside this.'}
        </p>
      </div>
    )
  }
  if (status === 'failed') {
    return (
      <div class="stage-note" role="alert">
        <h2>This page cannot be played</h2>
        <p>{playback.why.value}</p>
        <button type="button" class="button small" onClick={() => playback.nextStep(1)}>
          Go to the next step
        </button>
      </div>
    )
  }
  if (status === 'loading') {
    return (
      <div class="stage-note" role="status">
        <p>Loading the page…</p>
      </div>
    )
  }
  return null
}

/** Stage holds the frame, and above it the address that the visitor saw. */
export function Stage({ playback, session }: { playback: Playback; session: SessionRow }) {
  const frame = useRef<HTMLIFrameElement>(null)
  useEffect(() => {
    playback.attach(frame.current)
    return () => playback.attach(null)
  }, [playback])
  const record = playback.records.value[playback.index.value]
  const step = playback.steps.value.slice(0, playback.step.value + 1).findLast((s) => s.kind === 'page' && s.record === record?.id)
  const playing = playback.playing.value
  return (
    <>
      <div class="stage-bar">
        <PageAddress url={step?.url ?? record?.url ?? session.entry} />
        {record && (
          <span class="small muted nowrap">
            {record.width} × {record.height}
          </span>
        )}
      </div>
      <div class="stage">
        {/* A picture of a page: the transcript beside it says the same in words. */}
        <iframe ref={frame} src={`${base}player/`} title="Replayed page; the transcript tells the same in words" tabIndex={-1} aria-hidden="true" />
        <div class="stage-click" onClick={() => playback.toggle()}>
          {playback.status.value === 'ready' && !playing && (
            <span class="stage-play" aria-hidden="true">
              <Icon name="play" size={28} />
            </span>
          )}
        </div>
        <Cover playback={playback} session={session} />
      </div>
    </>
  )
}
