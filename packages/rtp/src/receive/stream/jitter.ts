import { timestampDelta } from "../../packet/serial.js";

/** Interarrival jitter (RFC 3550 appendix A.8). Only packets that come in order are measured: others were sent before. */
export class Jitter {
  readonly #clockRate: number;
  #ticks = 0;
  #last: { readonly timestamp: number; readonly at: number } | undefined;

  constructor(clockRate: number) {
    this.#clockRate = clockRate;
  }

  get ticks(): number {
    return this.#ticks;
  }

  get ms(): number {
    return (this.#ticks / this.#clockRate) * 1_000;
  }

  add(timestamp: number, now: number): void {
    if (this.#last !== undefined) {
      const sentTicks = timestampDelta(this.#last.timestamp, timestamp);
      const cameTicks = ((now - this.#last.at) * this.#clockRate) / 1_000;
      const difference = Math.abs(cameTicks - sentTicks);
      // A pause of the media clock (mute, another source) is no jitter.
      if (difference < this.#clockRate) this.#ticks += (difference - this.#ticks) / 16;
    }
    this.#last = { timestamp, at: now };
  }
}
