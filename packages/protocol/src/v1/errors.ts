import { ConicError, isClientId, isErrorCode, type ErrorCode } from "@conic/domain";
import type { ErrorBody, ServerMessage } from "./messages.js";

/** The codes that travel; the others of the table are local to one process. */
const wireCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "invalid_message",
  "unsupported_type",
  "not_registered",
  "already_registered",
  "id_taken",
  "invalid_id",
  "forbidden",
  "unauthorized",
  "target_not_found",
  "rate_limited",
  "too_large",
  "slow_consumer",
  "register_timeout",
  "ping_timeout",
  "replaced",
  "kicked",
  "idle_timeout",
  "unsupported_data",
  "shutting_down",
  "internal",
]);

export function isWireErrorCode(code: unknown): code is ErrorCode {
  return isErrorCode(code) && wireCodes.has(code);
}

/** What the other end is told of a fault of this one: that it happened, not how this process is built. */
const internalText = "the server failed on this message; try again later";

/** The error itself when its code travels, else `internal` with the error as its cause. */
export function toWireError(error: unknown): ConicError {
  const known = ConicError.from(error, "internal", internalText);
  return isWireErrorCode(known.code)
    ? known
    : new ConicError("internal", internalText, { cause: known });
}

/**
 * The `error` message for an error. Details that travel: `targetId`, `retryAfterMs`, and `id`, the correlation id,
 * unless `id` is given. The text of `internal` errors stays here.
 */
export function errorMessage(error: ConicError, id?: string): ServerMessage<"error"> {
  const { code, message, details } = toWireError(error);
  const { targetId, retryAfterMs } = details;
  const correlation = id ?? details["id"];
  const body: ErrorBody = {
    Code: code,
    Message: code === "internal" ? internalText : message,
    ...(isClientId(targetId) ? { TargetID: targetId } : {}),
    ...(isDuration(retryAfterMs) ? { RetryAfterMs: retryAfterMs } : {}),
  };
  return typeof correlation === "string"
    ? { type: "error", id: correlation, body }
    : { type: "error", body };
}

function isDuration(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

/**
 * The error that an `error` message tells of, with `details.id`, `targetId` and `retryAfterMs` where given. A code
 * that this version does not know, or that does not travel, becomes `internal` with the code in `details.code`.
 */
export function errorFromMessage(message: ServerMessage<"error">): ConicError {
  const { Code, Message, TargetID, RetryAfterMs } = message.body;
  const code = isWireErrorCode(Code) ? Code : "internal";
  // The text goes to terminals: control characters from the network must not.
  return new ConicError(code, Message.replaceAll(/\p{Cc}/gu, " "), {
    details: {
      ...(code === Code ? {} : { code: Code }),
      ...(message.id === undefined ? {} : { id: message.id }),
      ...(TargetID === undefined ? {} : { targetId: TargetID }),
      ...(RetryAfterMs === undefined ? {} : { retryAfterMs: RetryAfterMs }),
    },
  });
}
