import type { Server } from "node:http";
import { BlockList, isIPv6 } from "node:net";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** Whether other machines can reach an address that a server listens on. */
export function isExposed(address: string): boolean {
  return !loopback.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}

/** The addresses on which other machines can reach these servers. */
export function exposedAddresses(servers: readonly Server[]): readonly string[] {
  return servers.flatMap((server) => {
    const address = server.address();
    const host = typeof address === "object" ? address?.address : undefined;
    return host !== undefined && isExposed(host) ? [host] : [];
  });
}
