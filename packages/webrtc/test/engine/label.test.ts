import { describe, expect, it } from "vitest";
import { wireLabel } from "../../src/engine/werift/data/label.js";

describe("labels on the wire", () => {
  it("leave ASCII alone, with and without a protocol", () => {
    expect(wireLabel("chat", "")).toBe("chat");
    expect(wireLabel("chat", "json")).toBe("chat");
    expect(wireLabel("", "json")).toBe("");
  });

  it.each(["日本語", "é", "👩‍👩‍👧", "a\u0000b", "\ud800"])(
    "have as many units as bytes of the label: %j",
    (label) => {
      const wire = wireLabel(label, "");
      const bytes = Buffer.from(label, "utf8");
      expect(wire.length).toBe(bytes.length);
      // What the receiver cuts out is the label.
      expect(Buffer.from(wire, "utf8").subarray(0, wire.length)).toEqual(bytes);
    },
  );

  it("are refused where they would move the protocol field", () => {
    const refused = expect.objectContaining({ code: "unsupported" }) as Error;
    expect(() => wireLabel("日本語", "json")).toThrow(refused);
    expect(() => wireLabel("chat", "プロトコル")).toThrow(refused);
    expect(() => wireLabel("chat", "é")).toThrow(refused);
  });
});
