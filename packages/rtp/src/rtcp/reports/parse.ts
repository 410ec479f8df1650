import { cnameItem, reportBlockBytes, senderInfoBytes, type RtcpPart } from "../header.js";
import type {
  Goodbye,
  ReceiverReport,
  ReportBlock,
  SenderReport,
  SourceDescription,
} from "../packet.js";

export function parseSenderReport({ count, body }: RtcpPart): SenderReport | undefined {
  if (body.byteLength < senderInfoBytes + count * reportBlockBytes) return undefined;
  return {
    type: "sr",
    ssrc: body.getUint32(0),
    ntpSeconds: body.getUint32(4),
    ntpFraction: body.getUint32(8),
    rtpTimestamp: body.getUint32(12),
    packetCount: body.getUint32(16),
    octetCount: body.getUint32(20),
    reports: parseReports(body, senderInfoBytes, count),
  };
}

export function parseReceiverReport({ count, body }: RtcpPart): ReceiverReport | undefined {
  if (body.byteLength < 4 + count * reportBlockBytes) return undefined;
  return { type: "rr", ssrc: body.getUint32(0), reports: parseReports(body, 4, count) };
}

function parseReports(body: DataView, from: number, count: number): ReportBlock[] {
  const reports: ReportBlock[] = [];
  for (let at = from; reports.length < count; at += reportBlockBytes) {
    reports.push({
      ssrc: body.getUint32(at),
      fractionLost: body.getUint8(at + 4),
      // 24 bits with a sign.
      packetsLost: (body.getInt32(at + 4) << 8) >> 8,
      highestSequence: body.getUint32(at + 8),
      jitter: body.getUint32(at + 12),
      lastSenderReport: body.getUint32(at + 16),
      delaySinceLastSenderReport: body.getUint32(at + 20),
    });
  }
  return reports;
}

export function parseSourceDescription({ count, body }: RtcpPart): SourceDescription | undefined {
  const chunks: { ssrc: number; cname: string | undefined }[] = [];
  let at = 0;
  while (chunks.length < count) {
    if (at + 4 > body.byteLength) return undefined;
    const ssrc = body.getUint32(at);
    const items = parseItems(body, at + 4);
    if (items === undefined) return undefined;
    chunks.push({ ssrc, cname: items.cname });
    at = items.end;
  }
  return { type: "sdes", chunks };
}

/** Items end with one byte of zero or more, up to the next multiple of four. */
function parseItems(
  body: DataView,
  from: number,
): { cname: string | undefined; end: number } | undefined {
  let cname: string | undefined;
  let at = from;
  while (at < body.byteLength) {
    const item = body.getUint8(at);
    if (item === 0) return { cname, end: (at + 4) & ~3 };
    if (at + 2 > body.byteLength) return undefined;
    const length = body.getUint8(at + 1);
    const start = at + 2;
    if (start + length > body.byteLength) return undefined;
    if (item === cnameItem && cname === undefined) cname = text(body, start, length);
    at = start + length;
  }
  return undefined;
}

// The name is compared with others: a byte order mark is part of it.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

function text(body: DataView, start: number, length: number): string {
  return decoder.decode(new Uint8Array(body.buffer, body.byteOffset + start, length));
}

export function parseGoodbye({ count, body }: RtcpPart): Goodbye | undefined {
  if (body.byteLength < 4 * count) return undefined;
  const ssrcs = Array.from({ length: count }, (_, index) => body.getUint32(4 * index));
  return { type: "bye", ssrcs };
}
