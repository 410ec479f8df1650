import type { RtpPacket } from "../packet/packet.js";
import type { ReportBlock, SenderReport } from "../rtcp/packet.js";
import type { InboundRtpStats } from "../stats.js";
import type { RtpReceiver, RtpReceiverConfig, RtpReceiverUpdate } from "./config.js";
import { zeroCounters } from "./counters.js";
import { InboundStream, type InboundHost } from "./stream/inbound-stream.js";
import { KeyFrameRequests } from "./key-frame-requests.js";
import { ReceiveMediaClock } from "./media-clock.js";
import { checkReorderLimits } from "./stream/packet-buffer.js";
import { maxJump } from "./stream/reception.js";
import { RemoteClock } from "./remote-clock.js";
import { RunGuard } from "./stream/run-guard.js";
import type { StreamChunk } from "./stream/stream-parts.js";

/** An SSRC that was replaced may play again when the one that replaced it is silent for so long. */
const silenceMs = 1_000;
const maxRetired = 16;
/** What comes so soon after a BYE was sent before it. */
const lateMs = 500;

/** What the session does for its receivers. */
export interface InboundTrackHost {
  readonly roundTripMs: number;
  nack(ssrc: number, sequenceNumbers: readonly number[], now: number): void;
  pli(ssrc: number, now: number): void;
  repairedAfter(ms: number): void;
  updated(track: InboundTrack): void;
  stopped(track: InboundTrack): void;
}

/** Plays the stream of one media section: one SSRC at a time, the newest that sends. */
export class InboundTrack implements RtpReceiver, InboundHost {
  readonly counters: InboundHost["counters"] = zeroCounters();
  readonly clock: ReceiveMediaClock;
  readonly #host: InboundTrackHost;
  readonly #keyFrames: KeyFrameRequests;
  readonly #guard = new RunGuard();
  readonly #retired: number[] = [];
  #config: RtpReceiverConfig;
  #stream: InboundStream | undefined;
  #remoteClock: RemoteClock | undefined;
  #state: "waiting" | "playing" | "ended" | "stopped" = "waiting";
  #endedAt = Number.NEGATIVE_INFINITY;

