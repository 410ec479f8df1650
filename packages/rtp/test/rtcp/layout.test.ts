import { describe, expect, it } from "vitest";
import {
  compactNtp,
  ntpTime,
  parseRtcp,
  wallClockMs,
  writeRtcp,
  type ReportBlock,
  type RtcpPacket,
} from "../../src/index.js";
import { hex } from "../support/bytes.js";

const block: ReportBlock = {
  ssrc: 0x11111111,
  fractionLost: 0x80,
  packetsLost: -2,
  highestSequence: 0x00012345,
  jitter: 9,
  lastSenderReport: 0xaabbccdd,
  delaySinceLastSenderReport: 0x10000,
};
const blockHex = "11111111 80fffffe 00012345 00000009 aabbccdd 00010000";

const layouts: readonly (readonly [string, RtcpPacket, string])[] = [
  [
    "sender report, RFC 3550 section 6.4.1",
    {
      type: "sr",
      ssrc: 1,
      ntpSeconds: 0xe0000001,
      ntpFraction: 0x80000000,
      rtpTimestamp: 0xffffffff,
      packetCount: 3,
      octetCount: 4,
      reports: [block],
    },
    "81c8000c 00000001 e0000001 80000000 ffffffff 00000003 00000004" + blockHex,
  ],
  [
    "receiver report, 6.4.2",
    { type: "rr", ssrc: 2, reports: [block] },
    "81c90007 00000002" + blockHex,
  ],
  [
    "source description, 6.5",
    {
      type: "sdes",
      chunks: [
        { ssrc: 1, cname: "ab" },
        { ssrc: 2, cname: "abc" },
        { ssrc: 3, cname: undefined },
      ],
    },
    "83ca0008 00000001 0102616200000000 00000002 0103616263000000 00000003 00000000",
  ],
  ["goodbye, 6.6", { type: "bye", ssrcs: [1, 0xffffffff] }, "82cb0002 00000001 ffffffff"],
  [
    "generic NACK, RFC 4585 section 6.2.1",
    { type: "nack", senderSsrc: 1, mediaSsrc: 2, sequenceNumbers: [0xfff0, 0xfff1, 0, 1, 5] },
    "81cd0004 00000001 00000002 fff08001 00010008",
  ],
  [
    "picture loss indication, 6.3.1",
    { type: "pli", senderSsrc: 1, mediaSsrc: 2 },
    "81ce0002 00000001 00000002",
  ],
  [
    "full intra request, RFC 5104 section 4.3.1",
    { type: "fir", senderSsrc: 1, entries: [{ ssrc: 2, sequenceNumber: 0xab }] },
    "84ce0004 00000001 00000000 00000002 ab000000",
  ],
  [
    "receiver estimated maximum bitrate",
    { type: "remb", senderSsrc: 1, bitrate: 0x3fffe * 2 ** 5, ssrcs: [7, 8] },
    "8fce0006 00000001 00000000 52454d42 0217fffe 00000007 00000008",
  ],
];

describe("the layout of", () => {
  it.each(layouts)("%s", (_name, packet, digits) => {
    expect(writeRtcp([packet])).toEqual(hex(digits));
    expect(parseRtcp(hex(digits))).toEqual([packet]);
  });
});

describe("what does not fit one packet", () => {
  it("goes on in another: report blocks above 31", () => {
    const reports = list(32, (ssrc) => ({ ...block, ssrc }));
    const sr = {
      type: "sr",
      ssrc: 1,
      ntpSeconds: 0,
      ntpFraction: 0,
      rtpTimestamp: 0,
      packetCount: 0,
      octetCount: 0,
    } as const;
    expect(parseRtcp(writeRtcp([{ ...sr, reports }]))).toEqual([
      { ...sr, reports: reports.slice(0, 31) },
      { type: "rr", ssrc: 1, reports: reports.slice(31) },
    ]);
    expect(parseRtcp(writeRtcp([{ ...sr, reports: reports.slice(1) }]))).toHaveLength(1);
    expect(parseRtcp(writeRtcp([{ type: "rr", ssrc: 1, reports }]))).toHaveLength(2);
  });

  it("goes on in another: descriptions and goodbyes above 31", () => {
    const ssrcs = list(63, (ssrc) => ssrc);
    const chunks = ssrcs.map((ssrc) => ({ ssrc, cname: "c" }));
    const parsed = parseRtcp(
      writeRtcp([
        { type: "sdes", chunks },
        { type: "bye", ssrcs },
      ]),
    );
    expect(parsed.map(({ type }) => type)).toEqual(["sdes", "sdes", "sdes", "bye", "bye", "bye"]);
    expect(parsed.flatMap((packet) => (packet.type === "bye" ? packet.ssrcs : []))).toEqual(ssrcs);
  });

  it("is refused: a canonical name above 255 bytes", () => {
    const longest = "é".repeat(127) + "a";
    expect(parseRtcp(described(longest))).toEqual([
      { type: "sdes", chunks: [{ ssrc: 1, cname: longest }] },
    ]);
    expect(() => described("é".repeat(128))).toThrow(
      expect.objectContaining({ code: "invalid_argument" }),
    );
  });

  it("is cut: losses beyond 24 bits", () => {
    expect(lost(0x7fffff)).toBe(0x7fffff);
    expect(lost(0x800000)).toBe(0x7fffff);
    expect(lost(-0x800000)).toBe(-0x800000);
    expect(lost(-0x800001)).toBe(-0x800000);
  });
});

