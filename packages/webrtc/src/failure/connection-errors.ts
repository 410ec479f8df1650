import { ConicError, type CallFailureReason, type ClientId, type ErrorCode } from "@conic/domain";

function failure(code: ErrorCode, reason: CallFailureReason, message: string): ConicError {
  return new ConicError(code, message, { details: { reason } });
}

/** Why a connection to a peer ended or did not come up, where that takes no looking into it. */
export const connectionErrors = {
  refused: (peer: ClientId): ConicError =>
    failure("connection_failed", "refused", `${peer} refused the offer`),
  newSession: (peer: ClientId): ConicError =>
    failure("connection_failed", "peer_gone", `${peer} started a new session: call it again`),
  closed: (peer: ClientId): ConicError =>
    new ConicError("closed", `the connection to ${peer} is closed`),
  wasClosed: (peer: ClientId): ConicError =>
    new ConicError("closed", `the connection to ${peer} was closed`),
  closedByRemote: (peer: ClientId): ConicError =>
    failure("closed", "peer_gone", `${peer} closed the connection: call it again`),
} as const;

/** The same error with a reason, where it has none yet. */
export function withReason(error: ConicError, reason: CallFailureReason): ConicError {
  if (error.details["reason"] !== undefined) return error;
  const details = { ...error.details, reason };
  return new ConicError(error.code, error.message, { cause: error, details });
}

/** What the server answers to a signal. */
export function signalingError(error: ConicError): ConicError {
  const reasons: Partial<Record<ErrorCode, CallFailureReason>> = {
    target_not_found: "peer_gone",
    unreachable: "server_unreachable",
    shutting_down: "server_unreachable",
  };
  return withReason(error, reasons[error.code] ?? "other");
}
