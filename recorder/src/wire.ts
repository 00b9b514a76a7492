// The recorder's half of the contract in Go package wire: names and shapes are
// the same, and wire/testdata holds vectors that both sides are tested against.

/** FLAG_TIER_B marks a chunk of a session; FLAG_LAST one sent while the page was hidden. */
export const FLAG_TIER_B = 1;
export const FLAG_LAST = 2;
export const FLAG_AUTOMATION = 4;
export const FLAG_CONSENT = 8;

/** CODEC_RRWEB: gzip over newline-delimited JSON events. */
export const CODEC_RRWEB = 1;

/** HEADER_LEN is the fixed part of the envelope's header, before the token, in bytes. */
export const HEADER_LEN = 108;

/** MAX_BODY bounds a request body in bytes; MAX_EVENTS the events of one chunk. */
export const MAX_BODY = 1 << 20;
export const MAX_EVENTS = 20000;
/** MAX_INFLATED bounds a payload after gunzip, in bytes. */
export const MAX_INFLATED = 16 << 20;
/** MAX_STRING bounds one string of an analytics event, in characters. */
export const MAX_STRING = 2048;

/** Config is what GET /v1/config/<key> answers (wire.Config). */
export interface Config {
  v: number;
  on: boolean;
  consent: 'opt-in' | 'opt-out' | 'none';
  count: boolean;
  replay: boolean;
  profile: 'strict' | 'smartlook';
  sampling: number;
  idle: number;
  longest: number;
  life: number;
  gpc: boolean;
  dnt: boolean;
  cookie?: string;
  storage: 'cookie' | 'local' | 'none';
  hostOnly?: boolean;
  bots?: boolean;
  identify?: boolean;
  texts?: string;
  core: string;
  sri: string;
}

/** UTM holds the campaign parameters, the only query values that are kept. */
export interface UTM {
  s?: string;
  m?: string;
  c?: string;
}

/** ElementInfo describes an element without naming what it says (wire.Element). */
export interface ElementInfo {
  p: string;
  t: string;
  x?: string;
  r?: string;
  a?: string;
}

/** Kind names an event in a payload (wire.Kind). */
export type Kind =
  | 'page' | 'time' | 'click' | 'input' | 'submit' | 'custom' | 'props'
  | 'user' | 'error' | 'consent' | 'lost' | 'dom' | 'count';

/** Header is the uncompressed part of an envelope (wire.Header), without its checksum. */
export interface Header {
  flags: number;
  project: string;
  session: string;
  record: string;
  visitor: string;
  seq: number;
  events: number;
  sentMs: number;
  token: string;
}
