import type { IncomingHttpHeaders } from "node:http";
import { BlockList, isIP } from "node:net";
import { ConicError } from "@conic/domain";
import { ipAddress } from "./address.js";

/** Whether an address is one of a list. */
export type AddressMatcher = (address: string) => boolean;

type Family = "ipv4" | "ipv6";

function familyOf(address: string): Family | undefined {
  const version = isIP(address);
  if (version === 0) return undefined;
  return version === 4 ? "ipv4" : "ipv6";
}

/** @throws ConicError `invalid_argument` for what is no address and no network in CIDR notation. */
function addNetwork(list: BlockList, network: string): void {
  const [text = "", bits, ...more] = network.trim().split("/");
  const address = ipAddress(text);
  const family = familyOf(address);
  const longest = family === "ipv4" ? 32 : 128;
  const given = bits === undefined ? longest : /^\d{1,3}$/.test(bits) ? Number(bits) : Infinity;
  // The prefix of an IPv4-mapped network counts the 96 bits in front.
  const prefix = address === text || bits === undefined ? given : given - 96;
  if (family === undefined || more.length > 0 || prefix < 0 || prefix > longest) {
    throw new ConicError(
      "invalid_argument",
      `${JSON.stringify(network)} is no address or network; write 10.0.0.0/8, 192.0.2.1 or fd00::/8`,
    );
  }
  list.addSubnet(address, prefix, family);
}

/** Answers that are remembered: a check takes longer than all other limits of a connection that opens. */
const maxKnownAddresses = 1024;
const maxKnownChars = 45;

/**
 * Matches addresses of these networks; IPv4-mapped addresses count as IPv4.
 * @param networks - addresses, or networks in CIDR notation (RFC 4632, RFC 4291 section 2.3).
 * @throws ConicError `invalid_argument` for another text.
 */
export function addressMatcher(networks: readonly string[]): AddressMatcher {
  const list = new BlockList();
  for (const network of networks) addNetwork(list, network);
  if (networks.length === 0) return () => false;
  const known = new Map<string, boolean>();
  return (address) => {
    const before = known.get(address);
    if (before !== undefined) return before;
    const plain = ipAddress(address);
    const family = familyOf(plain);
    if (family === undefined) return false;
    const isOne = list.check(plain, family);
    // An address with a zone (RFC 4007 section 11) may be of any length.
    if (address.length > maxKnownChars) return isOne;
    if (known.size >= maxKnownAddresses) known.clear();
    known.set(address, isOne);
    return isOne;
  };
}

/** Proxies that add to the header themselves are few; whoever sends more is not looked at further back than this. */
const maxHops = 32;

/** One entry of X-Forwarded-For: an address, some proxies add a port. Undefined for anything else. */
function entryAddress(entry: string): string | undefined {
  const bracketed = /^"?\[(?<address>[^\]]+)\](?::\d{1,5})?"?$/.exec(entry)?.groups?.["address"];
  const withPort = /^(?<address>[\d.]+):\d{1,5}$/.exec(entry)?.groups?.["address"];
  // A zone such as %eth0 means something on one machine only.
  const text = (bracketed ?? withPort ?? entry).replace(/%.*$/, "");
  const address = ipAddress(text);
  return isIP(address) === 0 ? undefined : address;
}

/**
 * Who sent a request that came over a connection from `peer`: the right-most entry of X-Forwarded-For that is no
 * trusted proxy. What stands left of it was written by whoever it names, and proves nothing.
 *
 * Where an entry is no address, a trusted proxy has handed on what it should not have: then the last address that
 * was certain counts.
 */
export function forwardedAddress(
  peer: string | undefined,
  headers: IncomingHttpHeaders,
  isTrusted: AddressMatcher,
): string {
  let address = ipAddress(peer);
  if (!isTrusted(address)) return address;
  const header = headers["x-forwarded-for"];
  if (header === undefined) return address;
  // Node joins repeated headers by a comma, in their order.
  const entries = (typeof header === "string" ? header : header.join(",")).split(",");
  for (let i = entries.length - 1, hops = 0; i >= 0 && hops < maxHops; i -= 1, hops += 1) {
    const entry = entryAddress(entries[i]?.trim() ?? "");
    if (entry === undefined) return address;
    address = entry;
    if (!isTrusted(entry)) return address;
  }
  return address;
}
