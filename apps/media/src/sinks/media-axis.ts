import type { ReceivedChunk } from "@conic/domain";

/**
 * How far the media may run ahead of its arrival before its clock is not believed. A call starts late by what queues
 * hold then, which is far less.
 */
const maxLeadMs = 10_000;

/**
 * A sender's clock that falls behind the arrival by more than that, and stays there, has stood still: browsers count
 * samples, and a busy machine misses some. What was only held up comes faster afterwards, and is on time again.
 */
const maxLagMs = 1_000;
const lagPatienceMs = 5_000;

interface Lag {
  readonly sinceMs: number;
  /** In ticks, the least since then. */
  least: number;
}

/**
 * Places what one track received on a time axis that starts at 0 and never goes back: by the clock of the sender, which
 * knows about pauses and losses; by arrival where that clock starts anew, as it does when the sender does.
 */
export class MediaAxis {
  readonly #clockRate: number;
  #origin: { readonly arrivedMs: number; readonly rtpTimestamp: number } | undefined;
  #end = 0;
  #lag: Lag | undefined;

  /** @param clockRate of the RTP timestamps, in Hz */
  constructor(clockRate: number) {
    this.#clockRate = clockRate;
  }

  /** The same chunk with its `timestamp` and `rtpTimestamp` on this axis. */
  place<T extends ReceivedChunk>(chunk: T): T {
    this.#origin ??= { arrivedMs: chunk.receivedAtMs, rtpTimestamp: chunk.rtpTimestamp };
    let ticks = chunk.rtpTimestamp - this.#origin.rtpTimestamp;
    const arrived = Math.round(this.#ticks(chunk.receivedAtMs - this.#origin.arrivedMs));
    if (ticks < this.#end || ticks - arrived > this.#ticks(maxLeadMs)) {
      ticks = Math.max(this.#end, arrived);
      this.#origin = { ...this.#origin, rtpTimestamp: chunk.rtpTimestamp - ticks };
    }
    const behind = this.#stoodStill(arrived - ticks, chunk.receivedAtMs);
    if (behind > 0) {
      ticks += behind;
      this.#origin = { ...this.#origin, rtpTimestamp: this.#origin.rtpTimestamp - behind };
    }
    this.#end = ticks + 1;
    return {
      ...chunk,
      rtpTimestamp: ticks,
      timestamp: Math.round((ticks * 1e6) / this.#clockRate),
    };
  }

  /** For how many ticks the sender's clock has, as far as is certain by now. */
  #stoodStill(lag: number, nowMs: number): number {
    if (lag <= this.#ticks(maxLagMs)) {
      this.#lag = undefined;
      return 0;
    }
    this.#lag ??= { sinceMs: nowMs, least: lag };
    this.#lag.least = Math.min(this.#lag.least, lag);
    if (nowMs - this.#lag.sinceMs < lagPatienceMs) return 0;
    const { least } = this.#lag;
    this.#lag = undefined;
    return least;
  }

  #ticks(ms: number): number {
    return (ms * this.#clockRate) / 1000;
  }
}
