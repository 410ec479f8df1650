import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isRtcp, parseRtp, writeRtp, type RtpPacketInit } from "../../src/index.js";
import { hex, toHex } from "../support/bytes.js";

const uint = (bits: number): fc.Arbitrary<number> => fc.nat({ max: 2 ** bits - 1 });

function extensions(maxId: number, minLength: number, maxLength: number) {
  return fc.uniqueArray(
    fc.record({
      id: fc.integer({ min: 1, max: maxId }),
      data: fc.uint8Array({ minLength, maxLength }),
    }),
    { maxLength: 6, selector: ({ id }) => id },
  );
}

const packets: fc.Arbitrary<Required<RtpPacketInit>> = fc.record({
  marker: fc.boolean(),
  payloadType: uint(7),
  sequenceNumber: uint(16),
  timestamp: uint(32),
  ssrc: uint(32),
  extensions: fc.oneof(extensions(14, 1, 16), extensions(255, 0, 255)),
  payload: fc.uint8Array({ maxLength: 100 }),
});

const simple = {
  payloadType: 96,
  sequenceNumber: 0x1234,
  timestamp: 0xdecafbad,
  ssrc: 0xcafebabe,
  payload: hex("0102"),
};

describe("an RTP packet", () => {
  it("is parsed as it was written", () => {
    fc.assert(
      fc.property(packets, (packet) => {
        const bytes = writeRtp(packet);
        const parsed = parseRtp(bytes);
        expect(parsed).toEqual({
          ...packet,
          extensions: new Map(packet.extensions.map(({ id, data }) => [id, data])),
          headerBytes: bytes.length - packet.payload.length,
        });
      }),
    );
  });

  it("has the bytes of RFC 3550 section 5.1", () => {
    expect(toHex(writeRtp(simple))).toBe("80601234decafbadcafebabe0102");
    expect(toHex(writeRtp({ ...simple, marker: true }))).toBe("80e01234decafbadcafebabe0102");
  });

  it("is a view of the datagram, wherever that is in memory", () => {
    const memory = new Uint8Array(40);
    memory.set(writeRtp(simple), 13);
    const parsed = parseRtp(memory.subarray(13, 27));
    expect(parsed?.payload).toEqual(hex("0102"));
    expect(parsed?.payload.buffer).toBe(memory.buffer);
  });

  it("skips contributing sources and padding", () => {
    const parsed = parseRtp(
      hex("a2601234decafbadcafebabe", "00000001", "00000002", "aabb", "000003"),
    );
    expect(parsed?.headerBytes).toBe(20);
    expect(parsed?.payload).toEqual(hex("aabb"));
  });

  it("may be padding alone: a probe", () => {
    const parsed = parseRtp(hex("a0601234decafbadcafebabe", "00000004"));
    expect(parsed?.payload).toHaveLength(0);
  });

  it.each([
    ["empty", ""],
    ["11 bytes", "80601234decafbadcafeba"],
    ["version 1", "40601234decafbadcafebabe"],
    ["contributing sources that are not there", "81601234decafbadcafebabe0000"],
    ["an extension header that is not there", "90601234decafbadcafebabebede"],
    ["an extension longer than the packet", "90601234decafbadcafebabebede000200000000"],
    ["padding of 0 bytes", "a0601234decafbadcafebabe00"],
    ["more padding than payload", "a0601234decafbadcafebabe000004"],
    ["padding without a byte of it", "a0601234decafbadcafebabe"],
  ])("is refused: %s", (_name, digits) => {
    expect(parseRtp(hex(digits))).toBeUndefined();
  });

  it("never makes the parser throw, whatever the bytes", () => {
    const noise = fc.tuple(uint(6), fc.uint8Array({ maxLength: 60 })).map(([first, rest]) => {
      return Uint8Array.of(0x80 | first, ...rest);
    });
    fc.assert(
      fc.property(fc.oneof(noise, fc.uint8Array({ maxLength: 60 })), (bytes) => {
        const parsed = parseRtp(bytes);
        const read = parsed === undefined ? 0 : parsed.headerBytes + parsed.payload.length;
        expect(read).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("header extensions", () => {
  const header = "90601234decafbadcafebabe";
  const parse = (digits: string) =>
    Object.fromEntries(
      [...(parseRtp(hex(header, digits))?.extensions ?? [])].map(([id, data]) => [id, toHex(data)]),
    );

  it("are written in the one-byte form where they fit it (RFC 8285 section 4.2)", () => {
    const bytes = writeRtp({ ...simple, extensions: [{ id: 4, data: hex("61") }] });
    expect(bytes.subarray(12, -2)).toEqual(hex("bede0001 40610000"));
  });

  it.each([
    ["an id above 14", { id: 15, data: hex("61") }, "100000010f016100"],
    ["no data", { id: 1, data: hex("") }, "1000000101000000"],
    ["17 bytes of data", { id: 1, data: hex("00".repeat(17)) }, "100000050111" + "00".repeat(18)],
  ])("are written in the two-byte form for %s (section 4.3)", (_name, extension, expected) => {
    const bytes = writeRtp({ ...simple, extensions: [extension] });
    expect(bytes.subarray(12, -2)).toEqual(hex(expected));
  });

  it("that no form can hold are refused", () => {
    for (const extension of [
      { id: 0, data: hex("61") },
      { id: 256, data: hex("61") },
      { id: 1.5, data: hex("61") },
      { id: 1, data: new Uint8Array(256) },
    ]) {
      expect(() => writeRtp({ ...simple, extensions: [extension] })).toThrow(
        expect.objectContaining({ code: "invalid_argument" }),
      );
    }
  });

  it("may have padding between them", () => {
    expect(parse("bede0002 0010610000205500")).toEqual({ 1: "61", 2: "55" });
    expect(parse("10050002 0001016100000200")).toEqual({ 1: "61", 2: "" });
  });

  it("end at id 15, and at id 0 with a length", () => {
    expect(parse("bede0002 1061f01061206200")).toEqual({ 1: "61" });
    expect(parse("bede0002 1061011061206200")).toEqual({ 1: "61" });
  });

  it("that reach over the end are left out", () => {
    expect(parse("bede0001 10612f00")).toEqual({ 1: "61" });
    expect(parse("10000001 01ff0000")).toEqual({});
    expect(parse("10000001 01016102")).toEqual({ 1: "61" });
  });

  it("of a profile that is unknown are skipped", () => {
    expect(parse("beef0001 10610000")).toEqual({});
    expect(parseRtp(hex(header, "beef0001", "10610000", "aa"))?.payload).toEqual(hex("aa"));
  });

  it("are the first of two with the same id", () => {
    expect(parse("bede0001 10611062")).toEqual({ 1: "61" });
  });
});

describe("RTP and RTCP on one transport (RFC 5761 section 4)", () => {
  it.each([
    [191, false],
    [192, true],
    [200, true],
    [206, true],
    [223, true],
    [224, false],
    [96, false],
  ])("are told apart by the second byte: %i", (second, expected) => {
    expect(isRtcp(Uint8Array.of(0x80, second, 0, 0))).toBe(expected);
  });

  it("need version 2 and four bytes", () => {
    expect(isRtcp(Uint8Array.of(0x40, 200, 0, 0))).toBe(false);
    expect(isRtcp(Uint8Array.of(0x80, 200, 0))).toBe(false);
    expect(isRtcp(new Uint8Array(0))).toBe(false);
  });
});
