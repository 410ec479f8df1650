import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
import { ConicError } from "@conic/domain";

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
