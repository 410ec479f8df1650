import { headerBytes, packetType, type RtcpPart } from "./header.js";
import type { RtcpPacket } from "./packet.js";
import { parsePayloadFeedback, parseTransportFeedback } from "./feedback/parse.js";
import {
  parseGoodbye,
  parseReceiverReport,
  parseSenderReport,
  parseSourceDescription,
} from "./reports/parse.js";

const version = 2;
const paddingBit = 0x20;

/**
 * The packets of a compound, or of the lone one that reduced-size RTCP allows (RFC 5506). Never throws: a packet
 * of unknown type or broken content is left out, and the rest after a broken header.
 */
export function parseRtcp(bytes: Uint8Array): RtcpPacket[] {
  const found: RtcpPacket[] = [];
  let at = 0;
  while (at + headerBytes <= bytes.length) {
    const first = bytes[at] as number;
    const words = ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);
    const end = at + headerBytes + 4 * words;
    if (first >> 6 !== version || end > bytes.length) break;
    const bodyBytes = bodyLength(bytes, first, at + headerBytes, end);
    if (bodyBytes !== undefined) {
      const body = new DataView(bytes.buffer, bytes.byteOffset + at + headerBytes, bodyBytes);
      const packet = parsePart({ type: bytes[at + 1] as number, count: first & 0x1f, body });
      if (packet !== undefined) found.push(packet);
    }
    at = end;
  }
  return found;
}

/** Without padding, whose last byte counts it. */
function bodyLength(
  bytes: Uint8Array,
  first: number,
  start: number,
  end: number,
): number | undefined {
  if ((first & paddingBit) === 0) return end - start;
  if (end === start) return undefined;
  const padding = bytes[end - 1] as number;
  return padding === 0 || padding > end - start ? undefined : end - start - padding;
}

function parsePart(part: RtcpPart): RtcpPacket | undefined {
  switch (part.type) {
    case packetType.senderReport:
      return parseSenderReport(part);
    case packetType.receiverReport:
      return parseReceiverReport(part);
    case packetType.sourceDescription:
      return parseSourceDescription(part);
    case packetType.goodbye:
      return parseGoodbye(part);
    case packetType.transportFeedback:
      return parseTransportFeedback(part);
    case packetType.payloadFeedback:
      return parsePayloadFeedback(part);
    default:
      return undefined;
  }
}
