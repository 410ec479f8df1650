import { isRtcp, type RtpPacket } from "../../src/packet/packet.js";
import { parseRtp } from "../../src/packet/parse.js";
import type { RtcpPacket } from "../../src/rtcp/packet.js";
import { parseRtcp } from "../../src/rtcp/parse.js";
import { writeRtcp } from "../../src/rtcp/write.js";
import { writeRtp } from "../../src/packet/write.js";
import { RtpSession } from "../../src/session/session.js";
import type { RtpSessionOptions } from "../../src/session/options.js";
import { wallClockStartMs } from "./call.js";
import { Random } from "./random.js";

/** One session whose remote is the test. */
export class Solo {
  readonly session: RtpSession;
  readonly rtp: RtpPacket[] = [];
  readonly rtcp: RtcpPacket[] = [];
  /** Each RTCP datagram. */
  readonly compounds: RtcpPacket[][] = [];
  now = 0;

  constructor(seed = 1, change: Partial<RtpSessionOptions> = {}) {
    this.session = new RtpSession({
      cname: "solo@test",
      output: (packet) => {
        this.#take(packet);
      },
      wallClock: () => wallClockStartMs + this.now,
      randomUint32: new Random(seed).uint32,
      ...change,
    });
  }

  of<T extends RtcpPacket["type"]>(type: T): Extract<RtcpPacket, { readonly type: T }>[] {
    return this.rtcp.filter(
      (packet): packet is Extract<RtcpPacket, { readonly type: T }> => packet.type === type,
    );
  }

  receiveRtcp(...packets: readonly RtcpPacket[]): void {
    this.session.receive(writeRtcp(packets), this.now);
  }

  /** Runs the timers on the way to `now`. */
  runTo(now: number): void {
    for (;;) {
      const next = this.session.nextTimeout();
      if (next === undefined || next > now) break;
      this.now = Math.max(this.now, next);
      this.session.advance(this.now);
    }
    this.now = now;
  }

  #take(packet: Uint8Array): void {
    if (isRtcp(packet)) {
      const packets = parseRtcp(packet);
      this.compounds.push(packets);
      this.rtcp.push(...packets);
      return;
    }
    const rtp = parseRtp(packet);
    if (rtp === undefined) throw new Error("the session sent what is neither RTP nor RTCP");
    this.rtp.push(rtp);
  }
}

export interface Vp8PacketInit {
  readonly sequenceNumber: number;
  readonly timestamp: number;
  readonly ssrc?: number;
  readonly payloadType?: number;
  readonly marker?: boolean;
  /** Default: start and marker in one, a frame of one packet. */
  readonly start?: boolean;
  readonly key?: boolean;
  readonly pictureId?: number | undefined;
  /** TL0PICIDX, TID and Y. */
  readonly layer?: { readonly tl0: number; readonly tid: number; readonly sync?: boolean };
  readonly body?: readonly number[];
}

/** A packet of VP8 whose descriptor says what the test wants (RFC 7741 section 4.2). */
export function vp8Packet(init: Vp8PacketInit): Uint8Array {
  const { start = true, key = false, pictureId, layer, body = [7, 7, 7] } = init;
  const fields = (pictureId === undefined ? 0 : 0x80) | (layer === undefined ? 0 : 0x60);
  const payload = [(fields === 0 ? 0 : 0x80) | (start ? 0x10 : 0)];
  if (fields !== 0) payload.push(fields);
  if (pictureId !== undefined) payload.push(0x80 | (pictureId >> 8), pictureId & 0xff);
  if (layer !== undefined) {
    payload.push(layer.tl0, (layer.tid << 6) | (layer.sync === true ? 0x20 : 0));
  }
  payload.push(key ? 0 : 1, ...body);
  return writeRtp({
    marker: init.marker ?? true,
    payloadType: init.payloadType ?? 96,
    sequenceNumber: init.sequenceNumber & 0xffff,
    timestamp: init.timestamp >>> 0,
    ssrc: init.ssrc ?? 0x51de0,
    payload: Uint8Array.from(payload),
  });
}

/** An Opus packet of 20 ms that says its number. */
export function opusPacket(
  sequenceNumber: number,
  timestamp: number,
  change: { readonly ssrc?: number; readonly payload?: readonly number[] } = {},
): Uint8Array {
  const payload = change.payload ?? [0xf8, (sequenceNumber >> 8) & 0xff, sequenceNumber & 0xff];
  return writeRtp({
    payloadType: 111,
    sequenceNumber: sequenceNumber & 0xffff,
    timestamp: timestamp >>> 0,
    ssrc: change.ssrc ?? 0xa0d10,
    payload: Uint8Array.from(payload),
  });
}
