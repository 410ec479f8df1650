import type { Clock } from "@conic/domain";
import type { Part } from "./messages.js";

interface Inquiry<P> {
  readonly missing: Set<number>;
  readonly parts: P[];
  readonly answer: (parts: readonly P[]) => void;
  readonly cancelTimer: () => void;
}

/** How long a worker may take to say how it is; then it is left out. */
export const reportTimeoutMs = 1000;

/** Questions that all workers are to answer, each with its part. Pure but for the clock. */
export class Inquiries<P extends { readonly index: number } = Part> {
  readonly #clock: Clock;
  readonly #open = new Map<number, Inquiry<P>>();
  #last = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Returns the number to ask these workers with. `answer` is called once, with what has come in time. */
  open(workers: readonly number[], answer: (parts: readonly P[]) => void): number {
    this.#last += 1;
    const number = this.#last;
    const cancelTimer = this.#clock.schedule(reportTimeoutMs, () => {
      this.#close(number);
    });
    this.#open.set(number, { missing: new Set(workers), parts: [], answer, cancelTimer });
    if (workers.length === 0) this.#close(number);
    return number;
  }

  add(number: number, part: P): void {
    const inquiry = this.#open.get(number);
    if (inquiry?.missing.delete(part.index) !== true) return;
    inquiry.parts.push(part);
    if (inquiry.missing.size === 0) this.#close(number);
  }

  /** This worker is gone, and answers nothing. */
  lose(worker: number): void {
    for (const [number, { missing }] of this.#open) {
      if (missing.delete(worker) && missing.size === 0) this.#close(number);
    }
  }

  #close(number: number): void {
    const inquiry = this.#open.get(number);
    if (inquiry === undefined) return;
    this.#open.delete(number);
    inquiry.cancelTimer();
    inquiry.answer(inquiry.parts);
  }
}
