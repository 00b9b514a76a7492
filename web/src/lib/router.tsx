// The router: the URL is the state. Paths are kept without the mount prefix
// ("/p/<key>/sessions"); links outside the dashboard stay the browser's.

import { computed, signal } from '@preact/signals'
import type { ComponentChildren, TargetedMouseEvent } from 'preact'
import { base } from './api'

const inside = (pathname: string): string => '/' + (pathname.startsWith(base) ? pathname.slice(base.length) : pathname.replace(/^\//, ''))

const place = signal({ path: inside(location.pathname), search: location.search })

/** The path below the mount point, without query. */
export const path = computed(() => place.value.path)
/** The query of the address. */
export const params = computed(() => new URLSearchParams(place.value.search))

/** href gives the address of a path of ours, for links and copying. */
export const href = (to: string): string => base + to.replace(/^\//, '')

let guard: (() => boolean) | null = null
let last = location.href

/** setGuard asks before a page with unsaved changes is left; null ends that. */
export function setGuard(ask: (() => boolean) | null): void {
  guard = ask
}

const allowed = (): boolean => guard === null || guard()

/** navigate goes to a path of ours; replace keeps it out of the history. */
export function navigate(to: string, options: { replace?: boolean } = {}): void {
  const target = new URL(href(to), location.origin)
  if (inside(target.pathname) !== place.value.path) {
    if (!allowed()) return
    guard = null
  }
  if (options.replace) history.replaceState(null, '', target)
  else history.pushState(null, '', target)
  last = location.href
  place.value = { path: inside(location.pathname), search: location.search }
}

/** setParams changes some values of the query; empty and undefined ones leave it. */
export function setParams(values: Record<string, string | undefined>, options: { replace?: boolean } = {}): void {
  const next = new URLSearchParams(params.value)
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === '') next.delete(name)
    else next.set(name, value)
  }
  const text = next.toString()
  navigate(path.value + (text ? `?${text}` : ''), options)
}

addEventListener('popstate', () => {
  if (inside(location.pathname) !== place.value.path && !allowed()) {
    history.pushState(null, '', last)
    return
  }
  guard = null
  last = location.href
  place.value = { path: inside(location.pathname), search: location.search }
})

addEventListener('beforeunload', (event) => {
  if (guard !== null) event.preventDefault()
})

interface LinkProps {
  to: string
  children: ComponentChildren
  class?: string
  title?: string
  onClick?: (event: TargetedMouseEvent<HTMLAnchorElement>) => void
  'aria-current'?: 'page' | undefined
}

/** Link is an anchor that stays within the dashboard and leaves modified clicks alone. */
export function Link({ to, children, onClick, ...rest }: LinkProps) {
  const follow = (event: TargetedMouseEvent<HTMLAnchorElement>) => {
    onClick?.(event)
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    navigate(to)
  }
  return (
    <a {...rest} href={href(to)} onClick={follow}>
      {children}
    </a>
  )
}

/** match compares a path with a pattern ("/p/:key/sessions/:id"); null when it differs. */
export function match(pattern: string, given: string): Record<string, string> | null {
  const want = pattern.split('/').filter(Boolean)
  const have = given.split('/').filter(Boolean)
  if (want.length !== have.length) return null
  const found: Record<string, string> = {}
  for (const [i, part] of want.entries()) {
    const value = have[i]!
    if (part.startsWith(':')) found[part.slice(1)] = safeDecode(value)
    else if (part !== value) return null
  }
  return found
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
