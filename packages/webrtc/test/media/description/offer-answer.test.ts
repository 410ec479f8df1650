import { describe, expect, it } from "vitest";
import { blocks, negotiate, shape, Side, track } from "./model-inner.js";

describe("an offer", () => {
  it("without tracks is that of the engine, line by line", () => {
    const side = new Side("a");
    const inner = side.inner.offer();
    const lines = side.media.composeOffer(inner).sdp.split("\r\n");
    expect(lines.toSorted()).toEqual(inner.sdp.split("\r\n").toSorted());
  });

  it("has the data channels first and the tracks behind, all in one group", () => {
    const side = new Side("a");
    side.media.addTrack("audio", track("voice"));
    side.media.addTrack("video", track("face"));
    const offer = side.offer();
    expect(shape(offer)).toEqual(["application:0", "audio:1 sendrecv", "video:2 sendrecv"]);
    expect(blocks(offer)[0]).toContain("a=group:BUNDLE 0 1 2");
  });

  it("says all that RFC 8829 asks of a media section", () => {
    const side = new Side("a");
    const slot = side.media.addTrack("video", track("face"));
    const [, , video] = blocks(side.offer());
    expect(video).toEqual([
      "m=video 9 UDP/TLS/RTP/SAVPF 96",
      "c=IN IP4 0.0.0.0",
      "a=ice-ufrag:aFrag",
      "a=ice-pwd:aPasswordOfTwentyTwoChars",
      "a=ice-options:trickle",
      expect.stringMatching(/^a=fingerprint:sha-256 AD:/),
      "a=setup:actpass",
      "a=mid:1",
      "a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid",
      "a=sendrecv",
      "a=msid:stream-of-face track-of-face",
      "a=rtcp-mux",
      "a=rtcp-rsize",
      "a=rtpmap:96 VP8/90000",
      "a=rtcp-fb:96 nack",
      "a=rtcp-fb:96 nack pli",
      "a=rtcp-fb:96 ccm fir",
      "a=rtcp-fb:96 goog-remb",
      `a=ssrc:${slot.ssrc} cname:${side.media.cname}`,
      `a=ssrc:${slot.ssrc} msid:stream-of-face track-of-face`,
    ]);
  });

  it("asks for stereo Opus with error correction", () => {
    const side = new Side("a");
    side.media.addTrack("audio", track("voice"));
    const [, , audio] = blocks(side.offer());
    expect(audio).toContain("a=rtpmap:111 opus/48000/2");
    expect(audio).toContain("a=fmtp:111 minptime=10;useinbandfec=1;stereo=1");
  });

  it("names no track where nothing is sent", () => {
    const side = new Side("a");
    side.media.addTrack("audio", track("voice")).direction = "recvonly";
    const text = side.offer().sdp;
    expect(text).toContain("a=recvonly");
    expect(text).not.toMatch(/a=msid:|a=ssrc/);
  });

  it("has the candidates in the tagged section alone", () => {
    const [a, b] = [new Side("a"), new Side("b")];
    a.media.addTrack("audio", track("voice"));
    negotiate(a, b);
    const [, data, audio] = blocks(a.offer());
    expect(data?.filter((line) => line.includes("candidate"))).toHaveLength(2);
    expect(audio?.filter((line) => line.includes("candidate"))).toHaveLength(0);
  });
});

