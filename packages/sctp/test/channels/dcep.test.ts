import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeAck, encodeOpen, maxNameBytes, parseDcep } from "../../src/channels/dcep.js";
import { channelSettings } from "../../src/channels/settings.js";
import type { ChannelInit, ChannelSettings } from "../../src/channels/types.js";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const encoded = (init: ChannelInit): Uint8Array => encodeOpen(channelSettings(init));

function parsedOpen(bytes: Uint8Array): ChannelSettings {
  const message = parseDcep(bytes);
  if (message.kind !== "open") throw new Error(`it is ${message.kind}`);
  return message.settings;
}

const name = fc.string({ unit: "grapheme", maxLength: 50 });
const anyInit: fc.Arbitrary<ChannelInit> = fc
  .record({
    label: name,
    protocol: name,
    ordered: fc.boolean(),
    limit: fc.constantFrom("none", "retransmits", "lifetime"),
    value: fc.nat(0xff_ff_ff_ff),
    priority: fc.nat(0xff_ff),
  })
  .map(({ limit, value, ...init }) => ({
    ...init,
    maxRetransmits: limit === "retransmits" ? value : undefined,
    maxPacketLifeTimeMs: limit === "lifetime" ? value : undefined,
  }));

describe("OPEN", () => {
  it.each<[ChannelInit, string]>([
    [{ label: "" }, "030001000000000000000000"],
    [{ label: "ab", protocol: "c" }, "030001000000000000020001616263"],
    [{ label: "", ordered: false }, "038001000000000000000000"],
    [{ label: "", maxRetransmits: 0 }, "030101000000000000000000"],
    [{ label: "", maxRetransmits: 5, ordered: false }, "038101000000000500000000"],
    [{ label: "", maxPacketLifeTimeMs: 0 }, "030201000000000000000000"],
    [{ label: "", maxPacketLifeTimeMs: 300, ordered: false }, "038201000000012c00000000"],
    [{ label: "", priority: 1024 }, "030004000000000000000000"],
    [{ label: "日", protocol: "é" }, "030001000000000000030002e697a5c3a9"],
  ])("has the bytes of RFC 8832 for %j", (init, expected) => {
    expect(hex(encoded(init))).toBe(expected);
    expect(parsedOpen(encoded(init))).toEqual(channelSettings(init));
  });

  it("reads what it wrote, for any settings", () => {
    fc.assert(
      fc.property(anyInit, (init) => {
        expect(parsedOpen(encoded(init))).toEqual(channelSettings(init));
      }),
    );
  });

  it("carries names of 65,535 bytes; longer ones are refused", () => {
    const longest = "é".repeat(Math.floor(maxNameBytes / 2)) + "x";
    expect(Buffer.byteLength(longest)).toBe(maxNameBytes);
    const init = { label: longest, protocol: longest };
    expect(parsedOpen(encoded(init))).toMatchObject(init);
    for (const over of [{ label: `${longest}x` }, { label: "", protocol: `${longest}x` }]) {
      expect(() => channelSettings(over)).toThrow("65536 bytes");
    }
  });

  it("keeps the beginning of a label whose length was counted in UTF-16 units", () => {
    const bytes = Buffer.from("030001000000000000030000e697a5e69cace8aa9e", "hex");
    expect(parsedOpen(bytes).label).toBe("日");
  });

  it("replaces what is not UTF-8", () => {
    expect(parsedOpen(Buffer.from("030001000000000000020000ff41", "hex")).label).toBe("\u{FFFD}A");
  });

  it.each([
    ["it is empty", ""],
    ["its type is 0", "00"],
    ["its type is 4", "04"],
    ["its type is 255", "ff00010000000000000000"],
    ["an OPEN of 1 bytes", "03"],
    ["an OPEN of 11 bytes", "0300010000000000000000"],
    ["its channel type is 0x3", "030301000000000000000000"],
    ["its channel type is 0x7f", "037f01000000000000000000"],
    ["its channel type is 0x83", "038301000000000000000000"],
    ["an OPEN of 12 bytes whose names end at 13", "030001000000000000010000"],
    ["an OPEN of 13 bytes whose names end at 14", "03000100000000000001000161"],
    ["an OPEN of 12 bytes whose names end at 131082", "0300010000000000ffffffff"],
  ])("is refused: %s", (reason, bytes) => {
    expect(parseDcep(Buffer.from(bytes, "hex"))).toEqual({ kind: "invalid", reason });
  });

  it("is parsed from any bytes without a throw", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.boolean(), (bytes, likeOpen) => {
        if (likeOpen && bytes.length > 0) bytes[0] = 3;
        expect(["ack", "open", "invalid"]).toContain(parseDcep(bytes).kind);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("ACK", () => {
  it("is one byte; what follows it is ignored", () => {
    expect(hex(encodeAck())).toBe("02");
    expect(parseDcep(encodeAck())).toEqual({ kind: "ack" });
    expect(parseDcep(Uint8Array.of(2, 9))).toEqual({ kind: "ack" });
  });
});

describe("settings", () => {
  it.each<[string, ChannelInit]>([
    ["maxRetransmits", { label: "", maxRetransmits: -1 }],
    ["maxRetransmits", { label: "", maxRetransmits: 2 ** 32 }],
    ["maxPacketLifeTimeMs", { label: "", maxPacketLifeTimeMs: 0.5 }],
    ["negotiatedId", { label: "", negotiatedId: 65_535 }],
    ["negotiatedId", { label: "", negotiatedId: Number.NaN }],
    ["priority", { label: "", priority: 65_536 }],
    ["not both", { label: "", maxRetransmits: 1, maxPacketLifeTimeMs: 1 }],
  ])("are refused for their %s: %j", (reason, init) => {
    expect(() => channelSettings(init)).toThrow(reason);
  });

  it("are taken at their limits", () => {
    const init = { label: "", maxRetransmits: 2 ** 32 - 1, negotiatedId: 65_534, priority: 65_535 };
    expect(channelSettings(init)).toMatchObject({ maxRetransmits: 2 ** 32 - 1, negotiated: true });
    expect(channelSettings({ label: "" })).toEqual({
      label: "",
      protocol: "",
      ordered: true,
      maxRetransmits: undefined,
      maxPacketLifeTimeMs: undefined,
      negotiated: false,
      priority: 256,
    });
  });
});
