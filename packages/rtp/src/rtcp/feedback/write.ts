import { ConicError } from "@conic/domain";
import { feedbackType, packetType, rembName } from "../header.js";
import type {
  FullIntraRequest,
  GenericNack,
  PictureLossIndication,
  ReceiverEstimatedMaxBitrate,
} from "../packet.js";
import type { RtcpWriter } from "../writer.js";

const mantissaBits = 18;
/** What six bits of exponent and 18 of mantissa hold. */
const maxBitrate = 2 ** (63 + mantissaBits) - 2 ** 63;
const maxRembSsrcs = 255;
/** A bit mask says which of the 16 packets after the first are missing too. */
const maskBits = 16;

/** A number within reach of the mask of the one before costs nothing. */
export function writeNack(writer: RtcpWriter, packet: GenericNack): void {
  const { sequenceNumbers } = packet;
  demand(sequenceNumbers.length > 0, "a NACK lists at least one sequence number");
  writer.begin(packetType.transportFeedback, feedbackType.genericNack);
  writer.uint32(packet.senderSsrc);
  writer.uint32(packet.mediaSsrc);
  let index = 0;
  while (index < sequenceNumbers.length) {
    const first = sequenceNumbers[index] as number;
    let mask = 0;
    for (index += 1; index < sequenceNumbers.length; index += 1) {
      const after = ((sequenceNumbers[index] as number) - first) & 0xffff;
      if (after > maskBits) break;
      if (after > 0) mask |= 1 << (after - 1);
    }
    writer.uint16(first);
    writer.uint16(mask);
  }
  writer.end();
}

export function writePli(writer: RtcpWriter, packet: PictureLossIndication): void {
  writer.begin(packetType.payloadFeedback, feedbackType.pictureLossIndication);
  writer.uint32(packet.senderSsrc);
  writer.uint32(packet.mediaSsrc);
  writer.end();
}

export function writeFir(writer: RtcpWriter, packet: FullIntraRequest): void {
  demand(packet.entries.length > 0, "a FIR asks at least one sender");
  writer.begin(packetType.payloadFeedback, feedbackType.fullIntraRequest);
  writer.uint32(packet.senderSsrc);
  // RFC 5104 section 4.3.1.2: not used, for each entry names its media sender.
  writer.uint32(0);
  for (const { ssrc, sequenceNumber } of packet.entries) {
    writer.uint32(ssrc);
    writer.uint32((sequenceNumber & 0xff) << 24);
  }
  writer.end();
}

export function writeRemb(writer: RtcpWriter, packet: ReceiverEstimatedMaxBitrate): void {
  const { bitrate, ssrcs } = packet;
  demand(bitrate >= 0, "the bitrate of a REMB is a number that is not negative");
  demand(ssrcs.length <= maxRembSsrcs, "a REMB lists at most 255 sources");
  let exponent = 0;
  let mantissa = Math.floor(Math.min(bitrate, maxBitrate));
  for (; mantissa >= 2 ** mantissaBits; exponent += 1) mantissa = Math.floor(mantissa / 2);
  writer.begin(packetType.payloadFeedback, feedbackType.application);
  writer.uint32(packet.senderSsrc);
  writer.uint32(0);
  writer.uint32(rembName);
  writer.uint8(ssrcs.length);
  writer.uint8((exponent << 2) | (mantissa >>> 16));
  writer.uint16(mantissa & 0xffff);
  for (const ssrc of ssrcs) writer.uint32(ssrc);
  writer.end();
}

function demand(condition: boolean, message: string): void {
  if (!condition) throw new ConicError("invalid_argument", message);
}
