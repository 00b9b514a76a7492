// The audit log: who did what, newest first, as the hash chain holds it.

import { useEffect, useState } from 'preact/hooks'
import { asError, get, query, type ApiError } from '../lib/api'
import { projects } from '../lib/app'
import { dateTime, utc } from '../lib/format'
import type { AuditEntry } from '../lib/types'
import { Page } from '../ui/page'
import { Failure, Skeleton, Waiting } from '../ui/states'

const size = 100

const few = 3 // changes that are shown at once

// A change of many fields comes as one text, its parts set apart by semicolons.
function Detail({ text }: { text: string }) {
  const parts = text.split('; ').filter(Boolean)
  const line = (part: string) => (
    <bdi key={part} class="block">
      {part}
    </bdi>
  )
  if (parts.length <= few) return <>{parts.map(line)}</>
  return (
    <>
      {parts.slice(0, few).map(line)}
      <details>
        <summary>{parts.length - few} more</summary>
        {parts.slice(few).map(line)}
      </details>
    </>
  )
}

/** Audit is the page. */
export function Audit() {
  const [entries, setEntries] = useState<AuditEntry[] | null>(null)
  const [error, setError] = useState<ApiError>()
  const [end, setEnd] = useState(false)
  const more = async () => {
    try {
      const before = entries?.at(-1)?.id
      const got = (await get<{ entries: AuditEntry[] | null }>(`audit${query({ before, limit: size })}`)).entries ?? []
      setEntries((old) => [...(old ?? []), ...got])
      setEnd(got.length < size)
      setError(undefined)
    } catch (cause) {
      setError(asError(cause))
    }
  }
  useEffect(() => void more(), [])
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
  const name = (key?: string) => projects.value?.find((p) => p.key === key)?.name ?? (key ? `deleted project ${key.slice(0, 8)}…` : '')
  return (
    <>
      <Page title="Audit log" />
      {error && <Failure error={error} retry={() => void more()} />}
      {!entries && !error && (
        <Waiting what="the audit log">
          <Skeleton lines={10} height={32} />
        </Waiting>
      )}
      {entries && (
        <section class="card" aria-labelledby="audit-title">
          <div class="card-head">
            <h2 id="audit-title">What was done, newest first</h2>
          </div>
          <div class="scroll-x" tabIndex={0} role="region" aria-label="Entries">
            <table class="audit">
              <thead>
                <tr>
                  <th scope="col">Time</th>
                  <th scope="col">User</th>
                  <th scope="col">Action</th>
                  <th scope="col">On</th>
                  <th scope="col">Detail</th>
                </tr>
              </thead>
              <tbody>
                {entries.map((e) => (
                  <tr key={e.id}>
                    <td class="nowrap" title={utc(Date.parse(e.time))}>
                      {dateTime(Date.parse(e.time), zone)}
                    </td>
                    <td>
                      <bdi>{e.user}</bdi>
                    </td>
                    <td>{e.action}</td>
                    <td>
                      {e.project && <bdi class="block">{name(e.project)}</bdi>}
                      {e.subject && e.subject !== name(e.project) && <bdi class="block small muted">{e.subject}</bdi>}
                    </td>
                    <td class="audit-detail">
                      <Detail text={e.detail ?? ''} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <div class="card-foot">
            <span>Each entry carries the hash of the one before it; “footpath audit verify” walks the chain.</span>
            {!end && (
              <button type="button" class="button small" onClick={() => void more()}>
                Older entries
              </button>
            )}
          </div>
        </section>
      )}
    </>
  )
}
