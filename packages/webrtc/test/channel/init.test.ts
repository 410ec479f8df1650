import { describe, expect, it } from "vitest";
import { channelInit } from "../../src/channel/data-channel-init.js";
import type { DataChannelInit } from "../../src/index.js";

const invalid = expect.objectContaining({ code: "invalid_argument" }) as Error;

describe("what a data channel may be", () => {
  it("is ordered, reliable and announced in band unless told otherwise", () => {
    expect(channelInit("chat", {})).toEqual({
      label: "chat",
      protocol: "",
      ordered: true,
      maxRetransmits: undefined,
      maxPacketLifeTimeMs: undefined,
      negotiatedId: undefined,
    });
  });

  it.each([
    ["maxRetransmits", 65_535],
    ["maxPacketLifeTime", 65_535],
    ["id", 65_534],
  ])("takes %s from 0 to its limit and refuses the next number", (name, limit) => {
    const init = (value: number): DataChannelInit => ({ negotiated: true, id: 0, [name]: value });
    expect(() => channelInit("chat", init(0))).not.toThrow();
    expect(() => channelInit("chat", init(limit))).not.toThrow();
    for (const value of [limit + 1, -1, 1.5, Number.NaN, Infinity]) {
      expect(() => channelInit("chat", init(value))).toThrow(invalid);
    }
  });

  it("takes labels and protocols of 65,535 bytes and refuses one more", () => {
    expect(channelInit("é".repeat(32_767) + "x", {}).label).toHaveLength(32_768);
    expect(() => channelInit("é".repeat(32_768), {})).toThrow(invalid);
    expect(() => channelInit("chat", { protocol: "p".repeat(65_535) })).not.toThrow();
    expect(() => channelInit("chat", { protocol: "p".repeat(65_536) })).toThrow(invalid);
  });

  it("is limited by lifetime or by retransmissions, not by both", () => {
    expect(() => channelInit("chat", { maxPacketLifeTime: 1, maxRetransmits: 1 })).toThrow(invalid);
  });

  it("needs an id when both sides create it, and ignores one when they do not (W3C)", () => {
    expect(() => channelInit("chat", { negotiated: true })).toThrow(invalid);
    expect(channelInit("chat", { negotiated: true, id: 7 }).negotiatedId).toBe(7);
    expect(channelInit("chat", { id: 7 }).negotiatedId).toBeUndefined();
  });
});
