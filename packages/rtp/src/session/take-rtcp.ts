import type { ReportBlock, RtcpPacket } from "../rtcp/packet.js";
import type { OutboundStream } from "../send/outbound-stream.js";
import type { Demultiplexer } from "./demultiplexer.js";
import type { RoundTrip } from "./round-trip.js";

/** Gives what the remote says to those whom it concerns. */
export function takeRtcp(
  packets: readonly RtcpPacket[],
  senders: ReadonlyMap<number, OutboundStream>,
  { tracks }: Demultiplexer,
  roundTrip: RoundTrip,
  now: number,
): void {
  const inbound = [...tracks];
  for (const packet of packets) {
    switch (packet.type) {
      case "sr":
        for (const track of inbound) track.onSenderReport(packet, now);
        takeBlocks(packet.reports, senders, roundTrip, now);
        break;
      case "rr":
        takeBlocks(packet.reports, senders, roundTrip, now);
        break;
      case "bye":
        for (const ssrc of packet.ssrcs) for (const track of inbound) track.onBye(ssrc, now);
        break;
      case "nack":
        senders.get(packet.mediaSsrc)?.onNack(packet.sequenceNumbers, roundTrip.ms, now);
        break;
      case "pli":
        video(senders, packet.mediaSsrc)?.keyFrames.onPli(now);
        break;
      case "fir":
        for (const { ssrc, sequenceNumber } of packet.entries) {
          video(senders, ssrc)?.keyFrames.onFir(sequenceNumber, now);
        }
        break;
      case "remb":
        for (const ssrc of packet.ssrcs) senders.get(ssrc)?.onRemoteMaxBitrate(packet.bitrate, now);
        break;
      case "sdes":
        break;
    }
  }
}

function takeBlocks(
  blocks: readonly ReportBlock[],
  senders: ReadonlyMap<number, OutboundStream>,
  roundTrip: RoundTrip,
  now: number,
): void {
  for (const block of blocks) {
    const ms = senders.get(block.ssrc)?.onReportBlock(block, now);
    if (ms !== undefined) roundTrip.add(ms);
  }
}

function video(
  senders: ReadonlyMap<number, OutboundStream>,
  ssrc: number,
): OutboundStream | undefined {
  const sender = senders.get(ssrc);
  return sender?.kind === "video" ? sender : undefined;
}
