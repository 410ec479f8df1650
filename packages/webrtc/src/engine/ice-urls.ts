import { ConicError, type IceServer } from "@conic/domain";

/** RFC 7064 and RFC 7065; anything else is a typing error that must not fail in silence. */
const iceUrl =
  /^(?:stuns?|turn|turns(?!.*=udp$)):(?:\[[\da-fA-F:.]+\]|[\w.-]+)(?::(?<port>\d{1,5}))?(?:\?transport=(?:udp|tcp))?$/;

function isIceUrl(url: string): boolean {
  const match = iceUrl.exec(url);
  if (match === null || (url.startsWith("stun") && url.includes("?"))) return false;
  const port = match.groups?.["port"];
  return port === undefined || (Number(port) >= 1 && Number(port) <= 65_535);
}

/** @throws ConicError `invalid_argument` for what is no server. */
export function checkIceServers(servers: readonly IceServer[]): void {
  for (const server of servers) {
    for (const url of typeof server.urls === "string" ? [server.urls] : server.urls) {
      if (!isIceUrl(url)) {
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
