import type { SessionDescription } from "@conic/domain";

function values(sdp: string, prefix: string): string[] {
  const found: string[] = [];
  for (const line of sdp.split(/\r?\n/)) {
    if (line.startsWith(prefix)) found.push(line.slice(prefix.length).trim());
  }
  return found;
}

/** Whether the description announces this ICE username fragment (RFC 8839 section 5.4). */
export function hasUfrag(description: SessionDescription, ufrag: string): boolean {
  return values(description.sdp, "a=ice-ufrag:").includes(ufrag);
}

function sessionId(sdp: string): string | undefined {
  // RFC 8866 section 5.2: o=<username> <sess-id> <sess-version> ...
  return values(sdp, "o=")[0]?.split(" ")[1];
}

/** In capitals: RFC 8122 section 5 knows no case in them, and stacks differ. */
function fingerprintsOf(description: SessionDescription): string[] {
  return values(description.sdp.toUpperCase(), "A=FINGERPRINT:");
}

function overlaps(a: readonly string[], b: readonly string[]): boolean {
  return a.some((value) => b.includes(value));
}

/**
 * Whether `next` comes from another peer connection than `current`: the remote process was restarted, or the
 * remote started over, so that the transports of `current` lead nowhere.
 *
 * Within one connection certificates never change (W3C WebRTC section 4.4.1.1), and an ICE restart changes the
 * fragment but not the session id (RFC 8829 section 5.2.2). Some stacks give every description a new session id,
 * so that one alone proves nothing.
 */
export function isNewSession(current: SessionDescription, next: SessionDescription): boolean {
  const ufrags = values(next.sdp, "a=ice-ufrag:");
  // No transport at all: not a session of anybody, but something that cannot be used.
  if (ufrags.length === 0) return false;
  const fingerprints = fingerprintsOf(next);
  if (fingerprints.length > 0 && !overlaps(fingerprints, fingerprintsOf(current))) return true;
  const sameUfrag = overlaps(ufrags, values(current.sdp, "a=ice-ufrag:"));
  return !sameUfrag && sessionId(next.sdp) !== sessionId(current.sdp);
}
