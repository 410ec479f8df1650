import type { SessionDescription } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { fixture } from "./fixture.js";
import { blocks, shape, Side, track } from "./model-inner.js";

function changed(
  description: SessionDescription,
  ...changes: readonly (readonly [from: string | RegExp, to: string])[]
): SessionDescription {
  let { sdp } = description;
  for (const [from, to] of changes) {
    const before = sdp;
    sdp = sdp.replaceAll(from, to);
    expect(sdp).not.toBe(before);
  }
  return { ...description, sdp };
}

function offerOf(...kinds: ("audio" | "video")[]): SessionDescription {
  const side = new Side("o");
  for (const [index, kind] of kinds.entries()) side.media.addTrack(kind, track(String(index)));
  return side.offer();
}

describe("a section of a remote offer is refused", () => {
  it.each([
    ["whose Opus is of another rate", [/opus\/48000\/2/g, "opus/24000/2"]],
    ["whose Opus has no second channel", [/opus\/48000\/2/g, "opus/48000"]],
    ["whose payload types look like RTCP", [/(a=\S+:|SAVPF )111/g, "$172"]],
    ["without a secure profile", [/UDP\/TLS\/RTP\/SAVPF/g, "RTP/AVP"]],
    ["that is outside of the group", [/BUNDLE 0 1/g, "BUNDLE 0"]],
    ["that needs a second port for RTCP", [/a=rtcp-mux\r\n/g, ""]],
    ["of an unknown kind", [/m=audio/g, "m=text"]],
  ] as const)("%s", (_name, change) => {
    const side = new Side("a");
    const taken = side.media.takeOffer(changed(offerOf("audio"), change));
    expect(taken.refused).toHaveLength(1);
    const answer = side.media.composeAnswer(side.inner.answer(taken.inner));
    expect(shape(answer)[1]).toMatch(/^-(audio|text):1$/);
    expect(blocks(answer)[0]).toContain("a=group:BUNDLE 0");
    expect(side.media.slots).toHaveLength(0);
  });

  it("and a slot that waits goes on waiting, for an own offer", () => {
    const side = new Side("a");
    const slot = side.media.addTrack("audio", track("voice"));
    side.answer(changed(offerOf("audio"), [/opus/g, "speex"]));
    expect(slot.mid).toBeUndefined();
    expect(slot.rejected).toBe(false);
    expect(side.media.needsNegotiation()).toBe(true);
    expect(shape(side.offer())).toEqual(["application:0", "audio:2 sendrecv"]);
  });

  it("and its slot is rejected when it had the codec before", () => {
    const [a, b] = [new Side("a"), new Side("b")];
    a.media.addTrack("audio", track("voice"));
    const first = a.offer();
    a.accept(b.answer(first));
    const [slot] = b.media.slots;
    const taken = b.media.takeOffer(changed(a.offer(), [/opus/g, "speex"]));
    expect(slot?.stopped).toBe(false);
    b.media.composeAnswer(b.inner.answer(taken.inner));
    expect(slot?.rejected).toBe(true);
    expect(slot?.stopped).toBe(true);
    expect(b.media.needsNegotiation()).toBe(false);
  });

  it("together with all others: no group is left", () => {
    const side = new Side("a");
    const offer = changed(
      offerOf("audio"),
      [/m=application 9/g, "m=application 0"],
      [/opus/g, "speex"],
    );
    const taken = side.media.takeOffer(offer);
    const answer = side.media.composeAnswer(side.inner.answer(taken.inner));
    expect(shape(answer)).toEqual(["-application:0", "-audio:1"]);
    expect(answer.sdp).not.toContain("a=group");
  });
});

