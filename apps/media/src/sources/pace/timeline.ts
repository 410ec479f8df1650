import type { Clock } from "@conic/domain";

export interface TimelineOptions {
  readonly clock: Clock;
  /**
   * Media that is later than this is not caught up: the machine was asleep, or the process stopped. All that follows
   * is later by as much. Default 2,000.
   */
  readonly maxStallMs?: number | undefined;
}

/** Where media time is on a clock. Shared by the tracks of one call, which so stay in step whatever stalls. */
export class Timeline {
  readonly clock: Clock;
  readonly #maxStallMs: number;
  #startMs: number | undefined;

  constructor(options: TimelineOptions) {
    this.clock = options.clock;
    this.#maxStallMs = options.maxStallMs ?? 2000;
  }

  /** When the media of `timestamp`, in µs, is due, in ms of the clock. What is asked for first is due at once. */
  dueAt(timestamp: number): number {
    const now = this.clock.now();
    const mediaMs = timestamp / 1000;
    this.#startMs ??= now - mediaMs;
    if (now - (this.#startMs + mediaMs) > this.#maxStallMs) this.#startMs = now - mediaMs;
    return this.#startMs + mediaMs;
  }
}
