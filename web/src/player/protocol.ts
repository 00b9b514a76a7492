// What the dashboard and the player's document say to each other. Both check the
// sender's window and origin; anything else is ignored.

/** ToPlayer: what the dashboard tells. Times are milliseconds UTC. */
export type ToPlayer =
  | { say: 'load'; record: string; events: unknown[]; at: number; play: boolean; speed: number }
  | { say: 'more'; record: string; events: unknown[] }
  | { say: 'play'; at: number }
  | { say: 'pause'; at: number }
  | { say: 'speed'; speed: number }
  | { say: 'clear' }

/** FromPlayer: what the player tells. */
export type FromPlayer =
  | { say: 'ready' }
  | { say: 'loaded'; record: string; first: number; last: number; width: number; height: number }
  | { say: 'at'; record: string; at: number; playing: boolean }
  | { say: 'end'; record: string }
  | { say: 'failed'; record: string; why: string }

/** mark tells our messages from others. */
export const mark = 'footpath-player'

/** Envelope is what goes through postMessage. */
export interface Envelope<T> {
  for: typeof mark
  body: T
}
