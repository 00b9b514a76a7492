// The shapes of rrweb 2.x events, as far as the masking reads them.

/** SN is a serialised node. */
export interface SN {
  type: number; // 0 document, 1 doctype, 2 element, 3 text, 4 cdata, 5 comment
  id: number;
  rootId?: number;
  tagName?: string;
  attributes?: Record<string, unknown>;
  childNodes?: SN[];
  textContent?: string;
  isSVG?: boolean;
  isShadowHost?: boolean;
  isShadow?: boolean;
  isCustom?: boolean;
  name?: string;
  publicId?: string;
  systemId?: string;
  compatMode?: string;
}

/** RR is an event. */
export interface RR {
  type: number;
  timestamp: number;
  data: Record<string, unknown>;
}

/** Attributes of one element that changed. */
export interface AttributeChange {
  id: number;
  attributes: Record<string, unknown>;
}

/** Mutation is the data of an incremental event with source 0. */
export interface Mutation {
  source: 0;
  texts: { id: number; value: string | null }[];
  attributes: AttributeChange[];
  removes: { id: number; parentId: number; isShadow?: boolean }[];
  adds: { parentId: number; nextId: number | null; node: SN }[];
  isAttachIframe?: boolean;
}

/** Position of a pointer. */
export interface Position {
  x: number;
  y: number;
  id: number;
  timeOffset: number;
}

/** NodeOf finds the live node behind an id. */
export type NodeOf = (id: number) => Node | null;
