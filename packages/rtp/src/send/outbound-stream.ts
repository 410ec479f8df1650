import { ConicError, type EncodedChunk } from "@conic/domain";
import type { RtpExtension } from "../packet/packet.js";
import { writeRtp } from "../packet/write.js";
import { packetizeVp8 } from "../payload/vp8-packetize.js";
import { compactNtp, ntpTime } from "../rtcp/ntp.js";
import type { ReportBlock, SenderReport } from "../rtcp/packet.js";
import type { OutboundRtpStats } from "../stats.js";
import type { MidExtension, RtpSender, RtpSenderConfig, RtpSenderUpdate } from "./config.js";
import { KeyFrameDemand } from "./key-frame-demand.js";
import { SendMediaClock, type MediaClockStart } from "./media-clock.js";
import { LastSecond } from "./last-second.js";
import { PathReports } from "./rate/path-reports.js";
import { TargetBitrate } from "./rate/target-bitrate.js";
import { RemoteReports } from "./remote-reports.js";
import { Retransmitter } from "./retransmitter.js";
import { TalkSpurts } from "./talk-spurts.js";

const defaultMaxPayloadBytes = 1_180;

/** What the session does for its senders. */
export interface OutboundHost {
  output(packet: Uint8Array): void;
  /** Something was sent: reports are due from now on. */
  active(now: number): void;
  stopped(stream: OutboundStream, now: number): void;
}

/** Where a stream begins. */
export interface OutboundStart extends MediaClockStart {
  readonly sequenceNumber: number;
  readonly pictureId: number;
}

export class OutboundStream implements RtpSender {
  readonly kind: "audio" | "video";
  readonly ssrc: number;
  readonly #remote: RemoteReports;
  readonly keyFrames: KeyFrameDemand;
  readonly #host: OutboundHost;
  readonly #clock: SendMediaClock;
  readonly #retransmitter: Retransmitter;
  readonly #path = new PathReports();
  readonly #lastSecond = new LastSecond();
  /** Of a video. */
  readonly #target: TargetBitrate | undefined;
  readonly #onTargetBitrate: RtpSenderConfig["onTargetBitrate"];
  readonly #spurts = new TalkSpurts();
  readonly #sent = { packets: 0, bytes: 0, headerBytes: 0, frames: 0, keyFrames: 0 };
  readonly #sentAgain = { packets: 0, bytes: 0 };
  #payloadType: number;
  #mid: MidExtension | undefined;
  #extensions: readonly RtpExtension[] = [];
  #maxPayloadBytes: number;
  #next: number;
  #pictureId: number;
  #stopped = false;
  #nackCount = 0;
  /** Packets that were sent when the last report was made, and the one before. */
  #reported: readonly [number, number] = [0, 0];

