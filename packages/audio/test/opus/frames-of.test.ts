import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { collectAll } from "@conic/internal-testing";
import { framesOf } from "../../src/index.js";
import { joined } from "../support/floats.js";

describe("framesOf", () => {
  it("cuts any blocks into frames of one size, and fills the last one up", async () => {
    const blocks = fc.array(fc.float32Array({ maxLength: 12, noNaN: true }), { maxLength: 12 });
    const property = fc.asyncProperty(
      blocks,
      fc.integer({ min: 1, max: 9 }),
      async (given, size) => {
        const all = joined(given);
        const frames = await collectAll(framesOf(given, size));
        expect(frames.map((frame) => frame.length)).toEqual(
          Array.from({ length: Math.ceil(all.length / size) }, () => size),
        );
        const padded = new Float32Array(frames.length * size);
        padded.set(all);
        expect(joined(frames)).toEqual(padded);
        expect(new Set(frames.map((frame) => frame.buffer)).size).toBe(frames.length);
      },
    );
    await fc.assert(property);
  });

  it("takes asynchronous blocks, and ends them when the loop is left", async () => {
    let ended = false;
    async function* blocks(): AsyncGenerator<Float32Array> {
      try {
        for (;;) yield await Promise.resolve(new Float32Array(5));
      } finally {
        ended = true;
      }
    }
    for await (const frame of framesOf(blocks(), 3)) {
      expect(frame.length).toBe(3);
      break;
    }
    expect(ended).toBe(true);
  });

  it.each([0, -1, 1.5, NaN, Infinity])("refuses frames of %d values", (size) => {
    expect(() => framesOf([], size)).toThrow(expect.objectContaining({ code: "invalid_argument" }));
  });
});
