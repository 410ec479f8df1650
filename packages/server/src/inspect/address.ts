import type { IncomingMessage } from "node:http";
import { addressMatcher, forwardedAddress } from "@conic/transport";

/**
 * Tells whose address an HTTP request is from, as the server tells it of its clients: behind these proxies, the one that
 * they name in X-Forwarded-For. For requests that the caller answers itself.
 * @throws ConicError `invalid_argument` for what is no address and no network.
 */
export function requestAddress(
  trustedProxies: readonly string[] = [],
): (request: IncomingMessage) => string {
  const isTrusted = addressMatcher(trustedProxies);
  return ({ socket, headers }) => forwardedAddress(socket.remoteAddress, headers, isTrusted);
}
