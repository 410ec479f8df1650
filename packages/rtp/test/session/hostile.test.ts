import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RtcpPacket } from "../../src/rtcp/packet.js";
import { writeRtcp } from "../../src/rtcp/write.js";
import { writeRtp } from "../../src/packet/write.js";
import {
  Call,
  audioSender,
  receiverOf,
  sendVideo,
  videoChunk,
  videoSender,
  type Received,
} from "../link/call.js";
import { Random } from "../link/random.js";
import { Solo, vp8Packet } from "../link/solo.js";

const uint = (bits: number): fc.Arbitrary<number> => fc.integer({ min: 0, max: 2 ** bits - 1 });
/** Ours, the remote's, or any. */
const ssrcs = fc.oneof(fc.constantFrom(audioSender.ssrc, videoSender.ssrc, 1), uint(32));

const rtpPackets = fc
  .record({
    marker: fc.boolean(),
    payloadType: fc.constantFrom(96, 111, 5),
    sequenceNumber: fc.oneof(fc.integer({ min: 0, max: 40 }), uint(16)),
    timestamp: fc.oneof(fc.constantFrom(0, 3_000, 6_000), uint(32)),
    ssrc: ssrcs,
    payload: fc.uint8Array({ maxLength: 40 }),
  })
  .map((init) => writeRtp(init));

const blocks = fc.array(
  fc.record({
    ssrc: ssrcs,
    fractionLost: uint(8),
    packetsLost: fc.integer({ min: -(2 ** 23), max: 2 ** 23 - 1 }),
    highestSequence: uint(32),
    jitter: uint(32),
    lastSenderReport: uint(32),
    delaySinceLastSenderReport: uint(32),
  }),
  { maxLength: 31 },
);

const rtcpPackets: fc.Arbitrary<RtcpPacket> = fc.oneof(
  fc.record({
    type: fc.constant("sr" as const),
    ssrc: ssrcs,
    ntpSeconds: uint(32),
    ntpFraction: uint(32),
    rtpTimestamp: uint(32),
    packetCount: uint(32),
    octetCount: uint(32),
    reports: blocks,
  }),
  fc.record({ type: fc.constant("rr" as const), ssrc: ssrcs, reports: blocks }),
  fc.record({ type: fc.constant("bye" as const), ssrcs: fc.array(ssrcs, { maxLength: 31 }) }),
  fc.record({
    type: fc.constant("nack" as const),
    senderSsrc: ssrcs,
    mediaSsrc: ssrcs,
    sequenceNumbers: fc.array(uint(16), { minLength: 1, maxLength: 300 }),
  }),
  fc.record({ type: fc.constant("pli" as const), senderSsrc: ssrcs, mediaSsrc: ssrcs }),
  fc.record({
    type: fc.constant("fir" as const),
    senderSsrc: ssrcs,
    entries: fc.array(fc.record({ ssrc: ssrcs, sequenceNumber: uint(8) }), {
      minLength: 1,
      maxLength: 20,
    }),
  }),
  fc.record({
    type: fc.constant("remb" as const),
    senderSsrc: ssrcs,
    bitrate: fc.integer({ min: 0, max: 2 ** 40 }),
    ssrcs: fc.array(ssrcs, { maxLength: 20 }),
  }),
);

