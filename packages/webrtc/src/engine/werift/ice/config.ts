import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
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

/** @throws ConicError `invalid_argument` for anything but IP addresses. */
export function checkHostAddresses(addresses: readonly string[]): void {
  for (const address of addresses) {
    if (isIP(address) === 0) {
      throw new ConicError("invalid_argument", `not an IP address of this host: ${address}`);
    }
  }
}

/**
 * All addresses but loopback and link-local ones; loopback where there is no other: two programs on a laptop without
 * a network still connect. werift's own choice leaves out tunnels, over which peers of one VPN find each other.
 */
export function defaultHostAddresses(
  interfaces: typeof networkInterfaces = networkInterfaces,
): string[] {
  const found: string[] = [];
  for (const list of Object.values(interfaces())) {
    for (const { address, internal } of list ?? []) {
      if (!internal && !/^(169\.254\.|fe[89ab][\da-f]:)/i.test(address)) found.push(address);
    }
  }
  return found.length > 0 ? found : ["127.0.0.1"];
}

/** Whether datagrams to this address stay on this machine. */
export function isOwnAddress(
  address: string,
  interfaces: typeof networkInterfaces = networkInterfaces,
): boolean {
  if (/^(127\.|::1$)/.test(address)) return true;
  return Object.values(interfaces()).some((list) =>
    list?.some((own) => own.address.toLowerCase() === address.toLowerCase()),
  );
}
