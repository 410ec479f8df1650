import type { SessionDescription } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { blocks, negotiate, shape, Side, track } from "./model-inner.js";

function pair(): [a: Side, b: Side] {
  return [new Side("a"), new Side("b")];
}

function withoutData({ type, sdp }: SessionDescription): SessionDescription {
  const refused = sdp.replace("m=application 9", "m=application 0");
  return { type, sdp: refused.replace("BUNDLE 0 1", "BUNDLE 1") };
}

describe("renegotiation", () => {
  it("is needed for a new track, and over with its answer", () => {
    const [a, b] = pair();
    expect(a.media.needsNegotiation()).toBe(false);
    negotiate(a, b);
    a.media.addTrack("audio", track("voice"));
    expect(a.media.needsNegotiation()).toBe(true);
    const offer = a.offer();
    expect(a.media.needsNegotiation()).toBe(true);
    a.accept(b.answer(offer));
    expect(a.media.needsNegotiation()).toBe(false);
    expect(b.media.needsNegotiation()).toBe(false);
  });

  it("gives a slot that no longer sends to the next track of its kind", () => {
    const [a, b] = pair();
    const slot = a.media.addTrack("audio", track("one"));
    negotiate(a, b);
    slot.direction = "recvonly";
    negotiate(a, b);
    expect(slot.currentDirection).toBe("inactive");
    expect(a.media.addTrack("audio", track("two"))).toBe(slot);
    expect(slot.direction).toBe("sendrecv");
    negotiate(a, b);
    expect(b.media.slots[0]?.receive?.trackId).toBe("track-of-two");
  });

  it("lets the answerer send in a section that it only received in", () => {
    const [a, b] = pair();
    const own = a.media.addTrack("video", track("face"));
    negotiate(a, b);
    const other = b.media.addTrack("video", track("other"));
    expect(other).toBe(b.media.slots[0]);
    expect(b.media.needsNegotiation()).toBe(true);
    negotiate(b, a);
    expect([own.currentDirection, other.currentDirection]).toEqual(["sendrecv", "sendrecv"]);
    expect(own.receive?.trackId).toBe("track-of-other");
  });

  it("tells the remote new ids of a track, and is not needed for the same ones", () => {
    const [a, b] = pair();
    const slot = a.media.addTrack("audio", track("one"));
    negotiate(a, b);
    slot.localTrack = track("one");
    expect(a.media.needsNegotiation()).toBe(false);
    slot.localTrack = track("two");
    expect(a.media.needsNegotiation()).toBe(true);
    const before = b.media.slots[0]?.receive;
    negotiate(a, b);
    expect(before?.trackId).toBe("track-of-one");
    expect(b.media.slots[0]?.receive?.trackId).toBe("track-of-two");
  });

  it("that changes nothing keeps the very objects", () => {
    const [a, b] = pair();
    const slot = a.media.addTrack("audio", track("voice"));
    b.media.addTrack("audio", track("other"));
    negotiate(a, b);
    const { send, receive } = slot;
    negotiate(a, b);
    negotiate(b, a);
    expect(slot.send).toBe(send);
    expect(slot.receive).toBe(receive);
    expect(send).toBeDefined();
  });

  it("never removes a section: a stopped one has port 0, no group, and is used again", () => {
    const [a, b] = pair();
    const slot = a.media.addTrack("audio", track("one"));
    a.media.addTrack("video", track("two"));
    negotiate(a, b);
    slot.stop();
    slot.stop();
    expect(slot.send).toBeUndefined();
    expect(a.media.needsNegotiation()).toBe(true);
    const stopped = negotiate(a, b);
    for (const description of [stopped.offer, stopped.answer]) {
      expect(shape(description)[1]).toBe("-audio:1");
      expect(blocks(description)[0]).toContain("a=group:BUNDLE 0 2");
    }
    expect(b.media.slots[0]?.stopped).toBe(true);
    expect(b.media.slots[0]?.rejected).toBe(false);
    a.media.addTrack("video", track("three"));
    const { answer } = negotiate(a, b);
    expect(shape(answer)).toEqual(["application:0", "video:3 recvonly", "video:2 recvonly"]);
    expect(a.media.slots).not.toContain(slot);
    expect(a.media.slots).toHaveLength(2);
  });

  it("moves the transport to another section when the tagged one is stopped", () => {
    const [a, b] = pair();
    const slot = a.media.addTrack("audio", track("one"));
    a.media.addTrack("video", track("two"));
    // An offer without data channels, as a browser makes one.
    const offer = a.offer();
    const sdp = offer.sdp
      .replace(/m=application[^]*?(?=m=audio)/, "")
      .replace("BUNDLE 0 1 2", "BUNDLE 1 2");
    const answer = b.answer({ ...offer, sdp });
    expect(shape(answer)).toEqual(["audio:1 recvonly", "video:2 recvonly"]);
    expect(b.media.localCandidate({ candidate: "x", sdpMid: "0", sdpMLineIndex: 0 })).toEqual({
      candidate: "x",
      sdpMid: "1",
      sdpMLineIndex: 0,
    });
    b.media.slots[0]?.stop();
    const next = b.offer();
    expect(shape(next)).toEqual(["-audio:1", "video:2 recvonly"]);
    expect(blocks(next)[0]).toContain("a=group:BUNDLE 2");
    expect(blocks(next)[2]?.join()).toContain("a=candidate:");
    expect(b.media.localCandidate({ candidate: "x" })).toMatchObject({
      sdpMid: "2",
      sdpMLineIndex: 1,
    });
    expect(slot.stopped).toBe(false);
  });

  it("leaves the transport to the section that carries it, wherever that stands", () => {
    const [a, b] = pair();
    a.media.addTrack("audio", track("one"));
    const offer = a.offer();
    const answer = b.answer({ ...offer, sdp: offer.sdp.replace("BUNDLE 0 1", "BUNDLE 1 0") });
    const later = b.offer();
    for (const description of [answer, later]) {
      expect(blocks(description)[0]).toContain("a=group:BUNDLE 1 0");
    }
    expect(blocks(later)[2]?.join()).toContain("a=candidate:");
    expect(blocks(later)[1]?.join()).not.toContain("a=candidate:");
  });

  it("of a slot that is stopped before anybody heard of it is not needed", () => {
    const [a] = pair();
    const slot = a.media.addTrack("audio", track("one"));
    slot.stop();
    expect(a.media.needsNegotiation()).toBe(false);
    expect(a.media.slots).toHaveLength(0);
  });

  it("answers a slot that is stopped meanwhile as inactive, and takes it away in the next offer", () => {
    const [a, b] = pair();
    a.media.addTrack("audio", track("one"));
    const { inner } = b.media.takeOffer(a.offer());
    b.media.slots[0]?.stop();
    const answer = b.media.composeAnswer(b.inner.answer(inner));
    expect(shape(answer)[1]).toBe("audio:1 inactive");
    a.accept(answer);
    expect(b.media.needsNegotiation()).toBe(true);
    negotiate(b, a);
    expect(a.media.slots[0]?.stopped).toBe(true);
    expect([a, b].map((side) => side.media.needsNegotiation())).toEqual([false, false]);
  });
});