describe("offer and answer", () => {
  it("agree on what is sent and received", () => {
    const [a, b] = [new Side("a"), new Side("b")];
    const sent = a.media.addTrack("video", track("face"));
    negotiate(a, b);
    const [received] = b.media.slots;
    expect(sent.currentDirection).toBe("sendonly");
    expect(received?.currentDirection).toBe("recvonly");
    expect(sent.send).toEqual({
      mid: "1",
      payloadType: 96,
      ssrc: sent.ssrc,
      nack: true,
      pli: true,
      midExtensionId: 1,
      fmtp: new Map(),
    });
    expect(sent.receive).toBeUndefined();
    expect(received?.send).toBeUndefined();
    expect(received?.receive).toEqual({
      mid: "1",
      payloadTypes: [96],
      ssrcs: [sent.ssrc],
      trackId: "track-of-face",
      streamId: "stream-of-face",
      nack: true,
      pli: true,
      midExtensionId: 1,
      fmtp: new Map(),
    });
  });

  it("take slots that wait at the answerer into the sections of the offer, in order by kind", () => {
    const [a, b] = [new Side("a"), new Side("b")];
    a.media.addTrack("audio", track("a1"));
    a.media.addTrack("video", track("a2"));
    const video = b.media.addTrack("video", track("b1"));
    const audio = b.media.addTrack("audio", track("b2"));
    const second = b.media.addTrack("audio", track("b3"));
    const { answer } = negotiate(a, b);
    expect(shape(answer)).toEqual(["application:0", "audio:1 sendrecv", "video:2 sendrecv"]);
    expect([audio.mid, video.mid, second.mid]).toEqual(["1", "2", undefined]);
    expect(b.media.needsNegotiation()).toBe(true);
    negotiate(b, a);
    expect(second.currentDirection).toBe("sendonly");
    expect(a.media.slots.map((slot) => slot.receive?.trackId)).toEqual([
      "track-of-b2",
      "track-of-b1",
      "track-of-b3",
    ]);
    expect([a, b].map((side) => side.media.needsNegotiation())).toEqual([false, false]);
  });

  it("leave a slot that wants to send waiting where the offerer does not receive", () => {
    const [a, b] = [new Side("a"), new Side("b")];
    a.media.addTrack("audio", track("voice")).direction = "sendonly";
    const own = b.media.addTrack("audio", track("other"));
    negotiate(a, b);
    expect(own.mid).toBeUndefined();
    expect(b.media.slots).toHaveLength(2);
    negotiate(b, a);
    expect(own.currentDirection).toBe("sendonly");
  });

  it("use the numbers of the offer, and of the next offer what was in use", () => {
    const [a, b] = [new Side("a"), new Side("b")];
    a.media.addTrack("video", track("face"));
    const offer = a.offer();
    const sdp = offer.sdp
      .replaceAll(/(a=\S+:|SAVPF )96/g, "$1101")
      .replace("extmap:1 ", "extmap:7 ");
    const answer = b.answer({ ...offer, sdp });
    expect(answer.sdp).toContain("m=video 9 UDP/TLS/RTP/SAVPF 101\r\n");
    expect(answer.sdp).toContain("a=extmap:7 urn:ietf:params:rtp-hdrext:sdes:mid\r\n");
    b.media.addTrack("video", track("one"));
    b.media.addTrack("video", track("two"));
    const again = b.offer().sdp;
    expect(again.match(/SAVPF 101\r/g)).toHaveLength(2);
    expect(again.match(/extmap:7 /g)).toHaveLength(2);
  });

  it("send with the payload type of the answer and receive with both", () => {
    const [a, b] = [new Side("a"), new Side("b")];
    const slot = a.media.addTrack("audio", track("voice"));
    b.media.addTrack("audio", track("other"));
    const answer = b.answer(a.offer());
    a.accept({ ...answer, sdp: answer.sdp.replaceAll(/(a=\S+:|SAVPF )111/g, "$1109") });
    expect(slot.send?.payloadType).toBe(109);
    expect(slot.receive?.payloadTypes).toEqual([111, 109]);
  });

  it("agree on less where one side knows less feedback and no extension", () => {
    const [a, b] = [new Side("a"), new Side("b")];
    const slot = a.media.addTrack("video", track("face"));
    const offer = a.offer();
    const sdp = offer.sdp.replace(/a=rtcp-fb:96 nack\r\n/, "").replace(/a=extmap:1 .*\r\n/, "");
    const answer = b.answer({ ...offer, sdp: sdp.replace("a=rtcp-rsize\r\n", "") });
    expect(answer.sdp).not.toMatch(/rtcp-fb:96 nack\r|extmap:|rtcp-rsize/);
    a.accept(answer);
    expect(slot.send).toMatchObject({ nack: false, pli: true, midExtensionId: undefined });
  });
});
