import { ConicError } from "@conic/domain";
import { isRtcp } from "../packet/packet.js";
import { parseRtp } from "../packet/parse.js";
import type { RtpReceiver, RtpReceiverConfig } from "../receive/config.js";
import { InboundTrack, type InboundTrackHost } from "../receive/inbound-track.js";
import type { ReportBlock, RtcpPacket, SenderReport } from "../rtcp/packet.js";
import { parseRtcp } from "../rtcp/parse.js";
import { writeRtcp } from "../rtcp/write.js";
import type { RtpSender, RtpSenderConfig } from "../send/config.js";
import { OutboundStream, type OutboundHost, type OutboundStart } from "../send/outbound-stream.js";
import { compoundReports } from "./compound.js";
import { Demultiplexer } from "./demultiplexer.js";
import type { RtpSessionOptions } from "./options.js";
import { ReportSchedule } from "./report-schedule.js";
import { RoundTrip } from "./round-trip.js";
import { takeRtcp } from "./take-rtcp.js";

/** Sequence numbers begin in the lower half: a first packet that is lost is not taken for one of before. */
const firstSequenceMask = 0x7fff;
const maxCnameBytes = 255;
const pictureIdMask = 0x7fff;

/**
 * All RTP streams of one transport (RFC 3550), without input or output of its own: packets and the time go in, packets
 * and chunks come out. All times are ms of one clock that never goes back.
 *
 * `advance` has to be called at `nextTimeout()`, which may change with every other call.
 */
export class RtpSession {
  readonly #options: RtpSessionOptions;
  readonly #roundTrip = new RoundTrip();
  readonly #schedule: ReportSchedule;
  readonly #tracks = new Demultiplexer();
  readonly #senders = new Map<number, OutboundStream>();
  /**
   * Where streams that were stopped ended, by SSRC. SRTP derives its key stream from SSRC and sequence number: another
   * stream of the same SSRC may not use the same numbers. One entry for each SSRC that this side ever used.
   */
  readonly #ends = new Map<number, OutboundStart>();
  readonly #localSsrc: number;
  readonly #outboundHost: OutboundHost;
  readonly #inboundHost: InboundTrackHost;
  #trafficBytes = 0;
  #closed = false;

  /** @throws ConicError `invalid_argument` for a `cname` that is too long. */
  constructor(options: RtpSessionOptions) {
    if (new TextEncoder().encode(options.cname).length > maxCnameBytes) {
      throw new ConicError("invalid_argument", `cname has at most ${maxCnameBytes} bytes of UTF-8`);
    }
    this.#options = options;
    this.#localSsrc = options.randomUint32() >>> 0;
    this.#schedule = new ReportSchedule(options.randomUint32);
    this.#outboundHost = this.#hostOfSenders();
    this.#inboundHost = this.#hostOfReceivers();
  }

  /** @throws ConicError `closed`; `invalid_argument` for an SSRC that another sender has, or a MID that does not fit. */
  addSender(config: RtpSenderConfig): RtpSender {
    this.#checkOpen();
    if (this.#senders.has(config.ssrc)) {
      throw new ConicError(
        "invalid_argument",
        `SSRC ${config.ssrc} is in use: stop that sender first`,
      );
    }
    const { randomUint32 } = this.#options;
    const start = this.#ends.get(config.ssrc) ?? {
      sequenceNumber: randomUint32() & firstSequenceMask,
      timestamp: randomUint32() >>> 0,
      pictureId: randomUint32() & pictureIdMask,
    };
    const sender = new OutboundStream(config, start, this.#outboundHost);
    this.#senders.set(config.ssrc, sender);
    return sender;
  }

