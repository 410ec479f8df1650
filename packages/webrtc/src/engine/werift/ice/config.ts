import { networkInterfaces } from "node:os";
import { ConicError, type IceServer } from "@conic/domain";

/** W3C RTCIceServer schemes; anything else is a typing error that must not fail in silence. */
const iceUrl = /^(stun|stuns|turn|turns):[^\s?]+(\?transport=(udp|tcp))?$/;

export function checkIceServers(servers: readonly IceServer[]): void {
  for (const server of servers) {
    for (const url of typeof server.urls === "string" ? [server.urls] : server.urls) {
      if (!iceUrl.test(url)) {
        throw new ConicError(
          "invalid_argument",
          `not an ICE server URL: ${url}; write stun:host:port or turn:host:port?transport=udp`,
        );
      }
      if (
        url.startsWith("turn") &&
        (server.username === undefined || server.credential === undefined)
      ) {
        throw new ConicError(
          "invalid_argument",
          `the TURN server ${url} needs a username and a credential`,
        );
      }
    }
  }
}

export function namesStunServer(servers: readonly IceServer[]): boolean {
  return servers.some((server) =>
    (typeof server.urls === "string" ? [server.urls] : server.urls).some((url) =>
      /^stuns?:/.test(url),
    ),
  );
}

/** Loopback, where the machine has no other address: two programs on a laptop without a network still connect. */
export function fallbackHostAddresses(
  interfaces: typeof networkInterfaces = networkInterfaces,
): string[] {
  const external = Object.values(interfaces()).some((list) =>
    list?.some((entry) => !entry.internal),
  );
  return external ? [] : ["127.0.0.1"];
}