describe("data channels", () => {
  it("join a session that came without them, once they are wanted", () => {
    const [a, b] = pair();
    a.media.addTrack("audio", track("one"));
    const offer = a.offer();
    const sdp = offer.sdp
      .replace(/m=application[^]*?(?=m=audio)/, "")
      .replace("BUNDLE 0 1", "BUNDLE 1");
    const taken = b.media.takeOffer({ ...offer, sdp });
    expect(taken.carriesData).toBe(false);
    b.media.composeAnswer(b.inner.answer(taken.inner));
    expect(b.media.needsNegotiation()).toBe(false);
    expect(shape(b.offer())).toEqual(["audio:1 recvonly"]);
    b.media.dataWanted = true;
    expect(b.media.needsNegotiation()).toBe(true);
    expect(shape(b.offer())).toEqual(["audio:1 recvonly", "application:2"]);
  });

  it("that the remote refuses are not asked for again", () => {
    const [a, b] = pair();
    a.media.addTrack("audio", track("one"));
    a.media.dataWanted = true;
    const answer = b.answer(a.offer());
    const sdp = answer.sdp
      .replace("m=application 9", "m=application 0")
      .replace("BUNDLE 0 1", "BUNDLE 1");
    const taken = a.media.takeAnswer({ ...answer, sdp });
    expect(taken.carriesData).toBe(false);
    a.inner.take(taken.inner, "answer");
    a.media.commit();
    expect(a.media.needsNegotiation()).toBe(false);
    expect(shape(a.offer())).toEqual(["-application:0", "audio:1 sendrecv"]);
  });

  it("are asked for again once the remote had them and took them away", () => {
    const [a, b] = pair();
    a.media.addTrack("audio", track("one"));
    a.media.dataWanted = true;
    const answer = b.answer(a.offer());
    a.accept(withoutData(answer));
    a.answer(b.offer());
    expect(a.media.needsNegotiation()).toBe(false);
    a.answer(withoutData(b.offer()));
    expect(a.media.needsNegotiation()).toBe(true);
    expect(shape(a.offer())).toEqual(["application:2", "audio:1 sendrecv"]);
  });
});
