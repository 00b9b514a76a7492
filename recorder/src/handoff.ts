// What the loader hands to the recorder core: the gate stays with the loader, so
// the core can ask, but never decide, whether it may run.
import type { Config, Header, Kind, UTM } from './wire.ts';
import type { Token, Where } from './storage.ts';

/** PageFacts is a page view without its title. */
export interface PageFacts {
  u: string;
  r?: string;
  s: string;
  l?: string;
  utm?: UTM;
}

/** Params are the options of init(). */
export interface Params {
  host?: string;
  relayProxyUrl?: string;
  cookies?: boolean;
  interceptors?: Record<string, ((data: Record<string, unknown>, context?: unknown) => unknown) | undefined>;
  [name: string]: unknown;
}

/** Pending is one event before it is put into a chunk. */
export interface Pending {
  k: Kind;
  t: number;
  d: unknown;
}

/** Handoff is one life of the recorder: from a grant to the end of it. */
export interface Handoff {
  key: string;
  /** host is the collector's address without a slash at its end. */
  host: string;
  config: Config;
  params: Params;
  where: Where;
  token: Token;
  record: string;
  flags: number;
  /** seq is the next free number: 1 when the loader had to send the page view itself. */
  seq: number;
  /** first holds the events of the page's beginning (choice and page view), empty once sent. */
  first: Pending[];
  /** facts reads the page's address, referrer, screen class, language and campaign. */
  facts(): PageFacts;
  /** save writes the token to the device, where the project allows it. */
  save(): void;
  /** refresh reads what another tab may have written meanwhile. */
  refresh(): Token | undefined;
  /** quit ends the recorder from inside; wiping also clears the device. */
  quit(wiping: boolean): void;
  seal(h: Header, payload: Uint8Array): Uint8Array;
}

/** Core is the running recorder, as the loader sees it. */
export interface Core {
  command(name: string, args: unknown[]): void;
  /** stop removes every hook; what is unsent is dropped when the visitor withdrew. */
  stop(drop: boolean): void;
}

/** Boot is what the core script gives to the loader. */
export type Boot = (h: Handoff) => Core;
