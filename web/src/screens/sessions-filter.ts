// The filters of the sessions list: what they are called, how they stand in the
// URL, and how they are asked of the API. The names are the API's own.

import { duration } from '../lib/format'
import { countryName, pagePath } from '../lib/format'
import type { Facets, Row } from '../lib/types'

/** FilterName is a filter's parameter in the URL and in the API. */
export type FilterName = 'page' | 'entry' | 'event' | 'device' | 'browser' | 'os' | 'country' | 'referrer' | 'visitor' | 'min' | 'max' | 'live' | 'errors'

export interface FilterSpec {
  name: FilterName
  label: string
  facet?: keyof Facets
  show?: (value: string) => string
}

/** The filters, in the order of their fields. */
export const filters: FilterSpec[] = [
  { name: 'page', label: 'Page seen', facet: 'pages', show: pagePath },
  { name: 'entry', label: 'Entry page', facet: 'pages', show: pagePath },
  { name: 'event', label: 'Event', facet: 'events' },
  { name: 'device', label: 'Device', facet: 'devices' },
  { name: 'browser', label: 'Browser', facet: 'browsers' },
  { name: 'os', label: 'System', facet: 'systems' },
  { name: 'country', label: 'Country', facet: 'countries', show: countryName },
  { name: 'referrer', label: 'Referrer', facet: 'referrers' },
  { name: 'min', label: 'Active at least', show: (v) => duration(Number(v)) },
  { name: 'max', label: 'Active at most', show: (v) => duration(Number(v)) },
  { name: 'visitor', label: 'Visitor', show: (v) => `${v.slice(0, 8)}…` },
  { name: 'live', label: 'Live now', show: () => '' },
  { name: 'errors', label: 'With errors', show: () => '' },
]

/** Active lengths that are offered, in milliseconds. */
export const lengths = [10_000, 30_000, 60_000, 180_000, 600_000, 1_800_000]

/** Sorts that the API knows; "-" is descending. */
export type Sort = 'start' | 'duration' | 'active' | 'pages' | 'clicks' | 'errors'

/** Asked is the state of the list as the URL holds it. */
export interface Asked {
  values: Partial<Record<FilterName, string>>
  sort: string
  page: number // from 1
}

/** pageSize rows are asked for at a time. */
export const pageSize = 50

/** asked reads the list's state from the query. */
export function asked(query: URLSearchParams): Asked {
  const values: Partial<Record<FilterName, string>> = {}
  for (const f of filters) {
    const value = query.get(f.name)
    if (value) values[f.name] = value
  }
  const sort = query.get('sort') ?? ''
  const page = Math.max(1, Math.floor(Number(query.get('page_no')) || 1))
  return { values, sort: /^-?(start|duration|active|pages|clicks|errors)$/.test(sort) ? sort : '-start', page }
}

/** facetRows gives the values to offer for a filter. */
export const facetRows = (facets: Facets | undefined, spec: FilterSpec): Row[] => (facets && spec.facet ? (facets[spec.facet] ?? []) : [])
