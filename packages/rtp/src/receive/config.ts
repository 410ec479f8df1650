import type { ReceivedChunk } from "@conic/domain";
import type { MidExtension } from "../send/config.js";
import type { InboundRtpStats } from "../stats.js";

/** Packets that wait for missing ones. What is above it goes on without them. */
export interface ReorderLimits {
  /** A power of two from 1,024 on. Default 2,048. */
  readonly maxPackets?: number | undefined;
  /** Default 4 MiB. */
  readonly maxBytes?: number | undefined;
}

export interface RtpReceiverConfig {
  readonly kind: "audio" | "video";
  /** Ticks a second: 48,000 for Opus, 90,000 for video. */
  readonly clockRate: number;
  /** Of Opus (audio) or VP8 (video); packets of others are not for this receiver. */
  readonly payloadTypes: readonly number[];
  /** Those that the remote announced; others are learnt. */
  readonly ssrcs: readonly number[];
  /** Tells packets of SSRCs that were not announced. */
  readonly mid?: MidExtension | undefined;
  /** Whether to ask for lost packets (RFC 4585 section 6.2.1). */
  readonly nack: boolean;
  /** Whether to ask for key frames (RFC 4585 section 6.3.1). */
  readonly pli: boolean;
  /** How long a missing packet holds up what follows. Default: video 1,000 with NACK, 100 without; audio 200 and 60. */
  readonly maxWaitMs?: number | undefined;
  readonly reorder?: ReorderLimits | undefined;
  /** Chunks come in decode order: a delta frame never follows one that is missing and that it depends on. */
  readonly onChunk: (chunk: ReceivedChunk) => void;
  /** The first packet came; again when something comes after the end. */
  readonly onStart?: (() => void) | undefined;
  /** The remote said that the stream ends (BYE). */
  readonly onEnd?: (() => void) | undefined;
}

/** What a negotiation may change. */
export type RtpReceiverUpdate = Partial<
  Pick<RtpReceiverConfig, "payloadTypes" | "ssrcs" | "mid" | "nack" | "pli" | "maxWaitMs">
>;

/** Gives the chunks of one remote track. */
export interface RtpReceiver {
  readonly kind: "audio" | "video";
  update(change: RtpReceiverUpdate): void;
  /** Asks until a key frame comes, every 500 ms, where `pli` is negotiated. Nothing for audio. */
  requestKeyFrame(now: number): void;
  stats(): InboundRtpStats;
  /**
   * When the remote captured what has this timestamp of a chunk, in ms since 1970 on the clock of the remote. Undefined
   * before its first sender report. The same clock serves all streams of a remote: sound and picture of one moment have one time.
   */
  captureTimeMs(rtpTimestamp: number): number | undefined;
  /** No more chunks. Idempotent. */
  stop(): void;
}
