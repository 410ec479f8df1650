import { describe, expect, it } from "vitest";
import { fixture } from "./fixture.js";
import { blocks, shape, Side, track } from "./model-inner.js";

describe("an offer of Chromium", () => {
  it("with audio, video and data is answered in its order with its numbers", () => {
    const side = new Side("a");
    const answer = side.answer(fixture("chromium-offer"));
    expect(shape(answer)).toEqual(["audio:0 recvonly", "video:1 recvonly", "application:2"]);
    expect(blocks(answer)[0]).toContain("a=group:BUNDLE 0 1 2");
    expect(answer.sdp).toContain("m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n");
    expect(answer.sdp).toContain("m=video 9 UDP/TLS/RTP/SAVPF 96\r\n");
    expect(answer.sdp.match(/a=extmap:.*/g)).toEqual([
      "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid",
      "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid",
    ]);
    expect(answer.sdp).not.toMatch(/rtx|H264|red|ulpfec|transport-cc|rtcp-xr/);
  });

  it("tells what is received, without the stream of retransmissions", () => {
    const side = new Side("a");
    side.answer(fixture("chromium-offer"));
    const [audio, video] = side.media.slots.map(({ receive }) => receive);
    expect(audio).toMatchObject({ payloadTypes: [111], nack: false, midExtensionId: 4 });
    expect(audio?.fmtp).toEqual(
      new Map([
        ["minptime", "10"],
        ["useinbandfec", "1"],
      ]),
    );
    expect(video).toMatchObject({ payloadTypes: [96], nack: true, pli: true });
    expect(video?.ssrcs).toHaveLength(1);
    expect(video?.trackId).toMatch(/^[\da-f-]{36}$/);
    expect(video?.streamId).toBe(audio?.streamId);
  });

  it("shows the engine its data section with the transport of the first section", () => {
    const side = new Side("a");
    const { inner, carriesData } = side.media.takeOffer(fixture("chromium-offer"));
    expect(carriesData).toBe(true);
    const [session, data] = blocks(inner);
    const [, audio] = blocks(fixture("chromium-offer"));
    expect(session).toContain("a=group:BUNDLE 0");
    expect(data?.slice(0, 2)).toEqual([
      "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
      "c=IN IP4 0.0.0.0",
    ]);
    for (const name of ["a=ice-ufrag:", "a=ice-pwd:", "a=fingerprint:", "a=setup:"]) {
      const find = (lines?: string[]): string | undefined =>
        lines?.find((line) => line.startsWith(name));
      expect(find(data)).toBe(find(audio));
      expect(find(data)).toBeDefined();
    }
    expect(data?.slice(-3)).toEqual(["a=mid:0", "a=sctp-port:5000", "a=max-message-size:262144"]);
  });

  it("without data is answered without, and the engine sees a data section that nobody offered", () => {
    const side = new Side("a");
    const offer = fixture("chromium-offer-media-only");
    const taken = side.media.takeOffer(offer);
    expect(taken.carriesData).toBe(false);
    const answer = side.media.composeAnswer(side.inner.answer(taken.inner));
    expect(shape(answer)).toEqual(["audio:0 recvonly", "video:1 recvonly"]);
    const ufrag = /a=ice-ufrag:.*/.exec(offer.sdp)?.[0];
    expect(blocks(taken.inner)[1]).toContain(ufrag);
    expect(blocks(taken.inner)[1]).toContain("a=sctp-port:5000");
  });

  it("with H264 alone and data keeps the transport of the video section, which sends nothing", () => {
    const side = new Side("a");
    const taken = side.media.takeOffer(fixture("chromium-offer-h264"));
    expect(taken.refused).toEqual([
      { kind: "video", codecs: ["H264/90000", "rtx/90000"], by: "local" },
    ]);
    const answer = side.media.composeAnswer(side.inner.answer(taken.inner));
    expect(shape(answer)).toEqual(["video:0 inactive", "application:1"]);
    expect(blocks(answer)[0]).toContain("a=group:BUNDLE 0 1");
    expect(side.media.slots).toHaveLength(0);
    expect(side.media.needsNegotiation()).toBe(false);
  });

  it("keeps its H264 payload types from being used for VP8 later", () => {
    const side = new Side("a");
    const offer = fixture("chromium-offer-h264");
    const sdp = offer.sdp.replaceAll(/(a=\S+:|SAVPF )102/g, "$196");
    side.answer({ ...offer, sdp });
    side.media.addTrack("video", track("face"));
    const later = side.offer();
    expect(shape(later)).toEqual(["video:0 inactive", "application:1", "video:2 sendrecv"]);
    expect(later.sdp).toContain("a=rtpmap:96 H264/90000");
    expect(later.sdp).toMatch(/a=rtpmap:(?!96)\d+ VP8\/90000/);
  });
});

describe("Chromium as the answerer, and what it does later", () => {
  it("is followed through added, stopped, removed and reused sections", () => {
    const side = new Side("a");
    const audio = side.media.addTrack("audio", track("x"));
    const video = side.media.addTrack("video", track("y"));
    side.offer();
    side.accept(fixture("chromium-answer"));
    expect([audio, video].map(({ currentDirection }) => currentDirection)).toEqual([
      "sendrecv",
      "sendrecv",
    ]);
    expect(audio.send).toMatchObject({ payloadType: 111, midExtensionId: 1 });
    expect(video.send).toMatchObject({ payloadType: 96, nack: true, pli: true });
    expect(side.media.needsNegotiation()).toBe(false);

    const added = side.answer(fixture("chromium-offer-added"));
    expect(shape(added)).toEqual([
      "application:0",
      "audio:1 sendrecv",
      "video:2 sendrecv",
      "video:3 recvonly",
    ]);

    video.stop();
    side.offer();
    side.accept(fixture("chromium-answer-stopped"));
    const second = side.media.addTrack("audio", track("z"));
    side.offer();
    side.accept(fixture("chromium-answer-recycled"));
    expect(second.mid).toBe("4");
    expect(second.currentDirection).toBe("sendonly");
    expect(side.media.slots).not.toContain(video);

    const removed = side.answer(fixture("chromium-offer-removed"));
    expect(shape(removed)).toEqual([
      "application:0",
      "audio:1 sendrecv",
      "audio:4 sendonly",
      "-video:3",
    ]);
    const recycled = side.answer(fixture("chromium-offer-recycled"));
    expect(shape(recycled)[3]).toBe("video:5 recvonly");
    expect(side.media.needsNegotiation()).toBe(false);
  });
});
