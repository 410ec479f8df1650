import { randomInt } from "node:crypto";

/**
 * Corrects the local descriptions that werift 0.25.2 makes: each gets a new session id, where one connection must
 * keep its id and count the version up (RFC 8829 section 5.2.2), and a later offer names a DTLS role, where an offer
 * must say `actpass` (RFC 8842 section 5.2).
 */
export function createDescriptionCorrector(): (type: "offer" | "answer", sdp: string) => string {
  // Below 2^48, so that every parser holds it in an integer.
  const sessionId = randomInt(1, 2 ** 48 - 1);
  let version = 0;
  return (type, sdp) => {
    version += 1;
    const corrected = sdp.replace(/^o=.*$/m, `o=- ${sessionId} ${version} IN IP4 0.0.0.0`);
    if (type === "answer") return corrected;
    return corrected.replaceAll(/^a=setup:(active|passive)$/gm, "a=setup:actpass");
  };
}
