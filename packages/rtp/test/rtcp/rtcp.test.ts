import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRtcp, writeRtcp, type RtcpPacket } from "../../src/index.js";
import { rtcpPackets } from "../support/rtcp.js";
import { hex, toHex } from "../support/bytes.js";

describe("an RTCP compound", () => {
  it("is parsed as it was written", () => {
    fc.assert(
      fc.property(fc.array(rtcpPackets, { maxLength: 6 }), (packets) => {
        const bytes = writeRtcp(packets);
        expect(bytes.length % 4).toBe(0);
        expect(parseRtcp(bytes)).toEqual(packets);
      }),
      { numRuns: 500 },
    );
  });

  it("never makes the parser throw, whatever the bytes", () => {
    const types = fc.constantFrom(200, 201, 202, 203, 204, 205, 206, 207);
    const noise = fc
      .tuple(fc.nat({ max: 63 }), types, fc.nat({ max: 16 }), fc.uint8Array({ maxLength: 80 }))
      .map(([first, type, words, rest]) => Uint8Array.of(0x80 | first, type, 0, words, ...rest));
    fc.assert(
      fc.property(fc.oneof(noise, fc.uint8Array({ maxLength: 80 })), (bytes) => {
        for (const packet of parseRtcp(bytes)) {
          // What was understood can be written, and is understood as the same again.
          expect(parseRtcp(writeRtcp([packet])).map(sorted)).toEqual([sorted(packet)]);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it("cut anywhere gives the packets before the cut", () => {
    const packets: RtcpPacket[] = [
      { type: "rr", ssrc: 1, reports: [] },
      { type: "bye", ssrcs: [1] },
      { type: "pli", senderSsrc: 1, mediaSsrc: 2 },
    ];
    const bytes = writeRtcp(packets);
    const ends = [8, 16, 28];
    for (let length = 0; length <= bytes.length; length += 1) {
      const whole = ends.filter((end) => end <= length).length;
      expect(parseRtcp(bytes.subarray(0, length))).toEqual(packets.slice(0, whole));
    }
  });

  it("goes on after a packet that is unknown, or whose content is broken", () => {
    const pli = toHex(writeRtcp([{ type: "pli", senderSsrc: 1, mediaSsrc: 2 }]));
    const expected = [{ type: "pli", senderSsrc: 1, mediaSsrc: 2 }];
    for (const odd of [
      "80cc000100000000", // APP
      "81c8000100000001", // sender report without its content
      "81c9000100000001", // receiver report without its block
      "81ca000100000001", // description without the end of its items
      "81ca00020000000101ff6161", // an item longer than the packet
      "82cb000100000001", // fewer sources than counted
      "81cd0002 00000001 00000001", // NACK of nothing
      "81cd000100000001", // feedback without sources
      "8fcd0002 00000001 00000001", // transport-wide feedback
      "84ce0002 00000001 00000001", // FIR of nobody
      "8fce0002 00000001 00000001", // application feedback without a name
      "8fce0004 00000001 00000001 52454d4301000000", // another name than REMB
      "8fce0004 00000001 00000001 52454d4201000000", // REMB without its source
    ]) {
      expect(parseRtcp(hex(odd, pli))).toEqual(expected);
    }
  });

  it("ends at a header of another version, or a length beyond the end", () => {
    const bye = "81cb000100000001";
    expect(parseRtcp(hex(bye, "41cb000100000001", bye))).toHaveLength(1);
    expect(parseRtcp(hex(bye, "81cb000200000001"))).toHaveLength(1);
  });

  it("may be padded at the end (RFC 3550 section 6.4.1)", () => {
    expect(parseRtcp(hex("a1cb0002", "00000001", "00000004"))).toEqual([
      { type: "bye", ssrcs: [1] },
    ]);
    expect(parseRtcp(hex("a1cb0002", "00000001", "00000009"))).toEqual([]);
    expect(parseRtcp(hex("a1cb0002", "00000001", "00000000"))).toEqual([]);
    expect(parseRtcp(hex("a0cb0000"))).toEqual([]);
  });

  it("of a view is read from where the view begins", () => {
    const memory = new Uint8Array(32);
    memory.set(writeRtcp([{ type: "bye", ssrcs: [9] }]), 5);
    expect(parseRtcp(memory.subarray(5, 13))).toEqual([{ type: "bye", ssrcs: [9] }]);
  });
});

/** A NACK may come in any order, and twice the same: what it asks for is a set. */
function sorted(packet: RtcpPacket): RtcpPacket {
  if (packet.type !== "nack") return packet;
  const sequenceNumbers = [...new Set(packet.sequenceNumbers)].toSorted((a, b) => a - b);
  return { ...packet, sequenceNumbers };
}
