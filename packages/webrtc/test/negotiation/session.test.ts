import type { SessionDescription } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { hasUfrag, isNewSession } from "../../src/negotiation/session.js";

interface Parts {
  readonly session?: string;
  readonly version?: number;
  readonly ufrag?: string;
  /** Empty for a description without one. */
  readonly fingerprint?: string;
}

const hex = (byte: string): string => Array.from({ length: 32 }, () => byte).join(":");

/** One stack's way to lay a description out. */
type Shape = (parts: Required<Parts>) => string[];

const fingerprintLine = ({ fingerprint }: Required<Parts>): string[] =>
  fingerprint === "" ? [] : [`a=fingerprint:sha-256 ${hex(fingerprint)}`];

const shapes: Record<string, Shape> = {
  // Fingerprint and fragment per media section; session id fixed, version counted up.
  Chromium: (p) => [
    "v=0",
    `o=- ${p.session} ${p.version} IN IP4 127.0.0.1`,
    "s=-",
    "t=0 0",
    "a=group:BUNDLE 0",
    "a=extmap-allow-mixed",
    "a=msid-semantic: WMS",
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    "c=IN IP4 0.0.0.0",
    `a=ice-ufrag:${p.ufrag}`,
    "a=ice-pwd:wVFYk2pCsoE5aRpoyEdC0xBh",
    "a=ice-options:trickle",
    ...fingerprintLine(p),
    "a=setup:actpass",
    "a=mid:0",
    "a=sctp-port:5000",
    "a=max-message-size:262144",
  ],
  // Fingerprint at session level, its own user name in the origin.
  Firefox: (p) => [
    "v=0",
    `o=mozilla...THIS_IS_SDPARTA-99.0 ${p.session} ${p.version} IN IP4 0.0.0.0`,
    "s=-",
    "t=0 0",
    ...fingerprintLine(p),
    "a=group:BUNDLE 0",
    "a=ice-options:trickle",
    "a=msid-semantic:WMS *",
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    "c=IN IP4 0.0.0.0",
    "a=sendrecv",
    "a=ice-pwd:e6a3bd1bb37b02ba71e4fb5dd1e2bd4f",
    `a=ice-ufrag:${p.ufrag}`,
    "a=mid:0",
    "a=setup:actpass",
    "a=sctp-port:5000",
    "a=max-message-size:1073741823",
  ],
  // A new session id in every description; several media sections repeat fragment and fingerprint.
  werift: (p) => [
    "v=0",
    `o=- ${p.session} 0 IN IP4 0.0.0.0`,
    "s=-",
    "t=0 0",
    "a=group:BUNDLE 0 1",
    "a=extmap-allow-mixed",
    "m=audio 9 UDP/TLS/RTP/SAVPF 96",
    `a=ice-ufrag:${p.ufrag}`,
    "a=ice-pwd:IoPnnr3vhKTWDCBc7DYPNO",
    ...fingerprintLine(p),
    "a=setup:actpass",
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    `a=ice-ufrag:${p.ufrag}`,
    "a=ice-pwd:IoPnnr3vhKTWDCBc7DYPNO",
    ...fingerprintLine(p),
    "a=setup:actpass",
  ],
};

const base = { session: "5712938", version: 2, ufrag: "Ab3+", fingerprint: "0A" };

describe.each(Object.entries(shapes))("descriptions as %s writes them", (_, shape) => {
  describe.each(["\r\n", "\n"])("with line ends %j", (end) => {
    const description = (parts: Parts): SessionDescription => ({
      type: "offer",
      sdp: shape({ ...base, ...parts }).join(end) + end,
    });
    const current = description({});

    it("belong together when an offer repeats", () => {
      expect(isNewSession(current, current)).toBe(false);
    });

    it("belong together after a renegotiation: same id, next version", () => {
      expect(isNewSession(current, description({ version: 3 }))).toBe(false);
    });

    it("belong together after an ICE restart: other fragment, same id", () => {
      expect(isNewSession(current, description({ version: 3, ufrag: "Zz9/" }))).toBe(false);
    });

    it("belong together when the stack makes a session id for each, as the fragment shows", () => {
      expect(isNewSession(current, description({ session: "999", version: 0 }))).toBe(false);
    });

    it("part when the certificate changed: the remote process was restarted", () => {
      expect(isNewSession(current, description({ fingerprint: "0B" }))).toBe(true);
      const next = description({ session: "999", ufrag: "Zz9/", fingerprint: "0B" });
      expect(isNewSession(current, next)).toBe(true);
    });

    it("part when a new connection has the certificate of the old one", () => {
      const next = description({ session: "999", version: 1, ufrag: "Zz9/" });
      expect(isNewSession(current, next)).toBe(true);
    });

    it("belong together when the next one names no certificate", () => {
      expect(isNewSession(current, description({ fingerprint: "", version: 3 }))).toBe(false);
    });

    it("belong together with one that names no transport, which nobody can use", () => {
      const text = "v=0\r\no=- 9 9 IN IP4 0.0.0.0\r\na=fingerprint:sha-256 FF\r\n";
      expect(isNewSession(current, { type: "offer", sdp: text })).toBe(false);
    });

    it("say which fragments are theirs, whole ones only", () => {
      expect(hasUfrag(current, "Ab3+")).toBe(true);
      expect(hasUfrag(current, "Ab3")).toBe(false);
      expect(hasUfrag(current, "")).toBe(false);
    });
  });
});

const sdp = (...fingerprints: string[]): SessionDescription => ({
  type: "offer",
  sdp: [
    "v=0",
    "o=- 1 1 IN IP4 0.0.0.0",
    "a=ice-ufrag:u",
    ...fingerprints.map((f) => `a=fingerprint:${f}`),
  ].join("\r\n"),
});

describe("certificates", () => {
  it("are the same in capitals and small letters (RFC 8122 section 5)", () => {
    expect(isNewSession(sdp("sha-256 AB:CD"), sdp("SHA-256 ab:cd"))).toBe(false);
  });

  it("are the same when one of several hashes is", () => {
    const current = sdp("sha-256 AB:CD", "sha-512 12:34");
    expect(isNewSession(current, sdp("sha-256 AB:CD"))).toBe(false);
    expect(isNewSession(current, sdp("sha-256 FF:CD"))).toBe(true);
  });
});
