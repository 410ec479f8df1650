import type { Clock } from "@conic/domain";

export interface ConsentOptions {
  readonly clock: Clock;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
  /** Asks the remote; its answer is to be told by `answered`. */
  readonly ask: () => void;
  readonly expired: () => void;
}

/** RFC 7675 section 5.1: every 5 s, give or take a fifth; gone 30 s after the last answer. */
const intervalMs = 5000;
const lifetimeMs = 30_000;

/**
 * The remote's consent to receive on the selected pair, as its answers give it. A process that was stopped for a while
 * did not hear them, which is not the remote's silence: a pause counts as one interval at most.
 */
export class Consent {
  readonly #options: ConsentOptions;
  #silentMs = 0;
  #tickedAt = 0;
  #cancel: (() => void) | undefined;

  constructor(options: ConsentOptions) {
    this.#options = options;
  }

  /** The remote answered a check on this pair just now. */
  start(): void {
    this.stop();
    this.#silentMs = 0;
    this.#tickedAt = this.#options.clock.now();
    this.#schedule();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** An authentic answer came. */
  answered(): void {
    this.#silentMs = 0;
    this.#tickedAt = this.#options.clock.now();
  }

  #schedule(): void {
    const { clock, random } = this.#options;
    const delayMs = Math.min(intervalMs * (0.8 + 0.4 * random()), lifetimeMs - this.#silentMs);
    this.#cancel = clock.schedule(delayMs, () => {
      this.#tick();
    });
  }

  #tick(): void {
    const now = this.#options.clock.now();
    this.#silentMs += Math.min(now - this.#tickedAt, 1.5 * intervalMs);
    this.#tickedAt = now;
    if (this.#silentMs >= lifetimeMs) {
      this.#cancel = undefined;
      this.#options.expired();
      return;
    }
    this.#schedule();
    this.#options.ask();
  }
}
