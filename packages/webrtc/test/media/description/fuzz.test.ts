import { isConicError, type SessionDescription } from "@conic/domain";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readRemote } from "../../../src/media/description/remote/description.js";
import { fixture, fixtureNames } from "./fixture.js";
import { Side, track } from "./model-inner.js";

type Change = (lines: readonly string[]) => readonly string[];

const at = fc.nat({ max: 300 });
const line = fc.oneof(
  fc.constantFrom(
    "a=mid:0",
    "a=mid:__proto__",
    "a=group:BUNDLE",
    "a=group:BUNDLE 1 1 9",
    "a=bundle-only",
    "a=inactive",
    "a=rtpmap:",
    "a=rtpmap:111 opus/48000/2",
    "a=fmtp:96 __proto__=1;constructor=2;;=",
    "a=extmap:99999 urn:ietf:params:rtp-hdrext:sdes:mid",
    "a=extmap:15 urn:ietf:params:rtp-hdrext:sdes:mid",
    "a=ssrc:4294967296 cname:x",
    "a=ssrc-group:FID",
    "a=msid:- -",
    "a=rtcp-fb:* nack pli",
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    "m=video 9 UDP/TLS/RTP/SAVPF 96 96 999 -1 x",
    "m=audio 0 UDP/TLS/RTP/SAVPF 111",
  ),
  fc.string({ maxLength: 40 }),
);

const change: fc.Arbitrary<Change> = fc.oneof(
  at.map(
    (index): Change =>
      (lines) =>
        lines.filter((_, each) => each !== index % lines.length),
  ),
  fc.tuple(at, line).map(([index, text]): Change => (lines) => {
    return lines.toSpliced(index % lines.length, 0, text);
  }),
  fc.tuple(at, line).map(([index, text]): Change => (lines) => {
    return lines.toSpliced(index % lines.length, 1, text);
  }),
  fc.tuple(at, at).map(([from, to]): Change => (lines) => {
    const moved = lines[from % lines.length] ?? "";
    return lines.toSpliced(from % lines.length, 1).toSpliced(to % lines.length, 0, moved);
  }),
  fc
    .tuple(at, fc.nat({ max: 60 }), fc.string({ maxLength: 3 }))
    .map(([index, place, text]): Change => {
      return (lines) => {
        const whole = lines[index % lines.length] ?? "";
        return lines.toSpliced(
          index % lines.length,
          1,
          whole.slice(0, place) + text + whole.slice(place + 1),
        );
      };
    }),
  at.map(
    (index): Change =>
      (lines) =>
        lines.slice(0, 1 + (index % lines.length)),
  ),
);

function brokenOf(names: readonly (typeof fixtureNames)[number][]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...names), fc.array(change, { minLength: 1, maxLength: 6 }))
    .map(([name, changes]) => {
      let lines: readonly string[] = fixture(name).sdp.split("\r\n");
      for (const each of changes) lines = each(lines);
      return lines.join("\r\n");
    });
}

const broken = brokenOf(fixtureNames);
const brokenAnswer = brokenOf(["chromium-answer", "aiortc-answer", "ndc-answer"]);

/** Undefined where the description was refused as it should be; any other error is thrown on. */
function unlessRefused<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (isConicError(error, "invalid_description")) return undefined;
    throw error;
  }
}

function checkReadable(description: SessionDescription): void {
  const type = description.type === "offer" ? "offer" : "answer";
  const { sections } = readRemote(description, type);
  expect(sections.length).toBeGreaterThan(0);
}

describe("a damaged description", () => {
  it("as an offer is refused or answered, and the negotiation goes on", () => {
    fc.assert(
      fc.property(broken, broken, (first, second) => {
        const side = new Side("a");
        side.media.addTrack("video", track("face"));
        for (const sdp of [first, second]) {
          const taken = unlessRefused(() => side.media.takeOffer({ type: "offer", sdp }));
          if (taken === undefined) continue;
          expect(taken.inner.sdp.match(/^m=/gm)).toHaveLength(1);
          checkReadable(side.media.composeAnswer(side.inner.offer()));
        }
        checkReadable(side.offer());
      }),
      { numRuns: 1_000 },
    );
  });

  it("as an answer is refused or taken, and the negotiation goes on", () => {
    fc.assert(
      fc.property(brokenAnswer, (sdp) => {
        const side = new Side("a");
        side.media.addTrack("audio", track("voice"));
        side.media.addTrack("video", track("face"));
        side.offer();
        if (unlessRefused(() => side.media.takeAnswer({ type: "answer", sdp })) !== undefined) {
          side.media.commit();
        }
        checkReadable(side.offer());
      }),
      { numRuns: 2_000 },
    );
  });

  it("of any text is refused", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (sdp) => {
        const side = new Side("a");
        expect(unlessRefused(() => side.media.takeOffer({ type: "offer", sdp }))).toBeUndefined();
      }),
    );
  });
});
