import { isConicError } from "./errors.js";

/**
 * Why a call failed, in one word that programs and metrics may count: `details.reason` of its ConicError.
 *
 * - `no_candidates`: this side has no address and no relay to be reached at.
 * - `no_candidate_pair`: both sides have told addresses, and between no two of them datagrams pass.
 * - `dtls`: a path was found, and the handshake on it came to nothing.
 * - `timeout`: the peer is there, as far as anybody knows, and did not answer in time.
 * - `peer_gone`: nobody holds that id, or the peer closed, left, or started anew.
 * - `refused`: the peer does not want the call, or cannot use what was offered.
 * - `server_unreachable`: what there was to tell the peer could not be handed to the signaling server.
 * - `other`: none of these.
 */
export const callFailureReasons = [
  "no_candidates",
  "no_candidate_pair",
  "dtls",
  "timeout",
  "peer_gone",
  "refused",
  "server_unreachable",
  "other",
] as const;

export type CallFailureReason = (typeof callFailureReasons)[number];

/** `relayed`: a TURN server carries the data, at either end; `direct`: the peers send it to each other. */
export type CallPath = "direct" | "relayed";

/** How a call attempt came out, as clients report it to the signaling server. */
export type CallOutcome = CallPath | "failed";

export function isCallFailureReason(value: unknown): value is CallFailureReason {
  return callFailureReasons.some((reason) => reason === value);
}

/** `details.reason` of a ConicError; `other` where it has none. */
export function callFailureReason(error: unknown): CallFailureReason {
  const reason = isConicError(error) ? error.details["reason"] : undefined;
  return isCallFailureReason(reason) ? reason : "other";
}