describe("a remote offer with several payload types for a codec", () => {
  it("is answered with the one that it likes best", () => {
    const side = new Side("a");
    const offer = changed(
      offerOf("video"),
      [/SAVPF 96/g, "SAVPF 102 100 96"],
      [
        /a=rtpmap:96/g,
        "a=rtpmap:102 H264/90000\r\na=rtpmap:100 vp8/90000\r\na=rtcp-fb:* nack\r\na=rtpmap:96",
      ],
    );
    const answer = side.answer(offer);
    expect(answer.sdp).toContain("m=video 9 UDP/TLS/RTP/SAVPF 100\r\n");
    expect(answer.sdp.match(/a=rtcp-fb:.*/g)).toEqual(["a=rtcp-fb:100 nack"]);
  });
});

describe("a remote answer that refuses", () => {
  it.each([
    ["with port 0", [/m=audio 9/g, "m=audio 0"]],
    ["without the codec", [/opus/g, "PCMU"]],
    ["outside of the group", [/BUNDLE 0 1/g, "BUNDLE 0"]],
    ["without RTCP on the same port", [/a=rtcp-mux\r\n/g, ""]],
  ] as const)("%s rejects the slot", (_name, change) => {
    const [a, b] = [new Side("a"), new Side("b")];
    const slot = a.media.addTrack("audio", track("voice"));
    const taken = a.media.takeAnswer(changed(b.answer(a.offer()), change));
    expect(taken.refused).toEqual([{ kind: "audio", codecs: ["opus/48000/2"], by: "remote" }]);
    expect(slot.rejected).toBe(false);
    a.media.commit();
    expect([slot.rejected, slot.stopped]).toEqual([true, true]);
    expect(slot.send).toBeUndefined();
    expect(shape(a.offer())).toEqual(["application:0", "-audio:1"]);
  });
});

describe("a remote without BUNDLE", () => {
  it("gets one section, that of the data channels", () => {
    const side = new Side("a");
    const answer = side.answer(changed(offerOf("audio"), [/a=group:BUNDLE 0 1\r\n/g, ""]));
    expect(shape(answer)).toEqual(["application:0", "-audio:1"]);
    expect(answer.sdp).not.toContain("a=group");
  });

  it("and without mids gets an answer without mids, and keeps its section", () => {
    const side = new Side("a");
    const offer = changed(
      fixture("chromium-offer-media-only"),
      [/a=group:BUNDLE 0 1\r\n/g, ""],
      [/a=mid:\d\r\n/g, ""],
    );
    const answer = side.answer(offer);
    expect(shape(answer)).toEqual(["audio: recvonly", "-video:"]);
    expect(side.media.localCandidate({ candidate: "x" })).toEqual({
      candidate: "x",
      sdpMid: null,
      sdpMLineIndex: 0,
    });
    const [slot] = side.media.slots;
    side.answer(offer);
    expect(side.media.slots).toEqual([slot]);
  });
});

describe("a bundle-only section", () => {
  it("is taken though it has port 0 and no transport", () => {
    const side = new Side("a");
    const offer = changed(
      offerOf("audio"),
      [/m=application 9/g, "m=application 0"],
      [/a=mid:0/g, "a=mid:0\r\na=bundle-only"],
      [/BUNDLE 0 1/g, "BUNDLE 1 0"],
    );
    const taken = side.media.takeOffer(offer);
    expect(taken.carriesData).toBe(true);
    side.inner.take(taken.inner, "offer");
    expect(taken.inner.sdp).not.toContain("bundle-only");
  });
});

it("takes the transport of the session where the tagged section has none of its own", () => {
  const side = new Side("a");
  const own = /a=ice-ufrag:.*\r\na=ice-pwd:.*\r\n/;
  const { sdp } = offerOf("audio");
  const lines = own.exec(sdp)?.[0] ?? "";
  const moved = sdp.replace(own, "").replace("t=0 0\r\n", `t=0 0\r\n${lines}`);
  const other = moved.replace(/(m=audio[^]*)a=ice-ufrag:.*/, "$1a=ice-ufrag:elsewhere");
  const { inner } = side.media.takeOffer({ type: "offer", sdp: other });
  expect(inner.sdp.match(/a=ice-ufrag:.*/g)).toEqual(["a=ice-ufrag:oFrag"]);
});
