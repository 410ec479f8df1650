import type { Clock } from "@conic/domain";

interface Entry {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/** A clock that stands still until a test moves it. Callbacks run in order of their time, then of scheduling. */
export class FakeClock implements Clock {
  #now = 0;
  #order = 0;
  readonly #entries = new Set<Entry>();

  now(): number {
    return this.#now;
  }

  /** Timers that have neither fired nor been cancelled: 0 at the end of a test that leaks none. */
  get pending(): number {
    return this.#entries.size;
  }

  schedule(delayMs: number, callback: () => void): () => void {
    const entry = { at: this.#now + Math.max(0, delayMs), order: this.#order++, callback };
    this.#entries.add(entry);
    return () => {
      this.#entries.delete(entry);
    };
  }

  /** Moves time on, firing what falls due on the way. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      let next: Entry | undefined;
      for (const entry of this.#entries) {
        if (entry.at > end) continue;
        if (
          next === undefined ||
          entry.at < next.at ||
          (entry.at === next.at && entry.order < next.order)
        )
          next = entry;
      }
      if (next === undefined) break;
      this.#entries.delete(next);
      this.#now = next.at;
      next.callback();
    }
    this.#now = end;
  }
}
