import type { Clock } from "@conic/domain";

/** A clock that jumps to the next timer by itself, `overshoot` ms late, as timers of a busy machine are. */
export class AutoClock implements Clock {
  #now = 0;
  #timers = 0;
  readonly #overshoot: () => number;

  constructor(overshoot: () => number = () => 0) {
    this.#overshoot = overshoot;
  }

  /** Timers that have neither fired nor been cancelled. */
  get pending(): number {
    return this.#timers;
  }

  now(): number {
    return this.#now;
  }

  /** The machine does nothing for so long. */
  stall(ms: number): void {
    this.#now += ms;
  }

  schedule(delayMs: number, callback: () => void): () => void {
    const at = this.#now + Math.max(0, delayMs);
    let open = true;
    this.#timers += 1;
    const close = (): boolean => {
      if (!open) return false;
      open = false;
      this.#timers -= 1;
      return true;
    };
    queueMicrotask(() => {
      if (!close()) return;
      this.#now = Math.max(this.#now, at + this.#overshoot());
      callback();
    });
    return close;
  }
}
