import { ConicError } from "@conic/domain";

/** What a description needs for a transport to come of it: RFC 8866, RFC 8839 section 5.4, RFC 8122 section 5. */
const needed: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/^v=0\r?$/m, "a version"],
  [/^m=\S+ \d+ \S+ /m, "a media section"],
  [/^a=ice-ufrag:[\w+/=-]{4,256}\r?$/m, "an ICE username fragment"],
  [/^a=ice-pwd:[\w+/=-]{22,256}\r?$/m, "an ICE password"],
  [/^a=fingerprint:\S+ [\dA-Fa-f]{2}(:[\dA-Fa-f]{2}){15,63}\r?$/m, "a certificate fingerprint"],
];

/**
 * werift resolves for any text, takes from it what it can read and fails later, for good.
 * @throws ConicError `invalid_description` for a text that no transport can come of.
 */
export function checkDescription(type: "offer" | "answer", sdp: string): void {
  for (const [pattern, name] of needed) {
    if (!pattern.test(sdp)) {
      throw new ConicError("invalid_description", `the remote ${type} has no ${name}`);
    }
  }
}
