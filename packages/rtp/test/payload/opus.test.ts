import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { opusPacketDuration } from "../../src/index.js";

const toc = (config: number, code: number): number => (config << 3) | code;

function packet(config: number, code: number, ...rest: readonly number[]): Uint8Array {
  return Uint8Array.of(toc(config, code), ...rest);
}

function zeros(length: number): number[] {
  return Array.from({ length }, () => 0);
}

/** RFC 6716 section 3.1, table 2, in tenths of a ms. */
const configTenths = [
  [100, 200, 400, 600, 100, 200, 400, 600, 100, 200, 400, 600],
  [100, 200, 100, 200],
  [25, 50, 100, 200, 25, 50, 100, 200, 25, 50, 100, 200, 25, 50, 100, 200],
].flat();

describe("the duration of an Opus packet", () => {
  it.each(configTenths.map((tenths, config) => [config, tenths * 4.8] as const))(
    "of one frame with configuration %i is %d samples",
    (config, samples) => {
      expect(opusPacketDuration(packet(config, 0, 1, 2, 3))).toBe(samples);
    },
  );

  it("counts the frames", () => {
    expect(opusPacketDuration(packet(17, 0))).toBe(240);
    expect(opusPacketDuration(packet(17, 1, 1, 2))).toBe(480);
    expect(opusPacketDuration(packet(17, 2, 1, 9, 9, 9))).toBe(480);
    expect(opusPacketDuration(packet(17, 3, 3, 1, 2, 3))).toBe(720);
  });

  it("is 120 ms at most (RFC 6716 section 3.4, R5)", () => {
    expect(opusPacketDuration(packet(16, 3, 48))).toBe(5760);
    expect(opusPacketDuration(packet(16, 3, 49))).toBeUndefined();
    expect(opusPacketDuration(packet(3, 1))).toBe(5760);
    expect(opusPacketDuration(packet(3, 3, 3))).toBeUndefined();
  });

  it.each([
    ["code 1 with an odd rest", packet(0, 1, 1), false],
    ["code 2 without a length", packet(0, 2), false],
    ["code 2 with half a length", packet(0, 2, 252), false],
    ["code 2 with a first frame longer than the packet", packet(0, 2, 3, 1, 1), false],
    ["code 2 with a first frame that is all", packet(0, 2, 2, 1, 1), true],
    ["code 2 with a length of two bytes", packet(0, 2, 252, 1, ...zeros(256)), true],
    ["code 2 with that and a byte less", packet(0, 2, 252, 1, ...zeros(255)), false],
    ["code 3 without a count", packet(0, 3), false],
    ["code 3 with count 0", packet(0, 3, 0), false],
    ["code 3 with frames of unequal length", packet(0, 3, 2, 1, 1, 1), false],
    ["code 3 with lengths", packet(16, 3, 0x83, 1, 2, 7, 8, 8, 9), true],
    ["code 3 with lengths longer than the packet", packet(16, 3, 0x83, 1, 4, 7, 8, 8), false],
    ["code 3 with too few lengths", packet(16, 3, 0x83, 1), false],
    ["code 3 with padding", packet(16, 3, 0x42, 2, 7, 8, 0, 0), true],
    ["code 3 with more padding than bytes", packet(16, 3, 0x41, 3, 0, 0), false],
    ["code 3 with padding whose length is missing", packet(16, 3, 0x41), false],
    ["code 3 with padding of 254 + 1", packet(16, 3, 0x41, 255, 1, 7, ...zeros(255)), true],
    ["code 3 with that and a byte less", packet(16, 3, 0x41, 255, 1, ...zeros(254)), false],
    ["a frame of 1,275 bytes", packet(0, 0, ...zeros(1275)), true],
    ["a frame of 1,276 bytes", packet(0, 0, ...zeros(1276)), false],
    ["two frames of 1,276 bytes", packet(0, 1, ...zeros(2552)), false],
    ["an empty packet", new Uint8Array(0), false],
  ])("%s: %#", (_name, bytes, valid) => {
    expect(opusPacketDuration(bytes) !== undefined).toBe(valid);
  });

  it("never throws, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const samples = opusPacketDuration(bytes);
        if (samples === undefined) return;
        expect(samples % 120).toBe(0);
        expect(samples).toBeGreaterThanOrEqual(120);
        expect(samples).toBeLessThanOrEqual(5760);
      }),
      { numRuns: 2000 },
    );
  });
});
