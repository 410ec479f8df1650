import { ConicError, type ErrorCode } from "@conic/domain";
import type { Target } from "./target.js";

/** Why a dial failed, in `details.reason`. */
export type DialFailure =
  | "refused"
  | "dns"
  | "no_route"
  | "tls"
  | "reset"
  | "http_status"
  | "not_websocket"
  | "other";

/** The error of a failed dial says where it wanted to go, what happened, and what to check. */
export function failure(
  { host, port }: Target,
  reason: DialFailure,
  text: string,
  options: { cause?: unknown; code?: ErrorCode; status?: number; retryAfterMs?: number } = {},
): ConicError {
  const { cause, code = "unreachable", status, retryAfterMs } = options;
  return new ConicError(code, `cannot connect to ${host}:${port}: ${text}`, {
    ...(cause === undefined ? {} : { cause }),
    details: {
      reason,
      ...(status === undefined ? {} : { status }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    },
  });
}