  constructor(config: RtpReceiverConfig, host: InboundTrackHost) {
    checkReorderLimits(config.reorder ?? {});
    this.#config = config;
    this.#host = host;
    this.clock = new ReceiveMediaClock(config.clockRate);
    this.#keyFrames = new KeyFrameRequests(
      (now) => {
        this.#askForKeyFrame(now);
      },
      () => this.#stream?.isKeyFrameComing ?? false,
    );
  }

  get kind(): "audio" | "video" {
    return this.#config.kind;
  }

  get config(): RtpReceiverConfig {
    return this.#config;
  }

  get roundTripMs(): number {
    return this.#host.roundTripMs;
  }

  /** Of the stream that plays. */
  get ssrc(): number | undefined {
    return this.#stream?.ssrc;
  }

  get nextTimeout(): number | undefined {
    if (this.#state === "stopped") return undefined;
    const stream = this.#stream?.nextTimeout;
    const keyFrames = this.#state === "playing" ? this.#keyFrames.nextTimeout : undefined;
    if (stream === undefined || keyFrames === undefined) return stream ?? keyFrames;
    return Math.min(stream, keyFrames);
  }

  receive(packet: RtpPacket, bytes: number, now: number): void {
    if (this.#state === "stopped") return;
    const stream = this.#stream ?? this.#begin(packet);
    if (stream.ssrc === packet.ssrc && Math.abs(stream.distance(packet)) <= maxJump) {
      this.#take(stream, packet, bytes, now);
    } else if (stream.ssrc !== packet.ssrc && !this.#mayReplace(packet.ssrc, now)) {
      this.counters.packetsDiscarded += 1;
    } else {
      const first = this.#guard.confirm(packet, bytes);
      if (first === undefined) return;
      const next = this.#continue(stream, first.packet, now);
      this.#take(next, first.packet, first.bytes, now);
      this.#take(next, packet, bytes, now);
    }
  }

  advance(now: number): void {
    if (this.#state === "stopped") return;
    this.#stream?.advance(now);
    if (this.#state === "playing") this.#keyFrames.advance(now);
  }

  onSenderReport(report: SenderReport, now: number): void {
    if (report.ssrc === this.ssrc) this.#remoteClock = new RemoteClock(report, now);
  }

  onBye(ssrc: number, now: number): void {
    if (ssrc !== this.ssrc || this.#state !== "playing") return;
    this.#state = "ended";
    this.#endedAt = now;
    this.#config.onEnd?.();
  }

  reportBlock(now: number): ReportBlock | undefined {
    const stream = this.#stream;
    if (stream === undefined || this.#state !== "playing") return undefined;
    const { reception, jitter } = stream;
    return {
      ssrc: stream.ssrc,
      fractionLost: reception.takeFractionLost(),
      packetsLost: Math.min(reception.lost, 0x7f_ffff),
      highestSequence: reception.highest >>> 0,
      jitter: Math.round(jitter.ticks),
      ...(this.#remoteClock?.reference(now) ?? {
        lastSenderReport: 0,
        delaySinceLastSenderReport: 0,
      }),
    };
  }

  emit(chunk: StreamChunk): void {
    this.counters.framesReceived += 1;
    this.counters.framesDropped += chunk.lostBefore;
    if (chunk.type === "key") {
      this.counters.keyFramesReceived += 1;
      this.#keyFrames.onKeyFrame();
    }
    if (this.#state !== "stopped") this.#config.onChunk(chunk);
  }

  nack(ssrc: number, positions: readonly number[], now: number): void {
    this.counters.nackCount += 1;
    this.#host.nack(
      ssrc,
      positions.map((position) => position & 0xffff),
      now,
    );
  }

  wantKeyFrame(now: number): void {
    if (this.#state === "playing") this.#keyFrames.want(now);
  }

  repairedAfter(ms: number): void {
    this.#host.repairedAfter(ms);
  }

  update(change: RtpReceiverUpdate): void {
    this.#config = { ...this.#config, ...change };
    this.#host.updated(this);
  }

  requestKeyFrame(now: number): void {
    if (this.kind === "video") this.wantKeyFrame(now);
  }

  stats(): InboundRtpStats {
    const { lostEarlier, ...counters } = this.counters;
    const stream = this.#stream;
    return {
      kind: this.kind,
      mid: this.#config.mid?.value,
      ssrc: stream?.ssrc,
      ...counters,
      packetsLost: lostEarlier + (stream?.reception.lost ?? 0),
      jitterMs: stream?.jitter.ms ?? 0,
      remoteClock: this.#remoteClock?.reading,
    };
  }

  captureTimeMs(rtpTimestamp: number): number | undefined {
    const reading = this.#remoteClock?.reading;
    if (reading === undefined) return undefined;
    const elapsed = this.clock.elapsedMs(reading.rtpTimestamp, rtpTimestamp);
    return elapsed === undefined ? undefined : reading.remoteTimeMs + elapsed;
  }

  stop(): void {
    if (this.#state === "stopped") return;
    this.#state = "stopped";
    this.#host.stopped(this);
  }

  #take(stream: InboundStream, packet: RtpPacket, bytes: number, now: number): void {
    this.counters.lastPacketAtMs = now;
    this.#keyFrames.onPacket();
    if (this.#state !== "playing" && packet.payload.length > 0) this.#start(now);
    stream.receive(packet, bytes, now);
  }

  #start(now: number): void {
    if (this.#state === "stopped") return;
    if (this.#state === "ended" && now - this.#endedAt < lateMs) return;
    this.#state = "playing";
    this.#config.onStart?.();
  }

  /** Whether another SSRC may play instead: one that played before only when the present one is silent. */
  #mayReplace(ssrc: number, now: number): boolean {
    if (!this.#retired.includes(ssrc) || this.#state === "ended") return true;
    return now - (this.counters.lastPacketAtMs ?? now) > silenceMs;
  }

  /** Another SSRC, or sequence numbers far from the last: the remote was away, or began anew. */
  #continue(stream: InboundStream, first: RtpPacket, now: number): InboundStream {
    if (stream.ssrc !== first.ssrc) {
      this.#retired.push(stream.ssrc);
      if (this.#retired.length > maxRetired) this.#retired.shift();
      // What follows is no late packet of the stream that ended.
      this.#endedAt = Number.NEGATIVE_INFINITY;
    } else if (stream.distance(first) > 0 && this.clock.isPlausible(first.timestamp, now)) {
      stream.leap(first, now);
      return stream;
    }
    return this.#begin(first);
  }

  #begin({ ssrc, sequenceNumber }: RtpPacket): InboundStream {
    if (this.#stream !== undefined) {
      this.counters.lostEarlier += this.#stream.reception.lost;
      this.clock.restart();
    }
    if (this.#stream?.ssrc !== ssrc) this.#remoteClock = undefined;
    this.#stream = new InboundStream(ssrc, sequenceNumber, this);
    return this.#stream;
  }

  #askForKeyFrame(now: number): void {
    if (!this.#config.pli || this.#stream === undefined) return;
    this.counters.pliCount += 1;
    this.#host.pli(this.#stream.ssrc, now);
  }
}
