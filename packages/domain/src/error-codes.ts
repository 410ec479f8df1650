/** What one error code means. */
export interface ErrorCodeInfo {
  /** Whether the same request may succeed later without the caller changing anything. */
  readonly retryable: boolean;
  /** WebSocket close code, where the error ends the connection. */
  readonly closeCode?: number;
}

/**
 * Every error of every Conic package, on the wire and in the API.
 *
 * The first group travels in `error` messages of the signaling protocol; the second is local to one process.
 * Close codes: 4000 to 4499 mean that the client should reconnect, 4500 to 4999 that it must not.
 */
export const errorCodes = {
  /** The frame is not JSON, or not a message of the protocol. */
  invalid_message: { retryable: false },
  /** The message type is unknown. */
  unsupported_type: { retryable: false },
  /** The connection must register first. */
  not_registered: { retryable: false },
  /** The connection holds an id already. */
  already_registered: { retryable: false },
  /** Another connection holds the id that was asked for. */
  id_taken: { retryable: true },
  /** The id breaks the grammar of ids. */
  invalid_id: { retryable: false },
  /** The message names a sender other than the connection's own id, or the token does not allow it. */
  forbidden: { retryable: false },
  /** The token is missing, wrong or expired. */
  unauthorized: { retryable: false, closeCode: 4501 },
  /** Nobody holds the target id. */
  target_not_found: { retryable: true },
  /** Too many messages in too short a time. */
  rate_limited: { retryable: true },
  /** A message or frame is larger than the limit. */
  too_large: { retryable: false, closeCode: 1009 },
  /** The receiver did not read; its buffer was full. */
  slow_consumer: { retryable: true, closeCode: 4001 },
  /** The connection did not register in time. */
  register_timeout: { retryable: true, closeCode: 4002 },
  /** No pong came in time. */
  ping_timeout: { retryable: true, closeCode: 4003 },
  /** A newer connection took the id over with its resume secret. */
  replaced: { retryable: false, closeCode: 4500 },
  /** Whoever runs the server has ended this client; it must not come back by itself. */
  kicked: { retryable: false, closeCode: 4502 },
  /** The client sent nothing for as long as the server waits; it comes back when it has something to do. */
  idle_timeout: { retryable: false, closeCode: 4503 },
  /** A frame of a kind that the protocol does not use, such as a binary one. */
  unsupported_data: { retryable: false, closeCode: 1003 },
  /** The server is going away. */
  shutting_down: { retryable: true, closeCode: 1001 },
  /** A fault of this side. */
  internal: { retryable: true, closeCode: 1011 },

  /** The caller's AbortSignal fired. */
  aborted: { retryable: true },
  /** A time limit passed. */
  timeout: { retryable: true },
  /** An argument is out of range or of the wrong kind. */
  invalid_argument: { retryable: false },
  /** The object is not in a state that allows the call. */
  invalid_state: { retryable: false },
  /** The stream, connection or channel is closed. */
  closed: { retryable: false },
  /** A bounded queue is full; wait for `ready()` and try again. */
  buffer_full: { retryable: true },
  /** The other end cannot be reached: refused, no route, no such host. */
  unreachable: { retryable: true },
  /** A peer connection could not be established, or was lost. */
  connection_failed: { retryable: true },
  /** The session description cannot be used. */
  invalid_description: { retryable: false },
  /** Offer and answer could not be completed. */
  negotiation_failed: { retryable: true },
  /** The feature exists in the standard but not here. */
  unsupported: { retryable: false },
  /** Stored data, such as a WAV file, breaks its format; `details.byteOffset` says where. */
  invalid_data: { retryable: false },
} as const;

export type ErrorCode = keyof typeof errorCodes;

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === "string" && Object.hasOwn(errorCodes, value);
}

export function errorCodeInfo(code: ErrorCode): ErrorCodeInfo {
  return errorCodes[code];
}
