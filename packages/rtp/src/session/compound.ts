import type { ReportBlock, RtcpPacket, SenderReport } from "../rtcp/packet.js";

/** So many fit a packet of 1,200 bytes, with names of usual length. */
const maxSenderReports = 8;
const maxBlocks = 16;

/**
 * Packs reports into compound packets, each of which begins with a report and names its sources (RFC 3550 section 6.1).
 * @param ssrc who reports when there is no sender report
 */
export function compoundReports(
  senderReports: readonly SenderReport[],
  blocks: readonly ReportBlock[],
  ssrc: number,
  cname: string,
): RtcpPacket[][] {
  const compounds: RtcpPacket[][] = [];
  for (let at = 0; ; at += 1) {
    const reports = senderReports.slice(at * maxSenderReports, (at + 1) * maxSenderReports);
    const about = blocks.slice(at * maxBlocks, (at + 1) * maxBlocks);
    const [first, ...others] = reports;
    if (first === undefined && about.length === 0 && at > 0) return compounds;
    const head: RtcpPacket =
      first === undefined ? { type: "rr", ssrc, reports: about } : { ...first, reports: about };
    const sources = first === undefined ? [ssrc] : reports.map((report) => report.ssrc);
    const chunks = sources.map((source) => ({ ssrc: source, cname }));
    compounds.push([head, ...others, { type: "sdes", chunks }]);
  }
}
