import type { EncodedChunk } from "@conic/domain";
import type { OutboundRtpStats } from "../stats.js";

/** The header extension that names the media section a packet belongs to (RFC 9143 section 15). */
export interface MidExtension {
  /** 1 to 14. */
  readonly extensionId: number;
  readonly value: string;
}

/** Sent packets that are kept for retransmission. */
export interface HistoryLimits {
  /** Default 1,024. */
  readonly maxPackets?: number | undefined;
  /** Default 4 MiB. */
  readonly maxBytes?: number | undefined;
  /** Default 2,000. */
  readonly maxAgeMs?: number | undefined;
}

export interface RtpSenderConfig {
  readonly kind: "audio" | "video";
  /** 32 bits; of no other sender of the session. */
  readonly ssrc: number;
  readonly payloadType: number;
  /** Ticks a second: 48,000 for Opus, 90,000 for video. */
  readonly clockRate: number;
  /** Whether lost packets are sent again when the remote asks for them (RFC 4585 section 6.2.1). */
  readonly nack: boolean;
  /** Sent with every packet while it is set. */
  readonly mid?: MidExtension | undefined;
  /** Of one video packet. Default 1,180. */
  readonly maxPayloadBytes?: number | undefined;
  readonly history?: HistoryLimits | undefined;
  /** What the source of a video sends at most, in bits a second; where its target begins. Default 2,500,000. */
  readonly maxBitrate?: number | undefined;
  /** The remote wants a key frame (PLI or FIR): at most once in 300 ms. */
  readonly onKeyFrameRequest?: (() => void) | undefined;
  /** The `targetBitrate` of a video is another one: as often as reports come. */
  readonly onTargetBitrate?: ((bitrate: number) => void) | undefined;
}

/** What a negotiation may change. */
export type RtpSenderUpdate = Partial<
  Pick<RtpSenderConfig, "payloadType" | "mid" | "nack" | "maxPayloadBytes" | "maxBitrate">
>;

/** Sends the chunks of one track. */
export interface RtpSender {
  readonly kind: "audio" | "video";
  readonly ssrc: number;
  /**
   * Sends one chunk at once. Its data is copied. Nothing happens after `stop`.
   *
   * Timestamps may begin anew with another source, below or far beyond the last one: the media clock of the wire goes
   * on by the time that passed.
   * @throws ConicError `invalid_argument` for a chunk without data.
   */
  send(chunk: EncodedChunk, now: number): void;
  update(change: RtpSenderUpdate): void;
  stats(): OutboundRtpStats;
  /** Tells the remote that the stream ends (BYE). Idempotent. */
  stop(now: number): void;
}