describe("feedback", () => {
  it("about nothing is refused", () => {
    const refusal: unknown = expect.objectContaining({ code: "invalid_argument" });
    const sources = { senderSsrc: 1, mediaSsrc: 2 };
    expect(() => writeRtcp([{ type: "nack", ...sources, sequenceNumbers: [] }])).toThrow(refusal);
    expect(() => writeRtcp([{ type: "fir", senderSsrc: 1, entries: [] }])).toThrow(refusal);
    for (const bitrate of [-1, Number.NaN]) {
      const remb = { type: "remb", senderSsrc: 1, bitrate, ssrcs: [] } as const;
      expect(() => writeRtcp([remb])).toThrow(refusal);
    }
  });

  it("never lists more than 4,096 sequence numbers of one packet", () => {
    const entry = "0000ffff";
    const nack = (entries: number): number | undefined => {
      const words = (2 + entries).toString(16).padStart(4, "0");
      const [packet] = parseRtcp(hex("81cd", words, "00000001", "00000002", entry.repeat(entries)));
      return packet?.type === "nack" ? packet.sequenceNumbers.length : undefined;
    };
    expect(nack(240)).toBe(240 * 17);
    expect(nack(241)).toBe(4096);
    expect(nack(10_000)).toBe(4096);
  });

  it("keeps 18 bits of a bitrate, rounded down", () => {
    expect(kept(262_143)).toBe(262_143);
    expect(kept(262_145)).toBe(262_144);
    expect(kept(2_500_000)).toBe(2_500_000);
    expect(kept(1_234_567.9)).toBe(1_234_560);
    expect(kept(Infinity)).toBe((2 ** 18 - 1) * 2 ** 63);
  });
});

describe("NTP time", () => {
  it("is that of RFC 868: 2,208,988,800 s at the start of 1970", () => {
    expect(ntpTime(0)).toEqual({ seconds: 2_208_988_800, fraction: 0 });
    expect(ntpTime(1500)).toEqual({ seconds: 2_208_988_801, fraction: 2 ** 31 });
  });

  it("goes there and back, also after it went round in 2036", () => {
    for (const iso of [
      "2026-11-21T12:00:00.123Z",
      "2036-02-07T06:28:15.999Z",
      "2036-02-07T06:28:16Z",
      "2090-01-01T00:00:00.5Z",
    ]) {
      const ms = Date.parse(iso);
      const { seconds, fraction } = ntpTime(ms);
      expect(seconds).toBeLessThan(2 ** 32);
      expect(wallClockMs(seconds, fraction)).toBeCloseTo(ms, 3);
    }
  });

  it("is compact as its middle 32 bits", () => {
    expect(compactNtp(0x12345678, 0x9abcdef0)).toBe(0x56789abc);
    expect(compactNtp(0xffffffff, 0xffffffff)).toBe(0xffffffff);
  });
});

function list<T>(length: number, make: (index: number) => T): T[] {
  return Array.from({ length }, (_, index) => make(index));
}

function described(cname: string): Uint8Array {
  return writeRtcp([{ type: "sdes", chunks: [{ ssrc: 1, cname }] }]);
}

/** What is read where this loss was written. */
function lost(packetsLost: number): number | undefined {
  const reports = [{ ...block, packetsLost }];
  const [packet] = parseRtcp(writeRtcp([{ type: "rr", ssrc: 1, reports }]));
  return packet?.type === "rr" ? packet.reports[0]?.packetsLost : undefined;
}

/** What is read where this bitrate was written. */
function kept(bitrate: number): number | undefined {
  const [packet] = parseRtcp(writeRtcp([{ type: "remb", senderSsrc: 1, bitrate, ssrcs: [1] }]));
  return packet?.type === "remb" ? packet.bitrate : undefined;
}
