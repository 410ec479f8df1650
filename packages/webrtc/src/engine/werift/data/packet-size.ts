import { isIPv6 } from "node:net";
import type { PathFacts } from "@conic/sctp";
import type { DatagramPath } from "../ice/path.js";

/** UDP payloads of Ethernet, less what a DTLS record adds. */
const ethernetBytes = { ipv4: 1_432, ipv6: 1_412 } as const;
/** The largest DTLS record (RFC 6347 section 4.1). */
const recordBytes = 16_384;

/**
 * An attribute of our own, which other stacks skip (RFC 8866 section 5.13). Only who has it is ever sent more than
 * Ethernet carries, be it as a probe: a record of more than 2,048 bytes makes libwebrtc give the connection up for
 * good, and aiortc takes what follows the first 1,500 bytes for another packet.
 */
const attribute = "a=x-conic-packet-bytes:";

/** The description with the largest packet that this side takes. */
export function announcePacketBytes(sdp: string): string {
  return `${sdp}${attribute}${recordBytes}\r\n`;
}

/** What a remote description announces; 0 without it. */
export function announcedPacketBytes(sdp: string): number {
  const line = sdp.split(/\r?\n/).find((candidate) => candidate.startsWith(attribute));
  const bytes = Number(line?.slice(attribute.length) ?? 0);
  return Number.isInteger(bytes) && bytes > 0 ? Math.min(bytes, recordBytes) : 0;
}

/** What is known of a path to a remote that takes packets of up to `remoteBytes`. */
export function factsOf(path: DatagramPath, remoteBytes: number): PathFacts {
  const family = isIPv6(path.remoteAddress?.address ?? "") ? "ipv6" : "ipv4";
  const ethernet = ethernetBytes[family];
  const maxPacketBytes = path.isLocalMachine ? Math.max(ethernet, remoteBytes) : ethernet;
  return { rttMs: path.rttMs, maxPacketBytes };
}
