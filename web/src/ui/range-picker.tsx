// The date range: presets, or two days of one's own. It lives in the URL.

import { useState } from 'preact/hooks'
import { isDay, presets, type Days } from '../lib/range'
import { setParams } from '../lib/router'

/** RangePicker changes ?range, ?from and ?to; the rest of the query stays, but paging starts again. */
export function RangePicker({ days }: { days: Days }) {
  const [custom, setCustom] = useState(days.preset === '')
  const [from, setFrom] = useState(days.from)
  const [to, setTo] = useState(days.to)
  const [wrong, setWrong] = useState('')
  const choose = (id: string) => {
    setCustom(false)
    setParams({ range: id === '28d' ? undefined : id, from: undefined, to: undefined, page_no: undefined })
  }
  const apply = (event: Event) => {
    event.preventDefault()
    if (!isDay(from) || !isDay(to)) return setWrong('Enter both days')
    if (from > to) return setWrong('The first day must not be after the last')
    setWrong('')
    setParams({ range: undefined, from, to, page_no: undefined })
  }
  const open = () => {
    setFrom(days.from)
    setTo(days.to)
    setCustom(!custom)
  }
  return (
    <div class="range">
      <div class="segmented" role="group" aria-label="Date range">
        {presets.map((p) => (
          <button key={p.id} type="button" aria-pressed={days.preset === p.id} onClick={() => choose(p.id)}>
            {p.label}
          </button>
        ))}
        <button type="button" aria-pressed={days.preset === ''} aria-expanded={custom} onClick={open}>
          Custom
        </button>
      </div>
      {custom && (
        <form class="row range-custom" onSubmit={apply} noValidate>
          <label for="range-from">From</label>
          <input id="range-from" type="date" class="input" value={from} onInput={(e) => setFrom(e.currentTarget.value)} />
          <label for="range-to">to</label>
          <input id="range-to" type="date" class="input" value={to} onInput={(e) => setTo(e.currentTarget.value)} />
          <button class="button">Show</button>
          {wrong && (
            <p class="field-error" role="alert">
              {wrong}
            </p>
          )}
        </form>
      )}
    </div>
  )
}
