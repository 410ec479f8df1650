import { describe, expect, it } from "vitest";
import { fixture } from "./fixture.js";
import { negotiate, Side, track } from "./model-inner.js";

const candidate = "candidate:1 1 udp 2130706431 192.0.2.7 50000 typ host";

function answered(): Side {
  const side = new Side("a");
  const offer = fixture("chromium-offer");
  side.answer({ ...offer, sdp: offer.sdp.replace("BUNDLE 0 1 2", "BUNDLE 1 0 2") });
  return side;
}

describe("a local candidate", () => {
  it("goes unchanged before the first description", () => {
    const side = new Side("a");
    const own = { candidate, sdpMid: "0", sdpMLineIndex: 0 };
    expect(side.media.localCandidate(own)).toEqual(own);
  });

  it("names the section that carries the transport, and keeps its fragment", () => {
    const side = new Side("a");
    const offer = fixture("chromium-offer");
    const sdp = offer.sdp.replace("BUNDLE 0 1 2", "BUNDLE 1 0 2");
    side.media.takeOffer({ ...offer, sdp });
    const own = { candidate, sdpMid: "0", sdpMLineIndex: 0, usernameFragment: "f" };
    expect(side.media.localCandidate(own)).toEqual({ ...own, sdpMid: "1", sdpMLineIndex: 1 });
  });
});

describe("a remote candidate", () => {
  it.each([
    ["by mid", { sdpMid: "1", sdpMLineIndex: 7 }],
    ["by index", { sdpMid: null, sdpMLineIndex: 1 }],
    ["by index, with an empty mid", { sdpMid: "", sdpMLineIndex: 1 }],
    ["by nothing at all", {}],
    ["by a mid that nobody knows", { sdpMid: "data" }],
  ])("of the tagged section reaches the engine: %s", (_name, place) => {
    expect(answered().media.remoteCandidate({ candidate, ...place })).toEqual({
      candidate,
      sdpMid: "0",
      sdpMLineIndex: 0,
    });
  });

  it.each([
    ["by mid", { sdpMid: "0" }],
    ["by index", { sdpMLineIndex: 2 }],
  ])("of a section that was bundled away is left out: %s", (_name, place) => {
    expect(answered().media.remoteCandidate({ candidate, ...place })).toBeUndefined();
  });

  it("is understood by what is in force, not by an own offer that is open", () => {
    const [a, b] = [new Side("a"), new Side("b")];
    negotiate(a, b);
    a.media.addTrack("audio", track("voice"));
    a.offer();
    expect(a.media.remoteCandidate({ candidate, sdpMid: "0" })).toBeDefined();
  });
});
