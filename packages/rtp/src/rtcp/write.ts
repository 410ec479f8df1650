import type { RtcpPacket } from "./packet.js";
import { writeFir, writeNack, writePli, writeRemb } from "./feedback/write.js";
import {
  writeGoodbye,
  writeReceiverReport,
  writeSenderReport,
  writeSourceDescription,
} from "./reports/write.js";
import { RtcpWriter } from "./writer.js";

/**
 * The packets as one compound, in the order given: the caller puts a report first, or relies on reduced-size RTCP
 * (RFC 5506). Lists of more than 31, the most that one packet counts, go on in further packets of their kind.
 * @throws ConicError `invalid_argument` for a canonical name above 255 bytes, or feedback about nothing.
 */
export function writeRtcp(packets: readonly RtcpPacket[]): Uint8Array {
  const writer = new RtcpWriter();
  for (const packet of packets) writePart(writer, packet);
  return writer.finish();
}

function writePart(writer: RtcpWriter, packet: RtcpPacket): void {
  switch (packet.type) {
    case "sr":
      writeSenderReport(writer, packet);
      break;
    case "rr":
      writeReceiverReport(writer, packet.ssrc, packet.reports);
      break;
    case "sdes":
      writeSourceDescription(writer, packet);
      break;
    case "bye":
      writeGoodbye(writer, packet);
      break;
    case "nack":
      writeNack(writer, packet);
      break;
    case "pli":
      writePli(writer, packet);
      break;
    case "fir":
      writeFir(writer, packet);
      break;
    case "remb":
      writeRemb(writer, packet);
      break;
  }
}
