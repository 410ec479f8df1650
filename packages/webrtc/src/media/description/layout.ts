import type { RemoteCodec } from "./remote/codecs.js";
import type { Slot } from "./slot-state.js";
import type { Agreement, Terms } from "./terms.js";

/** The media sections of one moment of the negotiation; a value that is never changed. */
export interface Layout {
  readonly sections: readonly Section[];
  /** Of the section whose transport all live ones share (RFC 8843 section 7.3.1); undefined where none is live. */
  readonly tag: number | undefined;
  /** What the remote gave numbers to in its last description. */
  readonly numbers: RemoteNumbers;
  /** The transport attributes of its tagged section. */
  readonly remoteTransport: readonly string[];
}

export interface Section {
  readonly kind: string;
  readonly proto: string;
  /** What stands for the formats where the section is refused. */
  readonly format: string;
  /** Unique; made up where descriptions name none. */
  readonly mid: string;
  readonly isMidNamed: boolean;
  /** Neither refused nor taken away. */
  readonly isLive: boolean;
  readonly slot: Slot | undefined;
  readonly terms: Terms | undefined;
  readonly agreement: Agreement | undefined;
  /** The codec of a section that is of no use here and lives for its transport alone. */
  readonly carrier?: RemoteCodec | undefined;
}

export interface RemoteNumbers {
  /** Encoding by payload type. */
  readonly payloadTypes: ReadonlyMap<number, string>;
  /** URI by id. */
  readonly extensions: ReadonlyMap<number, string>;
}

export const emptyLayout: Layout = {
  sections: [],
  tag: undefined,
  numbers: { payloadTypes: new Map(), extensions: new Map() },
  remoteTransport: [],
};

export function isData(section: { readonly kind: string; readonly proto: string }): boolean {
  return section.kind === "application" && section.proto.includes("SCTP");
}

/** The section without its media: port 0 in every description until it is used again. */
export function dead(section: Section): Section {
  return { ...section, isLive: false, terms: undefined, agreement: undefined, carrier: undefined };
}
