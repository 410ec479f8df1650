import { ConicError } from "@conic/domain";
import { cnameItem, maxCount, packetType } from "../header.js";
import type { Goodbye, ReportBlock, SenderReport, SourceDescription } from "../packet.js";
import type { RtcpWriter } from "../writer.js";

const maxCnameBytes = 255;
const encoder = new TextEncoder();

export function writeSenderReport(writer: RtcpWriter, report: SenderReport): void {
  const first = report.reports.slice(0, maxCount);
  writer.begin(packetType.senderReport, first.length);
  writer.uint32(report.ssrc);
  writer.uint32(report.ntpSeconds);
  writer.uint32(report.ntpFraction);
  writer.uint32(report.rtpTimestamp);
  writer.uint32(report.packetCount);
  writer.uint32(report.octetCount);
  for (const block of first) writeReport(writer, block);
  writer.end();
  const more = report.reports.slice(maxCount);
  if (more.length > 0) writeReceiverReport(writer, report.ssrc, more);
}

/** One packet at least: an empty report says that its sender is there. */
export function writeReceiverReport(
  writer: RtcpWriter,
  ssrc: number,
  reports: readonly ReportBlock[],
): void {
  for (const group of grouped(reports)) {
    writer.begin(packetType.receiverReport, group.length);
    writer.uint32(ssrc);
    for (const block of group) writeReport(writer, block);
    writer.end();
  }
}

function writeReport(writer: RtcpWriter, block: ReportBlock): void {
  writer.uint32(block.ssrc);
  const lost = Math.min(Math.max(block.packetsLost, -0x80_0000), 0x7f_ffff);
  writer.uint32((block.fractionLost << 24) | (lost & 0xff_ffff));
  writer.uint32(block.highestSequence);
  writer.uint32(block.jitter);
  writer.uint32(block.lastSenderReport);
  writer.uint32(block.delaySinceLastSenderReport);
}

export function writeSourceDescription(writer: RtcpWriter, packet: SourceDescription): void {
  for (const group of grouped(packet.chunks)) {
    writer.begin(packetType.sourceDescription, group.length);
    for (const { ssrc, cname } of group) {
      writer.uint32(ssrc);
      if (cname !== undefined) writeCname(writer, cname);
      writer.terminate();
    }
    writer.end();
  }
}

function writeCname(writer: RtcpWriter, cname: string): void {
  const bytes = encoder.encode(cname);
  if (bytes.length > maxCnameBytes) {
    throw new ConicError("invalid_argument", "a canonical name has at most 255 bytes of UTF-8", {
      details: { bytes: bytes.length },
    });
  }
  writer.uint8(cnameItem);
  writer.uint8(bytes.length);
  writer.bytes(bytes);
}

export function writeGoodbye(writer: RtcpWriter, packet: Goodbye): void {
  for (const group of grouped(packet.ssrcs)) {
    writer.begin(packetType.goodbye, group.length);
    for (const ssrc of group) writer.uint32(ssrc);
    writer.end();
  }
}

/** Groups of at most 31; an empty list is one empty group. */
function grouped<T>(list: readonly T[]): (readonly T[])[] {
  const groups = [list.slice(0, maxCount)];
  for (let at = maxCount; at < list.length; at += maxCount) {
    groups.push(list.slice(at, at + maxCount));
  }
  return groups;
}
