import { describe, expect, it } from "vitest";
import { createDescriptionCorrector } from "../../src/engine/werift/sdp-corrector.js";

const sdp = (setup: string): string =>
  [
    "v=0",
    "o=- 81234567 0 IN IP4 0.0.0.0",
    "s=-",
    "t=0 0",
    "m=audio 9 UDP/TLS/RTP/SAVPF 96",
    `a=setup:${setup}`,
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    `a=setup:${setup}`,
    "",
  ].join("\r\n");

function origin(text: string): { id: number; version: number; line: string } {
  const line = /^o=.*$/m.exec(text)?.[0] ?? "";
  const [, id, version] = line.trim().split(" ");
  return { id: Number(id), version: Number(version), line };
}

describe("corrected local descriptions", () => {
  it("keep one session id and count the version up (RFC 8829 section 5.2.2)", () => {
    const correct = createDescriptionCorrector();
    const made = [
      origin(correct("offer", sdp("actpass"))),
      origin(correct("answer", sdp("active"))),
      origin(correct("offer", sdp("actpass"))),
    ];
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    expect(made.map(({ version }) => version)).toEqual([1, 2, 3]);
    expect(Number.isSafeInteger(made[0]?.id)).toBe(true);
    expect(made[0]?.id).toBeGreaterThan(0);
  });

  it("differ in their session id from connection to connection", () => {
    const ids = Array.from(
      { length: 20 },
      () => origin(createDescriptionCorrector()("offer", sdp("actpass"))).id,
    );
    expect(new Set(ids).size).toBe(20);
  });

  it("offer both DTLS roles in every section, later offers too (RFC 8842 section 5.2)", () => {
    const correct = createDescriptionCorrector();
    for (const setup of ["active", "passive", "actpass"]) {
      const found = correct("offer", sdp(setup)).match(/^a=setup:.*$/gm);
      expect(found?.map((line) => line.trim())).toEqual(["a=setup:actpass", "a=setup:actpass"]);
    }
  });

  it("leave the role of an answer, and every other line and line end, as they were", () => {
    const text = sdp("active");
    const corrected = createDescriptionCorrector()("answer", text);
    const [before, after] = [text, corrected].map((all) =>
      all.split("\r\n").map((line) => (line.startsWith("o=") ? "o=" : line)),
    );
    expect(after).toEqual(before);
  });
});
