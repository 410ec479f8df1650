import { ConicError, type IceCandidate } from "@conic/domain";
import { parseObject } from "../json/object.js";
import { candidateInit } from "./schema.js";

/** The `Candidate` of a message: JSON of the candidate as W3C RTCIceCandidateInit. */
export function encodeCandidate(init: IceCandidate): string {
  const { candidate, sdpMid, sdpMLineIndex, usernameFragment } = init;
  return JSON.stringify({ candidate, sdpMid, sdpMLineIndex, usernameFragment });
}

/**
 * Reads a `Candidate`: JSON of an RTCIceCandidateInit, a bare `candidate:…` line (of the first media section), or
 * the empty string, which ends the candidates.
 * @throws ConicError `invalid_message` for anything else.
 */
export function decodeCandidate(text: string): IceCandidate {
  if (text === "") return { candidate: "" };
  // RFC 8839 section 5.1 names the attribute; in SDP it stands behind "a=".
  const line = text.startsWith("a=") ? text.slice(2) : text;
  if (line.startsWith("candidate:")) return { candidate: line, sdpMLineIndex: 0 };
  const result = candidateInit.safeParse(parseObject(text));
  if (result.success) return result.data;
  throw new ConicError(
    "invalid_message",
    'Candidate must be JSON of an RTCIceCandidateInit, a "candidate:" line, or empty for the end of candidates',
  );
}
