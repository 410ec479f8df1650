import { isConicError } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { negotiate, shape, Side, track } from "./model-inner.js";

describe("an own offer that is taken back", () => {
  it("leaves its slots waiting, and the next offer gives them the same sections", () => {
    const a = new Side("a");
    const slot = a.media.addTrack("audio", track("voice"));
    const first = a.offer();
    expect(slot.mid).toBe("1");
    a.media.rollback();
    expect(slot.mid).toBeUndefined();
    expect(a.media.needsNegotiation()).toBe(true);
    expect(shape(a.offer())).toEqual(shape(first));
  });

  it("keeps what was negotiated before", () => {
    const [a, b] = [new Side("a"), new Side("b")];
    const slot = a.media.addTrack("audio", track("voice"));
    negotiate(a, b);
    const { send } = slot;
    slot.direction = "inactive";
    a.offer();
    expect(slot.send).toBe(send);
    a.media.rollback();
    expect(slot.mid).toBe("1");
    expect(slot.currentDirection).toBe("sendonly");
  });

  it("gives way when offers cross: the polite side answers and then offers again", () => {
    const [polite, impolite] = [new Side("p"), new Side("i")];
    negotiate(polite, impolite);
    const audio = polite.media.addTrack("audio", track("pa"));
    const video = polite.media.addTrack("video", track("pv"));
    impolite.media.addTrack("video", track("iv"));
    polite.offer();
    const offer = impolite.offer();
    expect([audio.mid, video.mid]).toEqual(["1", "2"]);
    impolite.accept(polite.answer(offer));
    expect([audio.mid, video.mid]).toEqual([undefined, "1"]);
    expect(video.currentDirection).toBe("sendrecv");
    expect(polite.media.needsNegotiation()).toBe(true);
    negotiate(polite, impolite);
    expect(audio.mid).toBe("2");
    expect([polite, impolite].map((side) => side.media.needsNegotiation())).toEqual([false, false]);
  });
});

describe("a remote description that comes to nothing", () => {
  it("takes its slots with it, except one that got a track meanwhile", () => {
    const [a, b] = [new Side("a"), new Side("b")];
    a.media.addTrack("audio", track("one"));
    a.media.addTrack("video", track("two"));
    b.media.takeOffer(a.offer());
    const [audio, video] = b.media.slots;
    b.media.addTrack("video", track("own"));
    b.media.failed();
    expect(audio?.stopped).toBe(true);
    expect(b.media.slots).toEqual([video]);
    expect(video?.mid).toBeUndefined();
    expect(b.media.needsNegotiation()).toBe(true);
  });

  it("leaves the own offer open where it was the answer", () => {
    const [a, b] = [new Side("a"), new Side("b")];
    const slot = a.media.addTrack("audio", track("one"));
    const answer = b.answer(a.offer());
    a.media.takeAnswer(answer);
    a.media.failed();
    expect(slot.currentDirection).toBeUndefined();
    a.accept(answer);
    expect(slot.currentDirection).toBe("sendonly");
  });

  it("does not stop a slot whose section it takes away", () => {
    const [a, b] = [new Side("a"), new Side("b")];
    const slot = a.media.addTrack("audio", track("one"));
    negotiate(a, b);
    slot.stop();
    b.media.takeOffer(a.offer());
    b.media.failed();
    expect(b.media.slots[0]?.stopped).toBe(false);
    expect(b.media.slots[0]?.currentDirection).toBe("recvonly");
  });
});

describe("a call out of turn", () => {
  it.each([
    ["an answer without offer", (side: Side) => side.media.takeAnswer({ type: "answer", sdp: "" })],
    ["an answer to nothing", (side: Side) => side.media.composeAnswer(side.inner.offer())],
    ["a commit of nothing", (side: Side) => side.media.commit()],
  ])("is refused: %s", (_name, call) => {
    const side = new Side("a");
    let error: unknown;
    try {
      call(side);
    } catch (thrown) {
      error = thrown;
    }
    expect(isConicError(error, "invalid_state")).toBe(true);
  });

  it("does no harm where there is nothing to undo", () => {
    const side = new Side("a");
    side.media.failed();
    side.media.rollback();
    expect(side.media.needsNegotiation()).toBe(false);
  });
});