  constructor(config: RtpSenderConfig, start: OutboundStart, host: OutboundHost) {
    this.kind = config.kind;
    this.ssrc = config.ssrc;
    this.#host = host;
    this.#clock = new SendMediaClock(config.clockRate, start);
    this.#next = start.sequenceNumber;
    this.#pictureId = start.pictureId;
    this.#payloadType = config.payloadType;
    this.#maxPayloadBytes = config.maxPayloadBytes ?? defaultMaxPayloadBytes;
    this.#retransmitter = new Retransmitter(config.nack, config.history, () => {
      this.#path.onMissed();
    });
    this.#target = config.kind === "video" ? new TargetBitrate(config.maxBitrate) : undefined;
    this.#onTargetBitrate = config.onTargetBitrate;
    this.#remote = new RemoteReports(config.clockRate);
    this.keyFrames = new KeyFrameDemand(config.onKeyFrameRequest);
    this.#setMid(config.mid);
  }

  /** Payloads and headers that were sent. */
  get bytesSent(): number {
    return this.#sent.bytes + this.#sent.headerBytes;
  }

  send(chunk: EncodedChunk, now: number): void {
    if (this.#stopped) return;
    if (chunk.data.length === 0) {
      throw new ConicError("invalid_argument", "a chunk without data cannot be sent: leave it out");
    }
    const timestamp = this.#clock.timestamp(chunk.timestamp, now);
    if (this.kind === "audio") {
      this.#sendPayload(chunk.data, this.#spurts.begins(chunk), timestamp, now);
    } else {
      this.#pictureId = (this.#pictureId + 1) & 0x7fff;
      const payloads = packetizeVp8(chunk.data, {
        maxPayloadBytes: this.#maxPayloadBytes,
        pictureId: this.#pictureId,
      });
      for (const [index, payload] of payloads.entries()) {
        this.#sendPayload(payload, index === payloads.length - 1, timestamp, now);
      }
    }
    this.#sent.frames += 1;
    if (chunk.type === "key") this.#sent.keyFrames += 1;
    this.#host.active(now);
  }

  update(change: RtpSenderUpdate): void {
    this.#payloadType = change.payloadType ?? this.#payloadType;
    this.#maxPayloadBytes = change.maxPayloadBytes ?? this.#maxPayloadBytes;
    if (change.nack !== undefined) this.#retransmitter.enabled = change.nack;
    if ("mid" in change) this.#setMid(change.mid);
    const { maxBitrate } = change;
    if (maxBitrate === undefined) return;
    this.#retarget((target) => {
      target.max = maxBitrate;
    });
  }

  /** The remote lacks these packets. */
  onNack(sequenceNumbers: readonly number[], roundTripMs: number, now: number): void {
    this.#nackCount += 1;
    for (const sequenceNumber of sequenceNumbers) {
      const packet = this.#retransmitter.take(sequenceNumber, roundTripMs, now);
      if (packet === undefined) continue;
      this.#count(packet.bytes.length, packet.payloadBytes);
      this.#sentAgain.packets += 1;
      this.#sentAgain.bytes += packet.payloadBytes;
      this.#host.output(packet.bytes);
    }
  }

  /** Gives the round trip when the block tells it. */
  onReportBlock(block: ReportBlock, now: number): number | undefined {
    const roundTripMs = this.#remote.onBlock(block, now);
    const report = this.#path.next(block, roundTripMs);
    this.#retarget((target) => {
      target.onReport(report, now);
    });
    return roundTripMs;
  }

  /** What the remote can take, in bits a second. */
  onRemoteMaxBitrate(bitrate: number, now: number): void {
    this.#retarget((target) => {
      target.onRemoteMax(bitrate, this.#lastSecond.total(now) * 8);
    });
  }

  /** A sender report; undefined when nothing was sent since the last but one (RFC 3550 section 6.4). */
  report(wallClockMs: number, now: number): SenderReport | undefined {
    this.#retransmitter.expire(now);
    const { packets, bytes } = this.#sent;
    const [last, lastButOne] = this.#reported;
    this.#reported = [packets, last];
    const rtpTimestamp = this.#clock.at(now);
    if (packets === lastButOne || rtpTimestamp === undefined) return undefined;
    const { seconds, fraction } = ntpTime(wallClockMs);
    this.#remote.reportSent(compactNtp(seconds, fraction), now);
    return {
      type: "sr",
      ssrc: this.ssrc,
      ntpSeconds: seconds,
      ntpFraction: fraction,
      rtpTimestamp,
      packetCount: packets >>> 0,
      octetCount: bytes >>> 0,
      reports: [],
    };
  }

  /** Where another stream of this SSRC has to begin. */
  end(now: number): OutboundStart | undefined {
    const timestamp = this.#clock.at(now);
    if (timestamp === undefined) return undefined;
    return { sequenceNumber: this.#next, timestamp, at: now, pictureId: this.#pictureId };
  }

  stats(): OutboundRtpStats {
    return {
      kind: this.kind,
      mid: this.#mid?.value,
      ssrc: this.ssrc,
      packetsSent: this.#sent.packets,
      bytesSent: this.#sent.bytes,
      headerBytesSent: this.#sent.headerBytes,
      framesSent: this.#sent.frames,
      keyFramesSent: this.#sent.keyFrames,
      retransmittedPacketsSent: this.#sentAgain.packets,
      retransmittedBytesSent: this.#sentAgain.bytes,
      nackCount: this.#nackCount,
      pliCount: this.keyFrames.pliCount,
      firCount: this.keyFrames.firCount,
      remotePacketsLost: this.#remote.packetsLost,
      remoteFractionLost: this.#remote.fractionLost,
      remoteJitterMs: this.#remote.jitterMs,
      roundTripTimeMs: this.#remote.roundTripTimeMs,
      targetBitrate: this.#target?.value,
    };
  }

  stop(now: number): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#host.stopped(this, now);
    this.#retransmitter.enabled = false;
  }

  #retarget(change: (target: TargetBitrate) => void): void {
    if (this.#target === undefined || this.#stopped) return;
    const before = this.#target.value;
    change(this.#target);
    const { value } = this.#target;
    if (value !== before) this.#onTargetBitrate?.(value);
  }

  #sendPayload(payload: Uint8Array, marker: boolean, timestamp: number, now: number): void {
    const sequenceNumber = this.#next;
    this.#next = (sequenceNumber + 1) & 0xffff;
    const bytes = writeRtp({
      marker,
      payloadType: this.#payloadType,
      sequenceNumber,
      timestamp,
      ssrc: this.ssrc,
      extensions: this.#extensions,
      payload,
    });
    this.#count(bytes.length, payload.length);
    this.#lastSecond.add(bytes.length, now);
    this.#retransmitter.onSent(sequenceNumber, bytes, payload.length, now);
    this.#host.output(bytes);
  }

  #count(bytes: number, payloadBytes: number): void {
    this.#sent.packets += 1;
    this.#sent.bytes += payloadBytes;
    this.#sent.headerBytes += bytes - payloadBytes;
  }

  #setMid(mid: MidExtension | undefined): void {
    const value = new TextEncoder().encode(mid?.value);
    const id = mid?.extensionId ?? 1;
    if (!Number.isInteger(id) || id < 1 || id > 14 || value.length > 255) {
      throw new ConicError(
        "invalid_argument",
        "a MID has an extension id of 1 to 14, and 255 bytes",
        {
          details: { extensionId: id, bytes: value.length },
        },
      );
    }
    this.#mid = mid;
    this.#extensions = mid === undefined ? [] : [{ id, data: value }];
  }
}
