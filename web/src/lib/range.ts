// Date ranges: presets and custom days, both ends included, kept in the URL as
// ?range=28d or ?from=2026-11-01&to=2026-11-23.

import { today } from './format'

/** Days names a range to ask for; preset is "" for a custom one. */
export interface Days {
  preset: string
  from: string
  to: string
}

/** The presets, in the order in which they are offered. */
export const presets: { id: string; label: string }[] = [
  { id: 'today', label: 'Today' },
  { id: '7d', label: '7 days' },
  { id: '28d', label: '28 days' },
  { id: 'month', label: 'This month' },
  { id: '12m', label: '12 months' },
]

const standard = '28d'
const dayShape = /^\d{4}-\d{2}-\d{2}$/

/** shift moves a day by a number of days. */
export function shift(day: string, by: number): string {
  const t = new Date(`${day}T00:00:00Z`)
  t.setUTCDate(t.getUTCDate() + by)
  return t.toISOString().slice(0, 10)
}

/** isDay says whether a text is a day of the calendar. */
export function isDay(text: string): boolean {
  return dayShape.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`)) && shift(text, 0) === text
}

/** daysOf a preset in a zone. */
export function daysOf(preset: string, zone: string, now = Date.now()): Days {
  const to = today(zone, now)
  switch (preset) {
    case 'today':
      return { preset, from: to, to }
    case '7d':
      return { preset, from: shift(to, -6), to }
    case 'month':
      return { preset, from: `${to.slice(0, 8)}01`, to }
    case '12m':
      return { preset, from: shift(to, -364), to }
    default:
      return { preset: standard, from: shift(to, -27), to }
  }
}

/** rangeFrom reads the range from a query; what is wrong there falls back to 28 days. */
export function rangeFrom(query: URLSearchParams, zone: string, now = Date.now()): Days {
  const from = query.get('from') ?? ''
  const to = query.get('to') ?? ''
  if (isDay(from) && isDay(to) && from <= to) return { preset: '', from, to }
  return daysOf(query.get('range') ?? standard, zone, now)
}

/** rangeParams is what a range adds to a link's query. */
export function rangeParams(days: Days): Record<string, string> {
  if (days.preset === '') return { from: days.from, to: days.to }
  return days.preset === standard ? {} : { range: days.preset }
}

/** length of a range in days. */
export const daysIn = (days: { from: string; to: string }): number => Math.round((Date.parse(`${days.to}T00:00:00Z`) - Date.parse(`${days.from}T00:00:00Z`)) / 86_400_000) + 1
