// Requests to the API: one function, one error type, and two signals that the
// frame shows: that the network is away, and that the login has ended.

import { signal } from '@preact/signals'

/** Where the dashboard is mounted, with a slash at its end: "/" or "/prefix/". */
export const base = new URL(document.querySelector<HTMLMetaElement>('meta[name="footpath-base"]')?.content || '/', location.origin).pathname.replace(/\/*$/, '/')

/** True from the first request that did not reach the server to the next that did. */
export const offline = signal(false)

/** Set when a request is refused because nobody is signed in any more. */
export const expired = signal(false)

/** An answer that is not 2xx, or none at all (status 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly field = '',
    readonly retryAfter = 0, // seconds
  ) {
    super(message)
  }
}

interface ErrorBody {
  error?: { code?: string; message?: string; field?: string }
}

const fallback: Record<number, string> = {
  0: 'The server could not be reached. Check your connection; this page tries again by itself.',
  401: 'You are not signed in, or your login has ended. Sign in and go on.',
  403: 'Your role does not allow this. Ask an owner of this installation.',
  404: 'There is nothing here any more: it was deleted, has expired, or the address is wrong.',
  409: 'Somebody else changed this in the meantime. Reload to see their change, then make yours.',
  429: 'Too many attempts. Wait a moment, then try again.',
  500: 'The server met an error of its own. It is in the log; try again.',
  503: 'The server is busy or its disk is full. Try again in a moment.',
}

async function problem(response: Response): Promise<ApiError> {
  let body: ErrorBody = {}
  try {
    body = (await response.json()) as ErrorBody
  } catch {
    // A proxy in between may answer in its own words; the status says enough.
  }
  const said = body.error?.message || fallback[response.status] || `The server answered ${response.status}.`
  return new ApiError(response.status, body.error?.code ?? 'unknown', said, body.error?.field ?? '', Number(response.headers.get('Retry-After')) || 0)
}

/** api asks /api/<path>; a body is sent as JSON. It throws only ApiError and AbortError. */
export async function api<T>(method: string, path: string, body?: unknown, signalled?: AbortSignal): Promise<T> {
  let response: Response
  try {
    response = await fetch(`${base}api/${path}`, {
      method,
      signal: signalled ?? null,
      credentials: 'same-origin',
      headers: method === 'GET' ? { Accept: 'application/json' } : { Accept: 'application/json', 'Content-Type': 'application/json' },
      body: method === 'GET' ? null : JSON.stringify(body ?? {}),
    })
  } catch (cause) {
    if ((cause as Error).name === 'AbortError') throw cause
    offline.value = true
    throw new ApiError(0, 'offline', fallback[0]!)
  }
  offline.value = false
  if (!response.ok) {
    const error = await problem(response)
    if (error.status === 401 && path !== 'login' && path !== 'setup' && path !== 'password') expired.value = true
    throw error
  }
  if (response.status === 204) return undefined as T
  return (await response.json()) as T
}

export const get = <T>(path: string, signalled?: AbortSignal): Promise<T> => api<T>('GET', path, undefined, signalled)
export const post = <T>(path: string, body?: unknown): Promise<T> => api<T>('POST', path, body)

/** query joins the set values into "?a=b&c=d", or "" when there are none. */
export function query(values: Record<string, string | number | boolean | undefined>): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === '' || value === false) continue
    params.set(name, value === true ? '1' : String(value))
  }
  const text = params.toString()
  return text ? `?${text}` : ''
}

/** asError turns whatever was thrown into an ApiError to show. */
export function asError(cause: unknown): ApiError {
  if (cause instanceof ApiError) return cause
  return new ApiError(0, 'client', cause instanceof Error ? cause.message : String(cause))
}
