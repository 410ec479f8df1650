import type { ReceivedChunk } from "@conic/domain";

/**
 * How far the media may run ahead of its arrival before its clock is not believed. A call starts late by what queues
 * hold then, which is far less.
 */
const maxLeadMs = 10_000;

/**
 * Places what one track received on a time axis that starts at 0 and never goes back: by the clock of the sender, which
 * knows about pauses and losses; by arrival where that clock starts anew, as it does when the sender does.
 */
export class MediaAxis {
  readonly #clockRate: number;
  #origin: { readonly arrivedMs: number; readonly rtpTimestamp: number } | undefined;
  #end = 0;

  /** @param clockRate of the RTP timestamps, in Hz */
  constructor(clockRate: number) {
    this.#clockRate = clockRate;
  }

  /** The same chunk with its `timestamp` and `rtpTimestamp` on this axis. */
  place(chunk: ReceivedChunk): ReceivedChunk {
    this.#origin ??= { arrivedMs: chunk.receivedAtMs, rtpTimestamp: chunk.rtpTimestamp };
    let ticks = chunk.rtpTimestamp - this.#origin.rtpTimestamp;
    const arrived = Math.round(this.#ticks(chunk.receivedAtMs - this.#origin.arrivedMs));
    if (ticks < this.#end || ticks - arrived > this.#ticks(maxLeadMs)) {
      ticks = Math.max(this.#end, arrived);
      this.#origin = { ...this.#origin, rtpTimestamp: chunk.rtpTimestamp - ticks };
    }
    this.#end = ticks + 1;
    return {
      ...chunk,
      rtpTimestamp: ticks,
      timestamp: Math.round((ticks * 1e6) / this.#clockRate),
    };
  }

  #ticks(ms: number): number {
    return (ms * this.#clockRate) / 1000;
  }
}
