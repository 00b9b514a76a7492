// The filter bar: fields with completions from what was really seen, chips for
// what is on, everything in the URL.

import { useEffect, useState } from 'preact/hooks'
import { count, duration } from '../lib/format'
import { setParams } from '../lib/router'
import type { Facets } from '../lib/types'
import { Icon } from '../ui/icons'
import { facetRows, filters, lengths, type Asked, type FilterName, type FilterSpec } from './sessions-filter'

const put = (name: FilterName, value: string | undefined) => setParams({ [name]: value, page_no: undefined })

function Typed({ spec, value, facets }: { spec: FilterSpec; value: string; facets: Facets | undefined }) {
  const [text, setText] = useState(value)
  useEffect(() => setText(value), [value])
  const id = `filter-${spec.name}`
  return (
    <div class="filter">
      <label for={id}>{spec.label}</label>
      <input
        id={id}
        class="input"
        list={`${id}-list`}
        spellcheck={false}
        autocapitalize="off"
        placeholder={spec.facet === 'pages' ? 'any, or https://…/apply*' : 'any'}
        value={text}
        onInput={(e) => setText(e.currentTarget.value)}
        onChange={(e) => put(spec.name, e.currentTarget.value.trim())}
      />
      <datalist id={`${id}-list`}>
        {facetRows(facets, spec).map((r) => (
          <option key={r.label} value={r.label}>
            {count(r.count)} sessions
          </option>
        ))}
      </datalist>
    </div>
  )
}

function Chosen({ spec, value, facets }: { spec: FilterSpec; value: string; facets: Facets | undefined }) {
  const id = `filter-${spec.name}`
  const rows = facetRows(facets, spec).filter((r) => r.label !== '')
  return (
    <div class="filter">
      <label for={id}>{spec.label}</label>
      <select id={id} class="input" value={value} onChange={(e) => put(spec.name, e.currentTarget.value)}>
        <option value="">Any</option>
        {value && !rows.some((r) => r.label === value) && <option value={value}>{spec.show?.(value) ?? value}</option>}
        {rows.map((r) => (
          <option key={r.label} value={r.label}>
            {spec.show?.(r.label) ?? r.label} ({count(r.count)})
          </option>
        ))}
      </select>
    </div>
  )
}

function Length({ spec, value }: { spec: FilterSpec; value: string }) {
  const id = `filter-${spec.name}`
  return (
    <div class="filter">
      <label for={id}>{spec.label}</label>
      <select id={id} class="input" value={value} onChange={(e) => put(spec.name, e.currentTarget.value)}>
        <option value="">Any</option>
        {value && !lengths.includes(Number(value)) && <option value={value}>{duration(Number(value))}</option>}
        {lengths.map((l) => (
          <option key={l} value={String(l)}>
            {duration(l)}
          </option>
        ))}
      </select>
    </div>
  )
}

function Chips({ asked }: { asked: Asked }) {
  const on = filters.filter((f) => asked.values[f.name])
  if (on.length === 0) return null
  return (
    <ul class="row chips" aria-label="Filters in force">
      {on.map((f) => {
        const value = asked.values[f.name]!
        const text = f.show ? f.show(value) : value
        return (
          <li key={f.name}>
            <button type="button" class="chip" onClick={() => put(f.name, undefined)}>
              <span class="visually-hidden">Remove filter: </span>
              {f.label}
              {text && (
                <>
                  : <bdi>{text}</bdi>
                </>
              )}
              <Icon name="close" size={14} />
            </button>
          </li>
        )
      })}
      {on.length > 1 && (
        <li>
          <button type="button" class="button quiet small" onClick={() => setParams({ ...Object.fromEntries(on.map((f) => [f.name, undefined])), page_no: undefined })}>
            Remove all
          </button>
        </li>
      )}
    </ul>
  )
}

const first: FilterName[] = ['page', 'event', 'device', 'min']
const rest: FilterName[] = ['entry', 'browser', 'os', 'country', 'referrer', 'max']
const typed: FilterName[] = ['page', 'entry', 'event', 'referrer']

/** FilterBar is the bar above the list. */
export function FilterBar({ asked, facets }: { asked: Asked; facets: Facets | undefined }) {
  const [more, setMore] = useState(rest.some((n) => asked.values[n]))
  const field = (name: FilterName) => {
    const spec = filters.find((f) => f.name === name)!
    const value = asked.values[name] ?? ''
    if (name === 'min' || name === 'max') return <Length key={name} spec={spec} value={value} />
    if (typed.includes(name)) return <Typed key={name} spec={spec} value={value} facets={facets} />
    return <Chosen key={name} spec={spec} value={value} facets={facets} />
  }
  const toggle = (name: 'live' | 'errors', label: string) => (
    <button type="button" class="button" aria-pressed={asked.values[name] !== undefined} onClick={() => put(name, asked.values[name] ? undefined : '1')}>
      {label}
    </button>
  )
  return (
    <search class="card filters" aria-label="Filter sessions">
      <div class="filter-grid first">
        {first.map(field)}
        <div class="row filter-switches">
          {toggle('live', 'Live now')}
          {toggle('errors', 'With errors')}
          <button type="button" class="button quiet" aria-expanded={more} aria-controls="more-filters" onClick={() => setMore(!more)}>
            {more ? 'Fewer filters' : 'More filters'}
          </button>
        </div>
      </div>
      <div id="more-filters" class="filter-grid" hidden={!more}>
        {more && rest.map(field)}
      </div>
      <Chips asked={asked} />
    </search>
  )
}
