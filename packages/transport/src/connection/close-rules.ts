import { ConicError, errorCodeInfo, type CloseInfo } from "@conic/domain";
import type { LinkEnd } from "./link.js";

/** Code of a connection that ended without a close frame (RFC 6455 section 7.4.1). */
export const abnormalCode = 1006;

const maxReasonBytes = 123;
const encoder = new TextEncoder();

/**
 * Codes that may be sent in a close frame: those of RFC 6455 section 7.4.1 and its registry but 1004, 1005, 1006
 * and 1015, and those that applications and libraries define.
 */
export function isSendable(code: number): boolean {
  if (!Number.isInteger(code)) return false;
  if (code >= 3000 && code <= 4999) return true;
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006;
}

/** @throws ConicError `invalid_argument` for a code or reason that does not fit a close frame. */
export function checkClose(code: number, reason: string): void {
  if (!isSendable(code)) {
    throw new ConicError("invalid_argument", `${code} is no close code that may be sent`);
  }
  if (encoder.encode(reason).byteLength > maxReasonBytes) {
    throw new ConicError(
      "invalid_argument",
      `a close reason is at most ${maxReasonBytes} bytes of UTF-8`,
    );
  }
}

/** How a connection ended that this side ended with an error. */
export function endedBy(error: ConicError, code?: number): CloseInfo {
  return {
    code: code ?? errorCodeInfo(error.code).closeCode ?? abnormalCode,
    reason: error.code,
    wasClean: false,
    error,
  };
}

/** Why a link ended without a close frame. */
function lost(end: LinkEnd): ConicError {
  const cause =
    end.cause instanceof Error && "code" in end.cause ? `: ${String(end.cause.code)}` : "";
  return new ConicError("closed", `the connection was lost without a close handshake${cause}`, {
    cause: end.cause,
  });
}

/** How a connection ended whose link ended by itself. */
export function endedWith(end: LinkEnd, missing: ConicError | undefined): CloseInfo {
  const { code, reason } = end;
  if (missing !== undefined) return { code, reason, wasClean: false, error: missing };
  return end.clean
    ? { code, reason, wasClean: true }
    : { code, reason, wasClean: false, error: lost(end) };
}
