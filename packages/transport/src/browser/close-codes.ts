import { ConicError } from "@conic/domain";
import { checkClose } from "../connection/close-rules.js";

const isNative = (code: number): boolean => code === 1000 || (code >= 3000 && code <= 4999);

/**
 * Of the codes below 3000, the WebSocket of browsers sends 1000 only.
 * @throws ConicError `invalid_argument` for another one, or a reason that does not fit.
 */
export function checkNativeClose(code: number, reason: string): void {
  checkClose(code, reason);
  if (isNative(code)) return;
  throw new ConicError(
    "invalid_argument",
    `a browser closes with 1000 or 3000 to 4999, not with ${code}`,
  );
}

/** The code to send for one that a browser does not send: 1003 goes as 4403, 1006 as 4406, 1009 as 4409. */
export function nativeCode(code: number): number {
  return isNative(code) ? code : code + 3400;
}
