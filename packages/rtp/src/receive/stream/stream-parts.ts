import type { InboundCounters } from "../counters.js";
import type { MediaTime, ReceiveMediaClock } from "../media-clock.js";
import type { MissingPackets } from "./missing-packets.js";
import type { BufferedPacket, PacketBuffer } from "./packet-buffer.js";
import type { Reception } from "./reception.js";

/** A chunk of a stream, before it is known what it is to the application. */
export interface StreamChunk extends MediaTime {
  readonly type: "key" | "delta";
  /** In µs. */
  readonly duration: number;
  readonly data: Uint8Array;
  readonly lostBefore: number;
  readonly receivedAtMs: number;
}

/** What the parts of one inbound stream share. */
export interface StreamParts {
  readonly buffer: PacketBuffer;
  /** Every position from `buffer.next` to the highest is in the buffer or in here. */
  readonly missing: MissingPackets;
  readonly reception: Reception;
  readonly clock: ReceiveMediaClock;
  readonly counters: InboundCounters;
  readonly emit: (chunk: StreamChunk) => void;
  /** Nothing can be decoded without one. */
  readonly wantKeyFrame: (now: number) => void;
}

/** Makes chunks of the packets in the buffer. */
export interface Depacketizer {
  /** A packet was put into the buffer. */
  added(position: number, packet: BufferedPacket, now: number): void;
  /** Hands out all that is complete. */
  drain(now: number): void;
  /** What is missing before `position` is given up. */
  giveUpBefore(position: number, now: number): void;
  /** Whether the packets of a key frame are coming in. */
  readonly isKeyFrameComing: boolean;
  /** Whether packets that came after the first one may be put before it. */
  readonly takesEarlier: boolean;
}
