// Numbers, times and addresses in words. Reports are in the project's zone; UTC
// stands in the tooltip.

const whole = new Intl.NumberFormat('en-GB')
const one = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 1 })

/** count groups digits: 12,345. */
export const count = (n: number): string => whole.format(n)

/** plural gives "1 session" or "12,345 sessions". */
export const plural = (n: number, noun: string, many = `${noun}s`): string => `${count(n)} ${n === 1 ? noun : many}`

/** percent of ten-thousandths: 4,213 is "42.1%". */
export const percent = (tenThousandths: number): string => `${one.format(tenThousandths / 100)}%`

/** share gives part of whole as "12%", "<1%" or "–" when there is no whole. */
export function share(part: number, of: number): string {
  if (of <= 0) return '–'
  const p = (part / of) * 100
  if (p > 0 && p < 1) return '<1%'
  return `${Math.round(p)}%`
}

/** duration of milliseconds: "0s", "48s", "3m 05s", "1h 02m". */
export function duration(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1000))
  if (s < 60) return `${s}s`
  const m = Math.floor(s / 60)
  if (m < 60) return `${m}m ${String(s % 60).padStart(2, '0')}s`
  return `${Math.floor(m / 60)}h ${String(m % 60).padStart(2, '0')}m`
}

/** clock of milliseconds: "0:07", "12:30", "1:02:03". */
export function clock(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000))
  const h = Math.floor(s / 3600)
  const m = Math.floor((s % 3600) / 60)
  const rest = String(s % 60).padStart(2, '0')
  return h > 0 ? `${h}:${String(m).padStart(2, '0')}:${rest}` : `${m}:${rest}`
}

/** spoken says a length of time in words, for screen readers. */
export function spoken(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000))
  const parts = [
    [Math.floor(s / 3600), 'hour'],
    [Math.floor((s % 3600) / 60), 'minute'],
    [s % 60, 'second'],
  ] as const
  const said = parts.filter(([n]) => n > 0).map(([n, unit]) => plural(n, unit))
  return said.length > 0 ? said.join(' ') : '0 seconds'
}

const formats = new Map<string, Intl.DateTimeFormat>()

function formatter(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const id = zone + JSON.stringify(options)
  let f = formats.get(id)
  if (!f) {
    try {
      f = new Intl.DateTimeFormat('en-GB', { ...options, timeZone: zone || 'UTC' })
    } catch {
      f = new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'UTC' }) // a zone that this browser does not know
    }
    formats.set(id, f)
  }
  return f
}

/** dateTime: "23 Nov, 14:05:09" in the zone. */
export const dateTime = (ms: number, zone: string): string => formatter(zone, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(ms)

/** shortTime: "23 Nov, 14:05" in the zone. */
export const shortTime = (ms: number, zone: string): string => formatter(zone, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }).format(ms)

/** dateOnly: "23 Nov 2026" in the zone. */
export const dateOnly = (ms: number, zone: string): string => formatter(zone, { day: 'numeric', month: 'short', year: 'numeric' }).format(ms)

/** dayMonth: "23 Nov" in the zone, for days that are near. */
export const dayMonth = (ms: number, zone: string): string => formatter(zone, { day: 'numeric', month: 'short' }).format(ms)

/** utc: "2026-11-23 14:05:09 UTC". */
export const utc = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`

/** dayName: "Mon 23 Nov" of "2026-11-23". */
export const dayName = (day: string): string => formatter('UTC', { weekday: 'short', day: 'numeric', month: 'short' }).format(Date.parse(`${day}T00:00:00Z`))

/** today in a zone as "2026-11-23". */
export function today(zone: string, now = Date.now()): string {
  const parts = formatter(zone, { year: 'numeric', month: '2-digit', day: '2-digit' }).formatToParts(now)
  const part = (type: string) => parts.find((p) => p.type === type)?.value ?? ''
  return `${part('year')}-${part('month')}-${part('day')}`
}

/** ago: "just now", "12 seconds ago", "3 minutes ago", "2 days ago". */
export function ago(ms: number, now = Date.now()): string {
  const s = Math.max(0, Math.round((now - ms) / 1000))
  if (s < 5) return 'just now'
  if (s < 60) return `${s} seconds ago`
  if (s < 3600) return `${plural(Math.floor(s / 60), 'minute')} ago`
  if (s < 86400) return `${plural(Math.floor(s / 3600), 'hour')} ago`
  return `${plural(Math.floor(s / 86400), 'day')} ago`
}

/** pagePath shortens an address to what tells pages of one site apart. */
export function pagePath(url: string): string {
  try {
    const u = new URL(url)
    if (u.protocol !== 'http:' && u.protocol !== 'https:') return url
    return u.pathname
  } catch {
    return url
  }
}

/** webAddress gives a URL back only when a link may carry it: http and https. */
export function webAddress(url: string): string | null {
  try {
    const u = new URL(url)
    return u.protocol === 'http:' || u.protocol === 'https:' ? u.href : null
  } catch {
    return null
  }
}

let countries: Intl.DisplayNames | undefined
let languages: Intl.DisplayNames | undefined

/** countryName of "GB"; what is no region code stays as it is. */
export function countryName(code: string): string {
  if (!/^[A-Z]{2}$/.test(code)) return code
  countries ??= new Intl.DisplayNames('en-GB', { type: 'region' })
  return countries.of(code) ?? code
}

/** languageName of "cy"; what is no language tag stays as it is. */
export function languageName(tag: string): string {
  if (!/^[a-z]{2,3}$/.test(tag)) return tag
  languages ??= new Intl.DisplayNames('en-GB', { type: 'language' })
  return languages.of(tag) ?? tag
}

/** title makes the first letter a capital. */
export const title = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
