import { ConicError, isConicError } from "@conic/domain";

/** It ended without an error of its own. */
export function closedByServer(): ConicError {
  return new ConicError("closed", "the server closed the connection");
}

/** The id belongs to a client that broke off, such as an earlier process of the same user: it will be free. */
export function isKept(error: ConicError): error is ConicError<"id_taken"> {
  return isConicError(error, "id_taken") && error.details["retryAfterMs"] !== undefined;
}

/** The id of a connection that the server has not yet missed is free again in a moment. */
export function isWorthRetrying(error: ConicError): boolean {
  return error.retryable || isConicError(error, "closed");
}
