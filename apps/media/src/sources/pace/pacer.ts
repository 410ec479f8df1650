import type { Timeline } from "./timeline.js";

/** After a stall, media goes out this many times as fast as it plays: no burst that overflows a socket buffer. */
const catchUpSpeed = 4;

/** When the items of one track go out: each at its time, later ones after a stall faster, but one by one. */
export class Pacer {
  readonly #timeline: Timeline;
  readonly #maxLateMs: number;
  #last: { readonly timestamp: number; readonly sentMs: number } | undefined;
  #skipping = false;

  /** @param maxLateMs items that are later are left out, until one is in time again */
  constructor(timeline: Timeline, maxLateMs: number) {
    this.#timeline = timeline;
    this.#maxLateMs = maxLateMs;
  }

  /** When the item goes out, in ms of the clock; undefined: not at all. May be asked again while it waits. */
  plan(timestamp: number, now: number): number | undefined {
    const dueMs = this.#timeline.dueAt(timestamp);
    if (this.#last === undefined) return dueMs;
    const intervalMs = Math.max(0, timestamp - this.#last.timestamp) / 1000;
    const lateMs = now - dueMs;
    if (lateMs > this.#maxLateMs) this.#skipping = true;
    // What is in time for its own place: coming down to the limit alone would leave the track at the limit for ever.
    else if (lateMs <= 0) this.#skipping = false;
    if (this.#skipping) return undefined;
    return Math.max(dueMs, this.#last.sentMs + intervalMs / catchUpSpeed);
  }

  sent(timestamp: number, now: number): void {
    this.#last = { timestamp, sentMs: now };
  }
}
