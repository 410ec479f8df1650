const microsecondsPerSecond = 1_000_000;
/** A source whose time runs ahead of the clock by more, from one chunk to the next, is another source. */
const maxLeapUs = 10_000_000;
/** Between the last chunk of a source and the first of the next, at least. */
const minStepUs = 1_000;

export interface MediaClockStart {
  /** 32 bits. */
  readonly timestamp: number;
  /** When it was this timestamp; undefined: whenever the first chunk comes. */
  readonly at?: number | undefined;
}

/** Time of a source, in µs, to timestamps of RTP: a random start, and no step back when the source is replaced. */
export class SendMediaClock {
  readonly #clockRate: number;
  readonly #start: MediaClockStart;
  /** Added to the time of the source. */
  #shiftUs = 0;
  #last: { readonly sourceUs: number; readonly us: number; readonly at: number } | undefined;

  constructor(clockRate: number, start: MediaClockStart) {
    this.#clockRate = clockRate;
    this.#start = start;
  }

  /** The timestamp of a chunk: 32 bits. */
  timestamp(sourceUs: number, now: number): number {
    const last = this.#last;
    if (last === undefined) {
      const elapsedMs = this.#start.at === undefined ? 0 : Math.max(0, now - this.#start.at);
      this.#shiftUs = elapsedMs * 1_000 - sourceUs;
    } else {
      const step = sourceUs - last.sourceUs;
      const elapsedUs = Math.max(0, now - last.at) * 1_000;
      if (step < 0 || step > elapsedUs + maxLeapUs) {
        this.#shiftUs = last.us + Math.max(elapsedUs, minStepUs) - sourceUs;
      }
    }
    const us = sourceUs + this.#shiftUs;
    this.#last = { sourceUs, us, at: now };
    return this.#ticks(us);
  }

  /** The timestamp of this moment; undefined before the first chunk. */
  at(now: number): number | undefined {
    return this.#last && this.#ticks(this.#last.us + (now - this.#last.at) * 1_000);
  }

  #ticks(us: number): number {
    // In two parts: the product of a time of day in µs and a clock rate is beyond what a number holds exactly.
    const seconds = Math.floor(us / microsecondsPerSecond);
    const rest = us - seconds * microsecondsPerSecond;
    const ticks = Math.round((rest * this.#clockRate) / microsecondsPerSecond);
    return (this.#start.timestamp + seconds * this.#clockRate + ticks) >>> 0;
  }
}
