import * as fc from "fast-check";
import type { ReportBlock, RtcpPacket } from "../../src/index.js";

const uint = (bits: number): fc.Arbitrary<number> => fc.nat({ max: 2 ** bits - 1 });

const reportBlocks: fc.Arbitrary<ReportBlock> = fc.record({
  ssrc: uint(32),
  fractionLost: uint(8),
  packetsLost: fc.integer({ min: -0x80_0000, max: 0x7f_ffff }),
  highestSequence: uint(32),
  jitter: uint(32),
  lastSenderReport: uint(32),
  delaySinceLastSenderReport: uint(32),
});
const reports = fc.array(reportBlocks, { maxLength: 31 });
const sources = { senderSsrc: uint(32), mediaSsrc: uint(32) };

/** In the order of sending, each a little after the one before: what a receiver misses. */
const missing = fc
  .tuple(uint(16), fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 60 }))
  .map(([first, gaps]) => {
    const list = [first];
    for (const gap of gaps) list.push(((list.at(-1) ?? 0) + gap) % 0x1_0000);
    return list;
  });

/** Any packet that comes back from its bytes exactly. */
export const rtcpPackets: fc.Arbitrary<RtcpPacket> = fc.oneof(
  fc.record({
    type: fc.constant("sr" as const),
    ssrc: uint(32),
    ntpSeconds: uint(32),
    ntpFraction: uint(32),
    rtpTimestamp: uint(32),
    packetCount: uint(32),
    octetCount: uint(32),
    reports,
  }),
  fc.record({ type: fc.constant("rr" as const), ssrc: uint(32), reports }),
  fc.record({
    type: fc.constant("sdes" as const),
    chunks: fc.array(
      fc.record({
        ssrc: uint(32),
        cname: fc.option(fc.string({ maxLength: 60, unit: "grapheme" }), { nil: undefined }),
      }),
      { maxLength: 31 },
    ),
  }),
  fc.record({ type: fc.constant("bye" as const), ssrcs: fc.array(uint(32), { maxLength: 31 }) }),
  fc.record({ type: fc.constant("nack" as const), ...sources, sequenceNumbers: missing }),
  fc.record({ type: fc.constant("pli" as const), ...sources }),
  fc.record({
    type: fc.constant("fir" as const),
    senderSsrc: uint(32),
    entries: fc.array(fc.record({ ssrc: uint(32), sequenceNumber: uint(8) }), {
      minLength: 1,
      maxLength: 20,
    }),
  }),
  fc.record({
    type: fc.constant("remb" as const),
    senderSsrc: uint(32),
    bitrate: fc.tuple(uint(18), uint(6)).map(([mantissa, exponent]) => mantissa * 2 ** exponent),
    ssrcs: fc.array(uint(32), { maxLength: 20 }),
  }),
);
