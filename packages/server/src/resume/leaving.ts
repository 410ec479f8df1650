import { closeCodes, isConicError, type CloseInfo } from "@conic/domain";

const leaving: ReadonlySet<number> = new Set([
  closeCodes.normal,
  closeCodes.goingAway,
  closeCodes.noStatus,
]);

/**
 * Whether a connection ended without its client meaning to leave: it broke off, or the client closed it with a code
 * that is no goodbye. Not when the client broke the protocol, or did not read.
 */
export function mayReturn(info: CloseInfo): boolean {
  if (leaving.has(info.code)) return false;
  const { error } = info;
  return (
    error === undefined || isConicError(error, "closed") || isConicError(error, "ping_timeout")
  );
}
