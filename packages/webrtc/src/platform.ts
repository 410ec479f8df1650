import type { InboundRtpStats, OutboundRtpStats } from "@conic/rtp";
import type { EngineEvents, EngineOptions, TransportConnection } from "./engine/port.js";

/** A track on its way to the remote, as far as the connection looks into it. */
export interface AnySender {
  readonly track: unknown;
  readonly isRemoved: boolean;
  remove(): void;
}

/** What stands for media in one environment: encoded chunks in Node, native tracks in a browser. */
export interface MediaTypes {
  readonly local: { readonly readyState: "live" | "ended" };
  readonly remote: unknown;
  readonly sender: AnySender;
}

/** The media of one engine connection. */
export interface PlatformMedia<M extends MediaTypes> {
  /** Something is negotiated to flow, in either direction. */
  readonly isNegotiated: boolean;
  add(sender: M["sender"]): void;
  remove(sender: M["sender"]): void;
  inbound(): InboundRtpStats[];
  outbound(): OutboundRtpStats[];
}

export interface PlatformConnection<M extends MediaTypes> extends TransportConnection {
  readonly media: PlatformMedia<M>;
  /** Brings what `stats` and the statistics of media tell up to date, where that takes time. */
  refreshStats?(): Promise<void>;
}

export interface PlatformHost<M extends MediaTypes> {
  readonly remoteId: string;
  readonly maxBufferedChunks: number;
  /** A track of the remote, once it was negotiated. */
  track(track: M["remote"]): void;
}

/** What a peer connection needs of where it runs; everything above it is the same everywhere. */
export interface Platform<M extends MediaTypes> {
  open(options: EngineOptions, events: EngineEvents, host: PlatformHost<M>): PlatformConnection<M>;
  sender(track: M["local"]): M["sender"];
}
