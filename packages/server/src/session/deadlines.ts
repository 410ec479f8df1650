import type { Clock } from "@conic/domain";

/** Whoever is told when its time is over. */
export interface Expiring {
  onDeadline(): void;
}

/**
 * One timer for many who each have the same time, most of whom need far less: beginning and ending a wait costs an
 * entry in a map.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #timeMs: number;
  /** When each is due, soonest first. */
  readonly #waiting = new Map<Expiring, number>();
  /** Those of whose time some had passed before; there are few. */
  readonly #early = new Map<Expiring, () => void>();
  #cancelTimer: (() => void) | undefined;

  constructor(clock: Clock, timeMs: number) {
    this.#clock = clock;
    this.#timeMs = timeMs;
  }

  /** @param passedMs - what of the time is over already. */
  add(waiting: Expiring, passedMs: number): void {
    if (passedMs > 0) {
      const cancel = this.#clock.schedule(Math.max(1, this.#timeMs - passedMs), () => {
        this.#early.delete(waiting);
        waiting.onDeadline();
      });
      this.#early.set(waiting, cancel);
      return;
    }
    this.#waiting.set(waiting, this.#clock.now() + this.#timeMs);
    this.#cancelTimer ??= this.#schedule(this.#timeMs);
  }

  /** It does not wait any more, if it did. */
  remove(waiting: Expiring): void {
    if (!this.#waiting.delete(waiting)) {
      this.#early.get(waiting)?.();
      this.#early.delete(waiting);
    } else if (this.#waiting.size === 0) {
      // A timer that nobody needs would keep the process alive.
      this.#cancelTimer?.();
      this.#cancelTimer = undefined;
    }
  }

  #schedule(delayMs: number): () => void {
    return this.#clock.schedule(delayMs, () => {
      this.#cancelTimer = undefined;
      this.#run();
    });
  }

  #run(): void {
    const nowMs = this.#clock.now();
    const due: Expiring[] = [];
    for (const [waiting, dueMs] of this.#waiting) {
      if (dueMs > nowMs) {
        this.#cancelTimer = this.#schedule(dueMs - nowMs);
        break;
      }
      this.#waiting.delete(waiting);
      due.push(waiting);
    }
    for (const waiting of due) waiting.onDeadline();
  }
}
