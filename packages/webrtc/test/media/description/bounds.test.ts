import { isConicError, type SessionDescription } from "@conic/domain";
import { describe, expect, it } from "vitest";
import {
  maxDescriptionBytes,
  maxMediaSections,
  maxSectionLines,
  parseSdp,
  writeSdp,
} from "../../../src/media/description/sdp/text.js";
import { fixture, fixtureNames } from "./fixture.js";
import { negotiate, Side, track } from "./model-inner.js";

function refusalOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (isConicError(error, "invalid_description")) return error.message;
    throw error;
  }
  throw new Error("nothing was refused");
}

function later(change: (sdp: string) => string): string {
  const [a, b] = [new Side("a"), new Side("b")];
  a.media.addTrack("audio", track("voice"));
  negotiate(a, b);
  const offer = a.offer();
  return refusalOf(() => b.media.takeOffer({ ...offer, sdp: change(offer.sdp) }));
}

describe("the parser", () => {
  it.each(fixtureNames)("gives %s back byte for byte", (name) => {
    const { sdp } = fixture(name);
    expect(writeSdp(parseSdp(sdp))).toBe(sdp);
  });

  it("takes any end of line", () => {
    const { sdp } = fixture("ndc-offer");
    expect(parseSdp(sdp.replaceAll("\r\n", "\n"))).toEqual(parseSdp(sdp));
  });

  it(`takes ${maxDescriptionBytes} bytes and no more`, () => {
    const start = "v=0\r\na=";
    const fill = "é".repeat((maxDescriptionBytes - start.length) / 2);
    const text = start + fill + "x".repeat(maxDescriptionBytes - Buffer.byteLength(start + fill));
    expect(parseSdp(text).session).toHaveLength(2);
    expect(refusalOf(() => parseSdp(`${text}x`))).toContain("bytes");
  });

  it(`takes ${maxMediaSections} sections and no more`, () => {
    const text = `v=0\n${"m=audio 0 RTP/SAVPF 0\n".repeat(maxMediaSections)}`;
    expect(parseSdp(text).sections).toHaveLength(maxMediaSections);
    expect(refusalOf(() => parseSdp(`${text}m=audio 0 RTP/SAVPF 0`))).toContain("media sections");
  });

  it(`takes ${maxSectionLines} lines in a section and no more`, () => {
    const text = `v=0\nm=audio 0 RTP/SAVPF 0\n${"a=x\n".repeat(maxSectionLines - 1)}`;
    expect(parseSdp(text).sections[0]).toHaveLength(maxSectionLines);
    expect(refusalOf(() => parseSdp(`${text}a=x`))).toContain("lines");
  });
});

describe("a remote description is refused, and says why", () => {
  const { sdp } = fixture("chromium-offer");

  it.each([
    ["not one at all", "hello", "line without type"],
    ["empty", "", "no version"],
    ["without sections", "v=0\r\n", "no media section"],
    ["an unreadable m= line", sdp.replace("m=audio 9 ", "m=audio nine "), "m= line"],
    ["a port that is none", sdp.replace("m=audio 9 ", "m=audio 65536 "), "m= line"],
    ["one mid twice", sdp.replace("a=mid:1", "a=mid:0"), "one mid twice"],
    ["a mid with a space", sdp.replace("a=mid:1", "a=mid:1 1"), "unusable mid"],
  ])("%s", (_name, text, reason) => {
    const side = new Side("a");
    expect(refusalOf(() => side.media.takeOffer({ type: "offer", sdp: text }))).toContain(reason);
    side.answer(fixture("chromium-offer"));
  });

  it("an answer for an offer, and the reverse", () => {
    const side = new Side("a");
    expect(refusalOf(() => side.media.takeOffer(fixture("aiortc-answer")))).toContain("no offer");
    side.offer();
    expect(refusalOf(() => side.media.takeAnswer(fixture("aiortc-offer")))).toContain("no answer");
  });
});

describe("a remote description that does not follow what is in force", () => {
  it.each([
    ["fewer sections", (sdp: string) => sdp.replace(/m=audio[^]*/, ""), "lacks media sections"],
    ["another kind", (sdp: string) => sdp.replace("m=audio", "m=video"), "order"],
    ["another mid", (sdp: string) => sdp.replace("a=mid:1", "a=mid:9"), "order"],
  ])("is refused: an offer with %s", (_name, change, reason) => {
    expect(later(change)).toContain(reason);
  });

  it.each([
    ["fewer sections", (sdp: string) => sdp.replace(/m=audio[^]*/, ""), "another number"],
    ["another kind", (sdp: string) => sdp.replace("m=audio", "m=video"), "other media sections"],
    ["another mid", (sdp: string) => sdp.replace("a=mid:1", "a=mid:9"), "other media sections"],
    ["no live section", (sdp: string) => sdp.replaceAll(/^m=(\S+) 9/gm, "m=$1 0"), "refuses every"],
  ])("is refused: an answer with %s", (_name, change, reason) => {
    const [a, b] = [new Side("a"), new Side("b")];
    a.media.addTrack("audio", track("voice"));
    const answer: SessionDescription = b.answer(a.offer());
    const broken = { ...answer, sdp: change(answer.sdp) };
    expect(refusalOf(() => a.media.takeAnswer(broken))).toContain(reason);
    a.accept(answer);
    expect(a.media.needsNegotiation()).toBe(false);
  });
});

it("refuses an offer in which an unnamed section stands where a mid was that another one has now", () => {
  const [a, b] = [new Side("a"), new Side("b")];
  a.media.addTrack("audio", track("voice"));
  const offer = a.offer();
  b.answer(offer);
  const sdp = offer.sdp.replace("a=mid:0\r\n", "") + offer.sdp.slice(offer.sdp.indexOf("m=audio"));
  const clash = sdp.replace(/a=mid:1(?![^]*a=mid:1)/, "a=mid:0");
  expect(refusalOf(() => b.media.takeOffer({ type: "offer", sdp: clash }))).toContain("order");
});

describe("a connection", () => {
  it("has 63 tracks and the data channels, and no more", () => {
    const [a, b] = [new Side("a"), new Side("b")];
    for (let index = 1; index < maxMediaSections; index += 1) {
      a.media.addTrack("audio", track(String(index)));
    }
    expect(() => a.media.addTrack("audio", track("more"))).toThrow(/64 media sections at most/);
    negotiate(a, b);
    expect(a.media.slots.every(({ currentDirection }) => currentDirection === "sendonly")).toBe(
      true,
    );
    a.media.slots[0]?.stop();
    negotiate(a, b);
    a.media.addTrack("video", track("more"));
    negotiate(a, b);
    expect(a.media.needsNegotiation()).toBe(false);
    expect(a.media.slots).toHaveLength(maxMediaSections - 1);
  });

  it("has no two tracks of the same ids, and no ids that break a line", () => {
    const side = new Side("a");
    const slot = side.media.addTrack("audio", track("one"));
    expect(() => side.media.addTrack("video", track("one"))).toThrow(/sent already/);
    const broken = { trackId: "a\r\na=x", streamId: "b" };
    expect(() => side.media.addTrack("video", broken)).toThrow(/letters, digits/);
    expect(() => (slot.localTrack = broken)).toThrow(/letters, digits/);
    expect(side.media.slots).toHaveLength(1);
  });
});
