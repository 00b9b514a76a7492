// What a screen shows while it waits, when it failed, and when there is nothing.

import type { ComponentChildren } from 'preact'
import type { ApiError } from '../lib/api'
import { Link } from '../lib/router'

/** Failure says what went wrong and what to do next. */
export function Failure({ error, retry }: { error: ApiError; retry?: () => void }) {
  const headings: Record<number, string> = {
    0: 'No connection to the server',
    403: 'Your role does not allow this',
    404: 'Nothing here',
    409: 'Changed by somebody else',
    429: 'Too many requests',
  }
  return (
    <div class="note bad" role="alert">
      <h2>{headings[error.status] ?? 'That did not work'}</h2>
      <p>{error.message}</p>
      <div class="row">
        {retry && error.status !== 403 && (
          <button type="button" class="button small" onClick={retry}>
            Try again
          </button>
        )}
        {(error.status === 404 || error.status === 403) && <Link to="/">All projects</Link>}
      </div>
    </div>
  )
}

/** Skeleton keeps the room that lines of text will take. */
export function Skeleton({ lines = 3, height = 20 }: { lines?: number; height?: number }) {
  return (
    <div class="stack" aria-hidden="true">
      {Array.from({ length: lines }, (_, i) => (
        <span key={i} class="skeleton" style={{ height: `${height}px`, width: `${96 - ((i * 13) % 40)}%` }} />
      ))}
    </div>
  )
}

/** Waiting tells screen readers that data is on its way; the skeleton tells the others. */
export function Waiting({ what, children }: { what: string; children: ComponentChildren }) {
  return (
    <div aria-busy="true">
      <p class="visually-hidden" role="status">
        Loading {what}…
      </p>
      {children}
    </div>
  )
}

/** NotFound is for addresses that name no screen. */
export function NotFoundNote() {
  return (
    <div class="note">
      <p>This address names no page of the dashboard. It may have been typed wrong, or what it named is gone.</p>
      <p>
        <Link to="/">All projects</Link>
      </p>
    </div>
  )
}
