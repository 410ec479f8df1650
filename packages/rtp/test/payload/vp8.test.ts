import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packetizeVp8, parseVp8, type Vp8Payload } from "../../src/index.js";
import { hex, toHex } from "../support/bytes.js";

interface Fields {
  readonly pictureId?: { readonly bits: 7 | 15; readonly value: number } | undefined;
  readonly tl0PicIdx?: number | undefined;
  readonly layer?: { readonly temporal: number; readonly sync: boolean } | undefined;
  readonly keyIndex?: number | undefined;
  readonly start: boolean;
  readonly partition: number;
  readonly nonReference: boolean;
  readonly extended: boolean;
}

function bits(set: boolean, bit: number): number {
  return set ? bit : 0;
}

/** A descriptor written out from the pictures of RFC 7741 section 4.2, apart from the parser. */
function descriptor(fields: Fields): Uint8Array {
  const { pictureId, tl0PicIdx, layer, keyIndex } = fields;
  const bytes = [
    bits(fields.extended, 0x80) |
      bits(fields.nonReference, 0x20) |
      bits(fields.start, 0x10) |
      fields.partition,
  ];
  if (!fields.extended) return Uint8Array.from(bytes);
  bytes.push(
    bits(pictureId !== undefined, 0x80) |
      bits(tl0PicIdx !== undefined, 0x40) |
      bits(layer !== undefined, 0x20) |
      bits(keyIndex !== undefined, 0x10),
  );
  if (pictureId?.bits === 7) bytes.push(pictureId.value & 0x7f);
  if (pictureId?.bits === 15) bytes.push(0x80 | (pictureId.value >> 8), pictureId.value & 0xff);
  if (tl0PicIdx !== undefined) bytes.push(tl0PicIdx);
  if (layer !== undefined || keyIndex !== undefined) {
    const temporal = layer === undefined ? 0 : (layer.temporal << 6) | bits(layer.sync, 0x20);
    bytes.push(temporal | (keyIndex ?? 0));
  }
  return Uint8Array.from(bytes);
}

const option = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(of, { nil: undefined });

const anyFields: fc.Arbitrary<Fields> = fc.record({
  pictureId: option(
    fc.oneof(
      fc.record({ bits: fc.constant(7 as const), value: fc.nat({ max: 0x7f }) }),
      fc.record({ bits: fc.constant(15 as const), value: fc.nat({ max: 0x7fff }) }),
    ),
  ),
  tl0PicIdx: option(fc.nat({ max: 255 })),
  layer: option(fc.record({ temporal: fc.nat({ max: 3 }), sync: fc.boolean() })),
  keyIndex: option(fc.nat({ max: 31 })),
  start: fc.boolean(),
  partition: fc.nat({ max: 7 }),
  nonReference: fc.boolean(),
  extended: fc.boolean(),
});

function expected(fields: Fields, first: number): Omit<Vp8Payload, "headerBytes"> {
  const { pictureId, tl0PicIdx, layer, keyIndex } = fields.extended ? fields : {};
  const start = fields.start && fields.partition === 0;
  return {
    start,
    keyFrame: start ? (first & 1) === 0 : undefined,
    partitionStart: fields.start,
    partition: fields.partition,
    nonReference: fields.nonReference,
    pictureId: pictureId?.value,
    pictureIdBits: pictureId?.bits ?? 0,
    tl0PicIdx,
    temporalLayer: layer?.temporal,
    layerSync: layer?.sync,
    keyIndex,
  };
}

