import type { ConicError } from "@conic/domain";
import type { AssociationEvents, AssociationState, SendOptions } from "../options.js";

/** What data channels need of the association below them. `Association` has it all. */
export interface ChannelAssociation {
  readonly state: AssociationState;
  connect(now: number): void;
  receive(packet: Uint8Array, now: number): void;
  send(streamId: number, data: Uint8Array, options: SendOptions, now: number): void;
  bufferedAmount(streamId: number): number;
  isFlushed(streamId: number): boolean;
  resetStreams(streamIds: readonly number[], now: number): void;
  setPriority(streamId: number, priority: number): void;
  flush(now: number): void;
  nextTimeout(): number | undefined;
  advance(now: number): void;
  shutdown(now: number): void;
  abort(now: number, reason?: string): void;
}

/** The DTLS role, which decides who uses the even stream ids: the client (RFC 8832 section 6). */
export type ChannelRole = "client" | "server";

export interface DataChannelsOptions {
  /** Default: unknown, until `setRole`. */
  readonly role?: ChannelRole | undefined;
  /** Channels that the remote may have open at a time; more are reset, with a fault. Default 1,024. */
  readonly maxChannels?: number;
  /** Messages held in all for streams whose OPEN has not come yet. Default 256. */
  readonly maxEarlyMessages?: number;
  /** Bytes of such messages. Default 262,144. */
  readonly maxEarlyBytes?: number;
}

/** What data channels tell their owner. No callback may throw. */
export interface DataChannelsEvents extends Pick<AssociationEvents, "packet" | "state" | "fault"> {
  /** The remote opened a channel. Call `bind` in here: a message that nobody is bound to is dropped. */
  channel(channel: SctpChannel): void;
}

/** A channel as it is asked for; names of the W3C where it has one. */
export interface ChannelInit {
  /** At most 65,535 bytes of UTF-8. */
  readonly label: string;
  /** At most 65,535 bytes of UTF-8. Default empty. */
  readonly protocol?: string | undefined;
  /** Default true. */
  readonly ordered?: boolean | undefined;
  /** Give a message up after this many retransmissions; 0 is one try. Not beside `maxPacketLifeTimeMs`. */
  readonly maxRetransmits?: number | undefined;
  /** Give a message up this many ms after `send`. Not beside `maxRetransmits`. */
  readonly maxPacketLifeTimeMs?: number | undefined;
  /** Stream id, 0 to 65,534, that both sides agreed on elsewhere: nothing is announced. */
  readonly negotiatedId?: number | undefined;
  /** RFC 8831 section 6.4: 128 below normal, 256 normal, 512 high, 1,024 extra high. Default 256. */
  readonly priority?: number | undefined;
}

/** A channel as it is. */
export interface ChannelSettings {
  readonly label: string;
  readonly protocol: string;
  readonly ordered: boolean;
  readonly maxRetransmits: number | undefined;
  readonly maxPacketLifeTimeMs: number | undefined;
  readonly negotiated: boolean;
  readonly priority: number;
}

export type ChannelState = "connecting" | "open" | "closing" | "closed";

/** No callback may throw. */
export interface ChannelEvents {
  open(): void;
  /** Text as a string, binary as bytes that are the receiver's. Also while closing, until the remote closed too. */
  message(data: string | Uint8Array): void;
  /** Less is buffered than before. */
  drained(): void;
  /** Once. Both directions are reset, or `error` says what ended the channel before that. */
  closed(error?: ConicError): void;
}

/** One data channel (RFC 8831). */
export interface SctpChannel {
  readonly init: ChannelSettings;
  /** null until the role is known. Free for another channel once this one is closed. */
  readonly id: number | null;
  readonly state: ChannelState;
  /** Bytes of messages that are accepted and not yet put on the wire. */
  readonly bufferedAmount: number;
  /** Whether the remote has acknowledged all that was sent (or its reliability gave it up). */
  readonly isFlushed: boolean;
  /** One listener; a later call replaces it. What happened before is told at once: `open`, or `closed`. */
  bind(events: ChannelEvents): void;
  /**
   * Queues a message; `flush` puts it on the wire. Bytes are not copied: they are the channel's from now on.
   *
   * @throws ConicError `invalid_state` while connecting, `closed` after that, and what the association throws.
   */
  send(data: string | Uint8Array, now: number): void;
  /** Closes after what was sent has been delivered (RFC 8831 section 6.7). Idempotent. */
  close(now: number): void;
}