  /** @throws ConicError `closed`; `invalid_argument` for limits that cannot be. */
  addReceiver(config: RtpReceiverConfig): RtpReceiver {
    this.#checkOpen();
    const track = new InboundTrack(config, this.#inboundHost);
    this.#tracks.set(track);
    return track;
  }

  /** Takes in one packet, decrypted: any bytes. They belong to the session from now on: chunks may be views of them. */
  receive(packet: Uint8Array, now: number): void {
    if (this.#closed) return;
    if (isRtcp(packet)) {
      takeRtcp(parseRtcp(packet), this.#senders, this.#tracks, this.#roundTrip, now);
      return;
    }
    const rtp = parseRtp(packet);
    const track = rtp && this.#tracks.find(rtp);
    if (rtp === undefined || track === undefined) return;
    this.#trafficBytes += packet.length;
    this.#schedule.start(now);
    track.receive(rtp, packet.length, now);
  }

  /** When `advance` has to be called; undefined when nothing is due. */
  nextTimeout(): number | undefined {
    if (this.#closed) return undefined;
    let next = this.#schedule.dueAt;
    for (const { nextTimeout } of this.#tracks.tracks) {
      if (nextTimeout !== undefined && (next === undefined || nextTimeout < next)) {
        next = nextTimeout;
      }
    }
    return next;
  }

  /** Runs what is due. */
  advance(now: number): void {
    if (this.#closed) return;
    for (const track of this.#tracks.tracks) track.advance(now);
    const { dueAt } = this.#schedule;
    if (dueAt !== undefined && dueAt <= now) this.#report(now);
  }

  /** What the transport knows of the round trip, on a new path: until reports tell it. */
  setRoundTripTime(ms: number | undefined): void {
    this.#roundTrip.reset(ms);
  }

  /** Ends all streams, and tells the remote. Idempotent. */
  close(now: number): void {
    if (this.#closed) return;
    for (const sender of this.#senders.values()) sender.stop(now);
    for (const track of this.#tracks.tracks) track.stop();
    this.#schedule.stop();
    this.#closed = true;
  }

  #checkOpen(): void {
    if (this.#closed) throw new ConicError("closed", "the RTP session is closed");
  }

  get #reporterSsrc(): number {
    const [ssrc] = this.#senders.keys();
    return ssrc ?? this.#localSsrc;
  }

  #report(now: number): void {
    const { cname, wallClock } = this.#options;
    const wallClockMs = wallClock();
    const reports: SenderReport[] = [];
    let hasVideo = false;
    for (const sender of this.#senders.values()) {
      hasVideo ||= sender.kind === "video";
      const report = sender.report(wallClockMs, now);
      if (report !== undefined) reports.push(report);
    }
    const blocks: ReportBlock[] = [];
    for (const track of this.#tracks.tracks) {
      hasVideo ||= track.kind === "video";
      const block = track.reportBlock(now);
      if (block !== undefined) blocks.push(block);
    }
    for (const compound of compoundReports(reports, blocks, this.#reporterSsrc, cname)) {
      this.#schedule.onReportSent(this.#send(compound));
    }
    this.#schedule.next(hasVideo, this.#trafficBytes, now);
  }

  #send(packets: readonly RtcpPacket[]): number {
    const bytes = writeRtcp(packets);
    this.#options.output(bytes);
    return bytes.length;
  }

  #sendFeedback(packet: RtcpPacket): void {
    if (this.#options.reducedSizeRtcp ?? true) this.#send([packet]);
    else for (const head of this.#headed(this.#reporterSsrc, packet)) this.#send(head);
  }

  /** The packet behind a report without content (RFC 4585 section 3.1: compound packets). */
  #headed(ssrc: number, packet: RtcpPacket): RtcpPacket[][] {
    return compoundReports([], [], ssrc, this.#options.cname).map((head) => [...head, packet]);
  }

  #hostOfSenders(): OutboundHost {
    return {
      output: (packet) => {
        this.#trafficBytes += packet.length;
        this.#options.output(packet);
      },
      active: (now) => {
        this.#schedule.start(now);
      },
      stopped: (stream, now) => {
        const end = stream.end(now);
        this.#senders.delete(stream.ssrc);
        if (end === undefined) return;
        this.#ends.set(stream.ssrc, end);
        const bye: RtcpPacket = { type: "bye", ssrcs: [stream.ssrc] };
        for (const compound of this.#headed(stream.ssrc, bye)) this.#send(compound);
      },
    };
  }

  #hostOfReceivers(): InboundTrackHost {
    const roundTrip = this.#roundTrip;
    return {
      get roundTripMs() {
        return roundTrip.ms;
      },
      nack: (mediaSsrc, sequenceNumbers) => {
        this.#sendFeedback({
          type: "nack",
          senderSsrc: this.#reporterSsrc,
          mediaSsrc,
          sequenceNumbers,
        });
      },
      pli: (mediaSsrc) => {
        this.#sendFeedback({ type: "pli", senderSsrc: this.#reporterSsrc, mediaSsrc });
      },
      repairedAfter: (ms) => {
        roundTrip.add(ms);
      },
      updated: (track) => {
        this.#tracks.set(track);
      },
      stopped: (track) => {
        this.#tracks.delete(track);
      },
    };
  }
}
