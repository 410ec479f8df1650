import type { ConicError } from "./errors.js";
import type { AbortOptions } from "./util/abort.js";

/** WebSocket close codes (RFC 6455 section 7.4.1) and Conic's own. */
export const closeCodes = {
  normal: 1000,
  goingAway: 1001,
  unsupportedData: 1003,
  noStatus: 1005,
  abnormal: 1006,
  policyViolation: 1008,
  tooLarge: 1009,
  internal: 1011,
  slowConsumer: 4001,
  registerTimeout: 4002,
  pingTimeout: 4003,
  replaced: 4500,
  unauthorized: 4501,
  kicked: 4502,
  idleTimeout: 4503,
} as const;

/** How a stream or connection ended. */
export interface CloseInfo {
  /** A WebSocket close code; 1006 when the other end vanished without a word. */
  readonly code: number;
  readonly reason: string;
  /** Whether both ends agreed to close, with nothing lost that was sent before. */
  readonly wasClean: boolean;
  /** Why, when it did not end as either side wished. */
  readonly error?: ConicError;
}

export interface CloseOptions extends AbortOptions {
  /** Default 1000. */
  readonly code?: number;
  /** At most 123 bytes of UTF-8, as RFC 6455 allows. */
  readonly reason?: string;
}

/** Whether a client that was closed with `code` should connect again: not after 4500 to 4999. */
export function mayReconnect(code: number): boolean {
  return code < 4500 || code > 4999;
}
