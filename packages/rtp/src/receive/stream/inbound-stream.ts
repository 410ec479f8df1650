import type { RtpPacket } from "../../packet/packet.js";
import { parseVp8 } from "../../payload/vp8-parse.js";
import { AudioPackets } from "./audio-packets.js";
import type { RtpReceiverConfig } from "../config.js";
import type { InboundCounters } from "../counters.js";
import { Jitter } from "./jitter.js";
import type { ReceiveMediaClock } from "../media-clock.js";
import { MissingPackets } from "./missing-packets.js";
import { PacketBuffer } from "./packet-buffer.js";
import { maxJump, Reception } from "./reception.js";
import type { Depacketizer, StreamChunk, StreamParts } from "./stream-parts.js";
import { VideoFrames } from "../video/video-frames.js";

/** What a receiver does for its stream. */
export interface InboundHost {
  readonly config: RtpReceiverConfig;
  readonly counters: InboundCounters;
  readonly clock: ReceiveMediaClock;
  readonly roundTripMs: number;
  emit(chunk: StreamChunk): void;
  nack(ssrc: number, positions: readonly number[], now: number): void;
  wantKeyFrame(now: number): void;
  /** An answer to a NACK took so long. */
  repairedAfter(ms: number): void;
}

/** One run of sequence numbers of one SSRC. */
export class InboundStream {
  readonly ssrc: number;
  readonly reception: Reception;
  readonly jitter: Jitter;
  readonly #host: InboundHost;
  readonly #buffer: PacketBuffer;
  readonly #missing = new MissingPackets();
  readonly #frames: Depacketizer;

  constructor(ssrc: number, sequenceNumber: number, host: InboundHost) {
    const { kind, clockRate, reorder } = host.config;
    this.ssrc = ssrc;
    this.#host = host;
    this.reception = new Reception(sequenceNumber);
    this.jitter = new Jitter(clockRate);
    this.#buffer = new PacketBuffer(sequenceNumber, reorder);
    const parts: StreamParts = {
      buffer: this.#buffer,
      missing: this.#missing,
      reception: this.reception,
      clock: host.clock,
      counters: host.counters,
      emit: (chunk) => {
        host.emit(chunk);
      },
      wantKeyFrame: (now) => {
        host.wantKeyFrame(now);
      },
    };
    this.#frames = kind === "audio" ? new AudioPackets(parts) : new VideoFrames(parts);
  }

  get isKeyFrameComing(): boolean {
    return this.#frames.isKeyFrameComing;
  }

  /** How far a packet is from the last one; beyond {@link maxJump} it is not of this run. */
  distance({ sequenceNumber }: RtpPacket): number {
    return this.reception.position(sequenceNumber) - this.reception.highest;
  }

  /** A packet of this run. */
  receive(packet: RtpPacket, bytes: number, now: number): void {
    const { reception } = this;
    const { counters } = this.#host;
    const position = reception.position(packet.sequenceNumber);
    if (reception.has(position)) {
      counters.duplicates += 1;
      return;
    }
    counters.packetsReceived += 1;
    counters.bytesReceived += packet.payload.length;
    if (position > reception.highest) {
      this.jitter.add(packet.timestamp, now);
      for (let at = reception.highest + 1; at < position; at += 1) this.#miss(at, now);
    } else {
      this.#onLate(position, now);
    }
    reception.add(position);
    if (position < this.#buffer.next) {
      counters.packetsDiscarded += 1;
      return;
    }
    this.#put(position, packet, bytes, now);
    this.#frames.drain(now);
    this.#ask(now);
  }

  /** The remote was not heard for more than {@link maxJump} packets: goes on with this one. */
  leap(packet: RtpPacket, now: number): void {
    const position = this.reception.position(packet.sequenceNumber);
    this.#frames.giveUpBefore(position, now);
    this.reception.leap(position - 1);
  }

  advance(now: number): void {
    for (;;) {
      const at = this.#expiresAt;
      const { first } = this.#missing;
      if (at === undefined || first === undefined || at > now) break;
      this.#giveUp(first, now);
    }
    this.#ask(now);
  }

  get nextTimeout(): number | undefined {
    if (this.#missing.size === 0) return undefined;
    const [expiresAt, askAt] = [
      this.#expiresAt,
      this.#host.config.nack ? this.#missing.nextAskAt : undefined,
    ];
    if (expiresAt === undefined || askAt === undefined) return expiresAt ?? askAt;
    return Math.min(expiresAt, askAt);
  }

  get #expiresAt(): number | undefined {
    const { kind, nack, maxWaitMs } = this.#host.config;
    const [withNack, without] = kind === "video" ? [1_000, 100] : [200, 60];
    return this.#missing.expiresAt(
      maxWaitMs ?? (nack ? withNack : without),
      this.#host.roundTripMs,
    );
  }

  #miss(position: number, now: number): void {
    this.#missing.add(position, this.#host.config.nack, now);
  }

  #onLate(position: number, now: number): void {
    const missing = this.#missing.arrived(position);
    if (missing !== undefined && missing.asks > 0) {
      this.#host.counters.packetsRepaired += 1;
      // With more than one ask it is not known which of them was answered.
      if (missing.asks === 1) this.#host.repairedAfter(now - missing.askedAt);
    }
    const { next } = this.#buffer;
    if (position >= next || !this.#frames.takesEarlier) return;
    if (this.reception.highest - position > maxJump) return;
    this.#buffer.lower(position);
    this.#missing.prepend(position + 1, next, this.#host.config.nack, now);
  }

  #put(position: number, packet: RtpPacket, bytes: number, now: number): void {
    while (!this.#buffer.fits(position, bytes) && this.#buffer.next < position) {
      // Without anything missing it is a frame without an end.
      this.#giveUp(this.#missing.first ?? position - 1, now);
    }
    if (position < this.#buffer.next) return;
    const vp8 = this.#host.config.kind === "video" ? parseVp8(packet.payload) : undefined;
    const entry = { packet, bytes, arrivedAt: now, vp8 };
    this.#buffer.add(position, entry);
    this.#frames.added(position, entry, now);
  }

  #giveUp(position: number, now: number): void {
    this.#frames.giveUpBefore(position + 1, now);
    this.#frames.drain(now);
  }

  #ask(now: number): void {
    const { config, roundTripMs } = this.#host;
    if (!config.nack || this.#missing.size === 0) return;
    const due = this.#missing.take(roundTripMs, now);
    if (due.length > 0) this.#host.nack(this.ssrc, due, now);
  }
}
