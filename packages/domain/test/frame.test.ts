import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Frame } from "../src/index.js";

describe("a frame", () => {
  it("is the same from its text and from its bytes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const bytes = new TextEncoder().encode(text);
        expect(Frame.fromBytes(bytes).text).toBe(text);
        expect(Frame.fromText(text).bytes).toStrictEqual(bytes);
        expect(Frame.fromText(text).byteLength).toBe(bytes.length);
        expect(Frame.fromBytes(bytes).byteLength).toBe(bytes.length);
      }),
    );
  });

  it("keeps the bytes it came in, and makes the other form once", () => {
    const bytes = Uint8Array.of(0x7b, 0x7d);
    expect(Frame.fromBytes(bytes).bytes).toBe(bytes);
    const frame = Frame.fromText("{}");
    expect(frame.bytes).toBe(frame.bytes);
  });

  it("counts bytes, not characters", () => {
    expect(Frame.fromText("é€😀").byteLength).toBe(9);
  });

  it("keeps a byte order mark", () => {
    expect(Frame.fromBytes(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61)).text).toBe("\uFEFFa");
  });

  it("replaces what is not UTF-8 in its text, and keeps its bytes", () => {
    const bytes = Uint8Array.of(0x61, 0xff);
    const frame = Frame.fromBytes(bytes);
    expect(frame.text).toBe("a\uFFFD");
    expect(frame.bytes).toBe(bytes);
  });

  it("replaces a lone surrogate in its bytes", () => {
    expect(Frame.fromText("\uD800").bytes).toStrictEqual(Uint8Array.of(0xef, 0xbf, 0xbd));
  });
});
