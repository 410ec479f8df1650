import { describe, expect, it } from "vitest";
import { audioSender, receiverOf, videoSender } from "../link/call.js";
import { Solo } from "../link/solo.js";

const invalid: unknown = expect.objectContaining({ code: "invalid_argument" });

describe("a session refuses", () => {
  it("a canonical name above 255 bytes", () => {
    expect(() => new Solo(1, { cname: "é".repeat(127) })).not.toThrow();
    expect(() => new Solo(1, { cname: "é".repeat(128) })).toThrow(invalid);
  });

  it("a MID that a header extension cannot hold, now and later", () => {
    const { session } = new Solo();
    const mid = { extensionId: 14, value: "x".repeat(255) };
    const sender = session.addSender({ ...audioSender, mid });
    for (const wrong of [
      { extensionId: 0, value: "0" },
      { extensionId: 15, value: "0" },
      { extensionId: 1, value: "x".repeat(256) },
    ]) {
      expect(() => session.addSender({ ...videoSender, mid: wrong })).toThrow(invalid);
      expect(() => {
        sender.update({ mid: wrong });
      }).toThrow(invalid);
    }
    expect(sender.stats().mid).toBe(mid.value);
  });

  it("a reorder buffer that is no power of two, or too small for its gaps", () => {
    const { session } = new Solo();
    for (const maxPackets of [0, 512, 1_500, Number.NaN]) {
      expect(() => receiverOf(session, audioSender, { reorder: { maxPackets } })).toThrow(invalid);
    }
    expect(() =>
      receiverOf(session, audioSender, { reorder: { maxPackets: 1_024 } }),
    ).not.toThrow();
  });
});
