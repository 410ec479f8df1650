import type { ReportBlock } from "../../rtcp/packet.js";
import type { PathReport } from "./target-bitrate.js";

/** More packets between two reports are another run of sequence numbers. */
const maxPackets = 0x8000;

/** What report blocks, and requests for lost packets, say about the packets since the block before. */
export class PathReports {
  #highest: number | undefined;
  #missed = 0;

  /** The remote asked for a packet, for the first time: one that comes again counts as received in its reports. */
  onMissed(): void {
    this.#missed += 1;
  }

  next(block: ReportBlock, roundTripMs: number | undefined): PathReport {
    const packets = block.highestSequence - (this.#highest ?? block.highestSequence);
    this.#highest = block.highestSequence;
    const missed = this.#missed;
    if (packets !== 0) this.#missed = 0;
    if (packets <= 0 || packets > maxPackets) return { packets: 0, lost: 0, roundTripMs };
    const lost = Math.max((block.fractionLost / 256) * packets, missed);
    return { packets, lost: Math.min(lost, packets), roundTripMs };
  }
}