describe("a VP8 payload descriptor", () => {
  it("is read in all its 32 shapes", () => {
    fc.assert(
      fc.property(anyFields, fc.uint8Array({ minLength: 1, maxLength: 5 }), (fields, frame) => {
        const head = descriptor(fields);
        expect(parseVp8(Uint8Array.of(...head, ...frame))).toEqual({
          headerBytes: head.length,
          ...expected(fields, frame[0] as number),
        });
      }),
      { numRuns: 1000 },
    );
  });

  it("that is cut anywhere, or followed by nothing, is refused", () => {
    fc.assert(
      fc.property(anyFields, (fields) => {
        const head = descriptor(fields);
        for (let length = 0; length <= head.length; length += 1) {
          expect(parseVp8(head.subarray(0, length))).toBeUndefined();
        }
      }),
    );
  });

  it("never makes the parser throw, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
        const headerBytes = parseVp8(bytes)?.headerBytes ?? -1;
        expect(headerBytes).toBeLessThan(bytes.length);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ["without extension (RFC 7741 section 4.2)", "10 9d012a", 1, undefined],
    ["of Chromium: X, I, 15 bits", "9080 8123 9d", 4, 0x123],
    ["with a picture id of 7 bits", "908011 9d", 3, 0x11],
    ["with all of I, L, T and K", "90f0 ffff 07 e5 00", 6, 0x7fff],
  ])("%s", (_name, digits, headerBytes, pictureId) => {
    expect(parseVp8(hex(digits))).toMatchObject({ headerBytes, pictureId, start: true });
  });
});

describe("packets of a VP8 frame", () => {
  const frames = fc.uint8Array({ minLength: 1, maxLength: 400 });

  it("hold the frame, in order, each within the limit", () => {
    const limits = fc.integer({ min: 5, max: 200 });
    fc.assert(
      fc.property(frames, limits, fc.nat({ max: 0xffff }), (frame, maxPayloadBytes, pictureId) => {
        const payloads = packetizeVp8(frame, { maxPayloadBytes, pictureId });
        const parts = payloads.map((payload, index) => {
          expect(payload.length).toBeLessThanOrEqual(maxPayloadBytes);
          const parsed = parseVp8(payload);
          expect(parsed).toMatchObject({ start: index === 0, pictureId: pictureId & 0x7fff });
          return payload.subarray(parsed?.headerBytes);
        });
        expect(toHex(Buffer.concat(parts))).toBe(toHex(frame));
        expect(payloads).toHaveLength(Math.ceil(frame.length / (maxPayloadBytes - 4)));
      }),
    );
  });

  it("differ in length by a byte at most", () => {
    const payloads = packetizeVp8(new Uint8Array(1201), { maxPayloadBytes: 1004, pictureId: 0 });
    expect(payloads.map(({ length }) => length)).toEqual([604, 605]);
  });

  it("are one where the frame just fits, two for a byte more", () => {
    expect(packetCount(1176)).toBe(1);
    expect(packetCount(1177)).toBe(2);
  });

  it("say whether the frame is a key frame", () => {
    expect(isKeyFrame(0x10)).toBe(true);
    expect(isKeyFrame(0x11)).toBe(false);
  });

  it("are not made of nothing, nor without room", () => {
    const refusal: unknown = expect.objectContaining({ code: "invalid_argument" });
    const one = new Uint8Array(1);
    expect(() => packetizeVp8(new Uint8Array(0), { maxPayloadBytes: 100, pictureId: 0 })).toThrow(
      refusal,
    );
    expect(() => packetizeVp8(one, { maxPayloadBytes: 4, pictureId: 0 })).toThrow(refusal);
    expect(() => packetizeVp8(one, { maxPayloadBytes: Number.NaN, pictureId: 0 })).toThrow(refusal);
    expect(packetizeVp8(one, { maxPayloadBytes: 5, pictureId: 0 })).toHaveLength(1);
  });
});

/** Packets of a frame of so many bytes, with 1,180 for each payload. */
function packetCount(frameBytes: number): number {
  const options = { maxPayloadBytes: 1180, pictureId: 0 };
  return packetizeVp8(new Uint8Array(frameBytes), options).length;
}

/** What the first packet says of a frame that begins with this byte. */
function isKeyFrame(first: number): boolean | undefined {
  const options = { maxPayloadBytes: 100, pictureId: 1 };
  const [payload] = packetizeVp8(Uint8Array.of(first, 0), options);
  return payload && parseVp8(payload)?.keyFrame;
}
