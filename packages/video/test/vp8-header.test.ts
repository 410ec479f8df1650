import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseVp8Header } from "../src/index.js";
import { vp8Frame } from "./support/files.js";

describe("the header of a VP8 frame", () => {
  it("says the size of a key frame, without the hint for scaling", () => {
    const data = vp8Frame("key", 40, [640 | 0x4000, 480 | 0x8000]);
    expect(parseVp8Header(data)).toEqual({
      keyFrame: true,
      version: 0,
      showFrame: true,
      firstPartitionBytes: 0,
      width: 640,
      height: 480,
    });
  });

  it("says of a delta frame what there is", () => {
    const tag = 1 | (2 << 1) | (5 << 5);
    expect(parseVp8Header(Uint8Array.of(tag, 0, 0, 1, 2, 3, 4, 5))).toEqual({
      keyFrame: false,
      version: 2,
      showFrame: false,
      firstPartitionBytes: 5,
    });
  });

  it.each([
    ["nothing", new Uint8Array(0)],
    ["two bytes", Uint8Array.of(0x11, 0)],
    ["a key frame of nine bytes", vp8Frame("key").subarray(0, 9)],
    ["a wrong start code", vp8Frame("key").with(4, 2)],
    ["version 4", Uint8Array.of(0x11 | (4 << 1), 0, 0)],
    ["a first partition beyond the end", Uint8Array.of(1 | (5 << 5), 0, 0, 1, 2, 3, 4)],
    ["a width of 0", vp8Frame("key", 40, [0x4000, 48])],
    ["a height of 0", vp8Frame("key", 40, [64, 0])],
  ])("is not there in %s", (_, data) => {
    expect(parseVp8Header(data)).toBeUndefined();
  });

  it("is looked for in any bytes without an error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (data) => {
        const even = (data[0] ?? 0) % 2 === 0;
        expect([even, undefined]).toContain(parseVp8Header(data)?.keyFrame);
      }),
      { numRuns: 2_000 },
    );
  });
});
