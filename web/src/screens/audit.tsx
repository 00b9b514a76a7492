// The audit log: who did what, newest first, as the hash chain holds it.

import { useEffect, useState } from 'preact/hooks'
import { asError, get, query, type ApiError } from '../lib/api'
import { projects } from '../lib/app'
import { dateTime, utc } from '../lib/format'
import type { AuditEntry } from '../lib/types'
import { Page } from '../ui/page'
import { Failure, Skeleton, Waiting } from '../ui/states'

const size = 100

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
  const name = (key?: string) => projects.value?.find((p) => p.key === key)?.name ?? key ?? ''
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
            <table>
              <thead>
                <tr>
                  <th scope="col">Time</th>
                  <th scope="col">User</th>
                  <th scope="col">Action</th>
                  <th scope="col">Project</th>
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
                      <bdi>{name(e.project)}</bdi>
                    </td>
                    <td>
                      <bdi>{e.subject}</bdi>
                    </td>
                    <td>
                      <bdi>{e.detail}</bdi>
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
