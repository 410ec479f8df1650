import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  canonicalAddress,
  decodeXorAddress,
  encodeXorAddress,
} from "../../../src/engine/werift/ice/stun/address.js";
import { decodeStun, encodeStun, isStun } from "../../../src/engine/werift/ice/stun/message.js";

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(/\s/g, ""), "hex");
}

const header = "2112a442 b7e7a701bc34d686fa87dfae";
/** RFC 5769 section 2.1 to 2.3. */
const password = "VOkJxbRl1RmTxUk/WvJxBt";
const request = hex(`0001 0058 ${header}
  80220010 5354554e207465737420636c69656e74
  00240004 6e0001ff 80290008 932ff9b151263b36 00060009 6576746a3a6836765920 2020
  00080014 9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2 80280004 e57a3bcf`);
const ipv4Response = hex(`0101 003c ${header}
  8022000b 7465737420766563746f7220 00200008 0001a147e112a643
  00080014 2b91f599fd9e90c38c7489f92af9ba53f06be7d7 80280004 c07d4c96`);
const ipv6Response = hex(`0101 0048 ${header}
  8022000b 7465737420766563746f7220 00200014 0002a1470113a9faa5d3f179bc25f4b5bed2b9d9
  00080014 a382954e4be67bf11784c97c8292c275bfe3ed41 80280004 c8fb0b4c`);

describe("STUN messages", () => {
  it("are read as the samples of RFC 5769 are", () => {
    const asked = decodeStun(request);
    expect(asked).toMatchObject({
      class: "request",
      username: "evtj:h6vY",
      priority: 0x6e0001ff,
      role: { controlling: false, tieBreaker: 0x932ff9b151263b36n },
    });
    expect(asked?.unknown).toBeUndefined();
    expect(asked?.isBy(password)).toBe(true);
    expect(asked?.isBy("another")).toBe(false);
    const mapped = {
      "192.0.2.1": ipv4Response,
      "2001:db8:1234:5678:11:2233:4455:6677": ipv6Response,
    };
    for (const [address, bytes] of Object.entries(mapped)) {
      const answered = decodeStun(bytes);
      expect(answered).toMatchObject({
        class: "success",
        mappedAddress: { address, port: 32_853 },
      });
      expect(answered?.isBy(password)).toBe(true);
    }
  });

  it("come back as they were written, and only with the password that they were written with", () => {
    fc.assert(
      fc.property(
        fc.record({
          class: fc.constantFrom("request", "success", "error", "indication"),
          transactionId: fc
            .uint8Array({ minLength: 12, maxLength: 12 })
            .map((id) => Buffer.from(id)),
          username: fc.string({ maxLength: 100 }),
          priority: fc.nat(2 ** 31 - 1),
          role: fc.record({ controlling: fc.boolean(), tieBreaker: fc.bigInt(0n, 2n ** 64n - 1n) }),
          mappedAddress: fc.record({
            address: fc.oneof(
              fc.ipV4(),
              fc.ipV6().map((ip) => canonicalAddress(ip) ?? "::"),
            ),
            port: fc.nat(65_535),
          }),
          errorCode: fc.integer({ min: 300, max: 699 }),
        }),
        fc.string({ minLength: 1 }),
        (message, key) => {
          const bytes = encodeStun(message, key);
          expect(isStun(bytes)).toBe(true);
          const { isBy, ...read } = decodeStun(bytes) ?? {};
          expect(read).toEqual(message);
          expect(isBy?.(key)).toBe(true);
          expect(isBy?.(`${key}x`)).toBe(false);
          expect(decodeStun(encodeStun(message))?.isBy(key)).toBe(false);
        },
      ),
    );
  });

  it("that were changed on the way are not read, or not believed", () => {
    // The fingerprint, which comes last, protects nothing but itself.
    const covered = request.length - 8;
    fc.assert(
      fc.property(fc.nat(covered - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const bytes = Buffer.from(request);
        bytes.writeUInt8((bytes[at] ?? 0) ^ change, at);
        expect(decodeStun(bytes)?.isBy(password) ?? false).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it("that are anything at all are no exception", () => {
    const body = fc.uint8Array({ maxLength: 200 });
    fc.assert(
      fc.property(body, fc.nat(0x3fff), fc.boolean(), (attributes, type, isLengthRight) => {
        const bytes = Buffer.concat([hex(`0000 0000 ${header}`), attributes]);
        bytes.writeUInt16BE(type, 0);
        bytes.writeUInt16BE(isLengthRight ? attributes.length : type, 2);
        decodeStun(bytes)?.isBy(password);
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    ["an attribute longer than the message", "00060064 61626364"],
    ["an attribute without its length", "0006"],
    ["a priority of two bytes", "00240002 00010000"],
    ["a tie-breaker of four bytes", "80290004 00000001"],
    ["two roles", "80290008 0000000000000001 802a0008 0000000000000001"],
    ["an address of no family", "00200008 0003a147e112a643"],
    ["an integrity of four bytes", "00080004 00000000"],
    ["a wrong fingerprint", "80280004 00000000"],
    ["a name of 600 bytes", `00060258 ${"61".repeat(600)}`],
  ])("with %s are not read", (_, attributes) => {
    const body = hex(attributes);
    const bytes = Buffer.concat([hex(`0001 0000 ${header}`), body]);
    bytes.writeUInt16BE(body.length, 2);
    expect(decodeStun(bytes)).toBeUndefined();
  });

  it("count nothing that follows their integrity", () => {
    const signed = encodeStun({ class: "request", transactionId: Buffer.alloc(12) }, password);
    const withoutFingerprint = signed.subarray(0, -8);
    const bytes = Buffer.concat([withoutFingerprint, hex("00250000")]);
    bytes.writeUInt16BE(bytes.length - 20, 2);
    const read = decodeStun(bytes);
    expect(read?.isBy(password)).toBe(true);
    expect(read?.useCandidate).toBeUndefined();
  });

  it("name what they hold that has to be understood and is not", () => {
    const bytes = Buffer.concat([
      hex(`0001 0010 ${header}`),
      hex("7abc0001 00000000 c0010004 00000000"),
    ]);
    expect(decodeStun(bytes)?.unknown).toEqual([0x7abc]);
  });
});

describe("addresses", () => {
  it.each([
    ["2001:DB8::0001", "2001:db8::1"],
    ["fe80::1%eth0", "fe80::1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["192.0.2.1", "192.0.2.1"],
    ["example.org", undefined],
    ["", undefined],
  ])("%s has one spelling", (address, canonical) => {
    expect(canonicalAddress(address)).toBe(canonical);
  });

  it("are hidden from translators on the way, and come back", () => {
    const id = Buffer.from("b7e7a701bc34d686fa87dfae", "hex");
    for (const address of ["192.0.2.1", "::", "::1", "2001:db8::", "1:2:3:4:5:6:7:8"]) {
      const of = { address, port: 40_000 };
      expect(decodeXorAddress(encodeXorAddress(of, id), id)).toEqual(of);
    }
  });
});
