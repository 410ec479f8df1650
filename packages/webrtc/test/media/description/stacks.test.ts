import { describe, expect, it } from "vitest";
import { fixture } from "./fixture.js";
import { blocks, shape, Side, track } from "./model-inner.js";

function isTransport(line: string): boolean {
  return /^a=(ice-|candidate|end-of)/.test(line);
}

describe("aiortc", () => {
  it("offers each section with a transport of its own: the first one's is used", () => {
    const side = new Side("a");
    const audio = side.media.addTrack("audio", track("voice"));
    const offer = fixture("aiortc-offer");
    const { inner } = side.media.takeOffer(offer);
    const answer = side.media.composeAnswer(side.inner.answer(inner));
    expect(shape(answer)).toEqual(["audio:0 sendrecv", "video:1 recvonly", "application:2"]);
    expect(audio.send?.payloadType).toBe(96);
    const first = blocks(offer)[1] ?? [];
    expect(blocks(inner)[1]?.filter(isTransport)).toEqual(first.filter(isTransport));
    expect(blocks(inner)[1]?.[0]).toBe("m=application 48626 DTLS/SCTP 5000");
  });

  it("answers with all it takes", () => {
    const side = new Side("a");
    const audio = side.media.addTrack("audio", track("voice"));
    const video = side.media.addTrack("video", track("face"));
    side.offer();
    side.accept(fixture("aiortc-answer"));
    expect(audio.currentDirection).toBe("sendrecv");
    expect(video.currentDirection).toBe("sendonly");
    expect(video.send).toMatchObject({ nack: true, pli: true, midExtensionId: 1 });
    expect(side.media.needsNegotiation()).toBe(false);
  });
});

describe("libdatachannel", () => {
  it("offers mids of letters, a second group and stereo", () => {
    const side = new Side("a");
    const taken = side.media.takeOffer(fixture("ndc-offer"));
    expect(taken.inner.sdp.match(/a=group:.*/g)).toEqual(["a=group:BUNDLE 0"]);
    const answer = side.media.composeAnswer(side.inner.answer(taken.inner));
    expect(shape(answer)).toEqual([
      "audio:audio recvonly",
      "video:video recvonly",
      "application:0",
    ]);
    const [audio] = side.media.slots;
    expect(audio?.receive?.fmtp.get("sprop-stereo")).toBe("1");
    expect(audio?.receive?.fmtp.get("maxaveragebitrate")).toBe("96000");
    expect(audio?.receive?.midExtensionId).toBeUndefined();
  });

  it("answers with the ids of the offer, which are not those of its tracks", () => {
    const side = new Side("a");
    side.media.addTrack("audio", track("q"));
    const video = side.media.addTrack("video", track("r"));
    side.offer();
    side.accept(fixture("ndc-answer"));
    expect(video.receive).toMatchObject({ trackId: "track-2", streamId: "stream-2", ssrcs: [] });
  });
});
