import { ConicError, type ClientId } from "@conic/domain";

/** Why a connection to a peer ended or did not come up, in words that say what to do. */
export const connectionErrors = {
  timedOut: (peer: ClientId, timeoutMs: number): ConicError =>
    new ConicError("timeout", `${peer} did not connect within ${timeoutMs} ms`),
  lost: (peer: ClientId): ConicError =>
    new ConicError("connection_failed", `the connection to ${peer} was lost`),
  noPath: (peer: ClientId): ConicError =>
    new ConicError(
      "connection_failed",
      `no network path to ${peer}: a STUN or TURN server may be needed (iceServers)`,
    ),
  refused: (peer: ClientId): ConicError =>
    new ConicError("connection_failed", `${peer} refused the offer`),
  incomplete: (peer: ClientId): ConicError =>
    new ConicError("connection_failed", `the handshake with ${peer} does not complete`),
  newSession: (peer: ClientId): ConicError =>
    new ConicError("connection_failed", `${peer} started a new session`),
  closed: (peer: ClientId): ConicError =>
    new ConicError("closed", `the connection to ${peer} is closed`),
  wasClosed: (peer: ClientId): ConicError =>
    new ConicError("closed", `the connection to ${peer} was closed`),
} as const;