/** Bytes in use after a collection. */
function held(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc()");
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** A session that sends and receives, in the middle of it. */
function busy(): { readonly solo: Solo; readonly received: readonly Received[] } {
  const solo = new Solo();
  const random = new Random(1);
  const sender = solo.session.addSender({ ...videoSender, ssrc: 1 });
  for (let index = 0; index < 20; index += 1) {
    sender.send(videoChunk(random, index, "delta", 2_000), index);
  }
  const received = [
    receiverOf(solo.session, { ...audioSender, nack: true }),
    receiverOf(solo.session, videoSender),
  ];
  for (let n = 0; n < 5; n += 1) {
    solo.session.receive(vp8Packet({ sequenceNumber: n, timestamp: 3_000 * n, key: n === 0 }), n);
  }
  return { solo, received };
}

describe("a session", () => {
  it("survives any bytes", () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      // What passes for RTP or RTCP at first sight.
      fc.uint8Array({ minLength: 12, maxLength: 200 }).map((random) => {
        const packet = random.slice();
        packet[0] = ((packet[0] ?? 0) & 0x3f) | 0x80;
        return packet;
      }),
      fc
        .tuple(fc.integer({ min: 192, max: 223 }), fc.uint8Array({ minLength: 4, maxLength: 200 }))
        .map(([type, random]) => {
          const packet = random.slice();
          packet[0] = ((packet[0] ?? 0) & 0x3f) | 0x80;
          packet[1] = type;
          return packet;
        }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(bytes, fc.nat(500)), { maxLength: 60 }), (packets) => {
        const { solo } = busy();
        for (const [packet, ms] of packets) {
          solo.session.receive(packet, solo.now);
          solo.runTo(solo.now + ms);
        }
      }),
      { numRuns: 100 },
    );
  });

  it("survives any RTP and RTCP, and counts right all the same", () => {
    const packets = fc.oneof(
      { weight: 3, arbitrary: rtpPackets },
      { weight: 1, arbitrary: rtcpPackets.map((packet) => writeRtcp([packet])) },
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(packets, fc.nat(200)), { maxLength: 100 }), (all) => {
        const { solo, received } = busy();
        for (const [packet, ms] of all) {
          solo.session.receive(packet, solo.now);
          solo.runTo(solo.now + ms);
        }
        solo.runTo(solo.now + 5_000);
        for (const { receiver, chunks } of received) {
          const stats = receiver.stats();
          expect(stats.framesReceived).toBe(chunks.length);
          expect(stats.framesDropped).toBe(
            chunks.reduce((sum, { lostBefore }) => sum + lostBefore, 0),
          );
          for (const value of Object.values(stats)) {
            if (typeof value === "number" && !(value >= 0)) throw new Error("a negative count");
          }
          for (const { timestamp, data } of chunks) {
            if (!Number.isSafeInteger(timestamp) || data.length === 0) throw new Error("no chunk");
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it("does not answer NACKs with more than it sent, whatever their rate", () => {
    const call = new Call({ seed: 3 });
    sendVideo(call, 300);
    let asked = 0;
    const all = Array.from({ length: 65_536 }, (_, number) => number);
    const nacks = Array.from({ length: 8 }, (_, part): RtcpPacket => {
      const sequenceNumbers = all.slice(part * 8_192, (part + 1) * 8_192);
      return { type: "nack", senderSsrc: 5, mediaSsrc: videoSender.ssrc, sequenceNumbers };
    }).map((packet) => writeRtcp([packet]));
    let [media, again] = [0, 0];
    const seen = new Set<string>();
    call.link.change("a", {
      drop: (packet) => {
        const number = `${packet[2] ?? 0} ${packet[3] ?? 0}`;
        if (seen.has(number)) again += packet.length;
        else media += packet.length;
        seen.add(number);
        return true;
      },
    });
    for (let at = 0; at < 10_000; at += 500) {
      call.link.at(at, (now) => {
        for (const nack of nacks) call.sessions.a.receive(nack, now);
        asked += nacks.length;
      });
    }
    call.link.runFor(11_000);
    expect(asked).toBe(160);
    expect(again).toBeGreaterThan(0);
    expect(again).toBeLessThanOrEqual(media);
  });

  it("does not grow with SSRCs, gaps and runs that an attacker makes up", () => {
    const solo = new Solo();
    const { receiver, chunks } = receiverOf(solo.session, videoSender);
    const random = new Random(6);
    const attack = (packets: number): void => {
      for (let index = 0; index < packets; index += 1) {
        const ssrc = random.chance(0.3) ? random.uint32() : videoSender.ssrc;
        const sequenceNumber = random.chance(0.5) ? index * 900 : random.uint32();
        const body = [...random.bytes(20)];
        const init = { ssrc, sequenceNumber, timestamp: random.uint32(), body };
        solo.session.receive(vp8Packet({ ...init, start: random.chance(0.5) }), solo.now);
        solo.runTo(solo.now + random.below(3));
        solo.rtcp.length = 0;
        solo.compounds.length = 0;
        chunks.length = 0;
      }
    };
    attack(5_000);
    const before = held();
    attack(15_000);
    expect(held() - before).toBeLessThan(8 * 1_048_576);
    expect(receiver.stats().framesReceived).toBeLessThan(20_000);
  });
});
