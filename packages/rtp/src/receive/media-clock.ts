import { timestampDelta } from "../packet/serial.js";

/** Seconds that the media clock may step beyond the time that passed, or back; more is another source. */
const maxLeapSeconds = 10;

export interface MediaTime {
  /** Does not go round. */
  readonly rtpTimestamp: number;
  /** In µs since the first. */
  readonly timestamp: number;
}

/** Timestamps of RTP to a time that goes on when they go round, or when the remote begins anew elsewhere. */
export class ReceiveMediaClock {
  readonly #clockRate: number;
  #first: number | undefined;
  #last: { readonly wire: number; readonly unwrapped: number; readonly at: number } | undefined;
  #restarts = false;

  constructor(clockRate: number) {
    this.#clockRate = clockRate;
  }

  /** The next timestamp has nothing to do with those before. */
  restart(): void {
    this.#restarts = true;
  }

  /** @param at when it came, in ms */
  read(wire: number, at: number): MediaTime {
    const unwrapped = this.#unwrap(wire, at);
    this.#restarts = false;
    this.#last = { wire, unwrapped, at };
    this.#first ??= unwrapped;
    const timestamp = Math.round(((unwrapped - this.#first) * 1_000_000) / this.#clockRate);
    return { rtpTimestamp: unwrapped, timestamp };
  }

  /** Ms from the wire's timestamp `from` to the time `rtpTimestamp`, of the stream that plays. */
  elapsedMs(from: number, rtpTimestamp: number): number | undefined {
    const last = this.#last;
    if (last === undefined) return undefined;
    const ticks = timestampDelta(from, last.wire) + (rtpTimestamp - last.unwrapped);
    return (ticks * 1_000) / this.#clockRate;
  }

  /** Whether a stream of the same source may have this timestamp now. */
  isPlausible(wire: number, at: number): boolean {
    const last = this.#last;
    if (last === undefined) return true;
    const seconds = timestampDelta(last.wire, wire) / this.#clockRate;
    const elapsed = (at - last.at) / 1_000;
    return seconds >= -maxLeapSeconds && seconds <= elapsed + maxLeapSeconds;
  }

  #unwrap(wire: number, at: number): number {
    const last = this.#last;
    if (last === undefined) return wire;
    if (!this.#restarts && this.isPlausible(wire, at)) {
      return last.unwrapped + timestampDelta(last.wire, wire);
    }
    const elapsedMs = Math.max(1, at - last.at);
    return last.unwrapped + Math.round((elapsedMs * this.#clockRate) / 1_000);
  }
}
