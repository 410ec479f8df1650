import {
  feedbackSsrcsBytes,
  feedbackType,
  firEntryBytes,
  rembName,
  type RtcpPart,
} from "../header.js";
import type {
  FullIntraRequest,
  GenericNack,
  ReceiverEstimatedMaxBitrate,
  RtcpPacket,
} from "../packet.js";

/** Far more than any history holds: what one hostile packet of 64 KiB may make us list is bounded. */
const maxNackSequenceNumbers = 4096;

export function parseTransportFeedback({ count, body }: RtcpPart): GenericNack | undefined {
  if (count !== feedbackType.genericNack || body.byteLength < feedbackSsrcsBytes) return undefined;
  const sequenceNumbers: number[] = [];
  for (let at = feedbackSsrcsBytes; at + 4 <= body.byteLength; at += 4) {
    const first = body.getUint16(at);
    sequenceNumbers.push(first);
    for (let bits = body.getUint16(at + 2), next = 1; bits !== 0; bits >>= 1, next += 1) {
      if ((bits & 1) !== 0) sequenceNumbers.push((first + next) & 0xffff);
    }
    if (sequenceNumbers.length >= maxNackSequenceNumbers) break;
  }
  if (sequenceNumbers.length === 0) return undefined;
  return {
    type: "nack",
    senderSsrc: body.getUint32(0),
    mediaSsrc: body.getUint32(4),
    sequenceNumbers: sequenceNumbers.slice(0, maxNackSequenceNumbers),
  };
}

export function parsePayloadFeedback({ count, body }: RtcpPart): RtcpPacket | undefined {
  if (body.byteLength < feedbackSsrcsBytes) return undefined;
  const senderSsrc = body.getUint32(0);
  switch (count) {
    case feedbackType.pictureLossIndication:
      return { type: "pli", senderSsrc, mediaSsrc: body.getUint32(4) };
    case feedbackType.fullIntraRequest:
      return parseFir(senderSsrc, body);
    case feedbackType.application:
      return parseRemb(senderSsrc, body);
    default:
      return undefined;
  }
}

function parseFir(senderSsrc: number, body: DataView): FullIntraRequest | undefined {
  const entries: { ssrc: number; sequenceNumber: number }[] = [];
  for (let at = feedbackSsrcsBytes; at + firEntryBytes <= body.byteLength; at += firEntryBytes) {
    entries.push({ ssrc: body.getUint32(at), sequenceNumber: body.getUint8(at + 4) });
  }
  return entries.length === 0 ? undefined : { type: "fir", senderSsrc, entries };
}

/** After the SSRCs: the name, a count, six bits of exponent, 18 of mantissa, and as many SSRCs as the count says. */
function parseRemb(senderSsrc: number, body: DataView): ReceiverEstimatedMaxBitrate | undefined {
  const listAt = feedbackSsrcsBytes + 8;
  if (body.byteLength < listAt || body.getUint32(feedbackSsrcsBytes) !== rembName) return undefined;
  const packed = body.getUint32(feedbackSsrcsBytes + 4);
  const count = packed >>> 24;
  if (body.byteLength < listAt + 4 * count) return undefined;
  const bitrate = (packed & 0x3ffff) * 2 ** ((packed >>> 18) & 0x3f);
  const ssrcs = Array.from({ length: count }, (_, index) => body.getUint32(listAt + 4 * index));
  return { type: "remb", senderSsrc, bitrate, ssrcs };
}
