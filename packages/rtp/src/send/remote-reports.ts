import type { ReportBlock } from "../rtcp/packet.js";

/** Sender reports that a block may refer to; more than a few round trips of them. */
const maxReports = 16;
const compactPerMs = 65_536 / 1_000;

/** What the remote says about one stream of ours. */
export class RemoteReports {
  /** Middle of the NTP time, and when it was sent on the clock of the session: wall clocks jump. */
  readonly #sent: { readonly compact: number; readonly at: number }[] = [];
  readonly #clockRate: number;
  packetsLost = 0;
  fractionLost = 0;
  jitterMs = 0;
  roundTripTimeMs: number | undefined;

  constructor(clockRate: number) {
    this.#clockRate = clockRate;
  }

  reportSent(compact: number, now: number): void {
    this.#sent.push({ compact, at: now });
    if (this.#sent.length > maxReports) this.#sent.shift();
  }

  /** Takes in a block; gives the round trip when the block tells it. */
  onBlock(block: ReportBlock, now: number): number | undefined {
    this.packetsLost = block.packetsLost;
    this.fractionLost = block.fractionLost / 256;
    this.jitterMs = (block.jitter / this.#clockRate) * 1_000;
    if (block.lastSenderReport === 0) return undefined;
    const report = this.#sent.find(({ compact }) => compact === block.lastSenderReport);
    if (report === undefined) return undefined;
    const ms = now - report.at - block.delaySinceLastSenderReport / compactPerMs;
    // Clocks of different grain make it slightly negative on a fast path; far below is nonsense.
    if (ms < -10) return undefined;
    this.roundTripTimeMs = Math.max(0, ms);
    return this.roundTripTimeMs;
  }
}
