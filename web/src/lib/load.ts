// Loading: data that a screen needs, re-asked when its key changes, kept on
// screen while newer data is on its way.

import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { ApiError, asError } from './api'

/** Loaded is what a screen knows of its data. */
export interface Loaded<T> {
  data: T | undefined
  error: ApiError | undefined
  loading: boolean
  reload: () => void
}

/** useLoad asks when key changes; key null asks nothing. every > 0 asks again after so many ms while visible; it may depend on the answer. */
export function useLoad<T>(key: string | null, load: (signalled: AbortSignal) => Promise<T>, every: number | ((data: T | undefined) => number) = 0): Loaded<T> {
  const [state, setState] = useState<{ key: string | null; data?: T; error?: ApiError; loading: boolean }>({ key: null, loading: key !== null })
  const [turn, setTurn] = useState(0)
  const ask = useRef(load)
  ask.current = load
  const again = useRef(every)
  again.current = every

  useEffect(() => {
    if (key === null) return
    const abort = new AbortController()
    let timer = 0
    let latest: T | undefined
    const wait = () => (typeof again.current === 'function' ? again.current(latest) : again.current)
    const once = async () => {
      try {
        const data = await ask.current(abort.signal)
        latest = data
        setState({ key, data, loading: false })
      } catch (cause) {
        if (abort.signal.aborted) return
        setState((old) => ({ key, ...(old.key === key ? { data: old.data } : {}), error: asError(cause), loading: false }) as typeof old)
      }
      if (wait() > 0 && !abort.signal.aborted) timer = window.setTimeout(tick, wait())
    }
    const tick = () => {
      if (document.visibilityState === 'visible') void once()
      else timer = window.setTimeout(tick, wait())
    }
    setState((old) => ({ ...old, loading: true }))
    void once()
    return () => {
      abort.abort()
      clearTimeout(timer)
    }
  }, [key, turn])

  const reload = useCallback(() => setTurn((n) => n + 1), [])
  return { data: state.data, error: state.error, loading: state.loading, reload }
}

/** useTick renders again every so many milliseconds, for "3 seconds ago". */
export function useTick(every: number): number {
  const [now, setNow] = useState(Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every)
    return () => clearInterval(timer)
  }, [every])
  return now
}

/** useMedia follows a media query. */
export function useMedia(text: string): boolean {
  const [on, setOn] = useState(() => matchMedia(text).matches)
  useEffect(() => {
    const media = matchMedia(text)
    const follow = () => setOn(media.matches)
    follow()
    media.addEventListener('change', follow)
    return () => media.removeEventListener('change', follow)
  }, [text])
  return on
}
