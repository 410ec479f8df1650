import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { textBytes } from "../../src/channel/text-bytes.js";

describe("bytes of a text", () => {
  it("are those that it has in UTF-8, short or long, with halves of characters too", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 64 }),
        fc.integer({ min: 1, max: 40 }),
        (text, times) => {
          const long = text.repeat(times);
          expect(textBytes(long)).toBe(Buffer.byteLength(long));
          const half = long.slice(1);
          expect(textBytes(half)).toBe(Buffer.byteLength(half));
        },
      ),
    );
  });

  it("of a half character are those of its replacement", () => {
    expect(textBytes("\ud83d")).toBe(3);
    expect(textBytes("\ude00\ud83d")).toBe(6);
    expect(textBytes("\ud83d\ude00")).toBe(4);
  });
});
