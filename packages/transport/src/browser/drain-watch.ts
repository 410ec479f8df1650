import type { Clock } from "@conic/domain";

export interface Drained {
  bufferedAmount(): number;
  onDrain(): void;
}

/** Of a look that found less than the one before, and of one after many that did not. */
const [shortestMs, longestMs] = [4, 64];

/** Looks at `bufferedAmount` while it is above the water marks: no event of a browser tells when it falls. */
export class DrainWatch {
  readonly #clock: Clock;
  readonly #marks: { readonly highWaterMarkBytes: number; readonly lowWaterMarkBytes: number };
  readonly #drained: Drained;
  #cancel: (() => void) | undefined;

  constructor(
    clock: Clock,
    marks: { readonly highWaterMarkBytes: number; readonly lowWaterMarkBytes: number },
    drained: Drained,
  ) {
    this.#clock = clock;
    this.#marks = marks;
    this.#drained = drained;
  }

  /** After something was written. */
  written(): void {
    if (this.#cancel !== undefined) return;
    const buffered = this.#drained.bufferedAmount();
    if (buffered > this.#marks.highWaterMarkBytes) this.#lookLater(buffered, shortestMs);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #lookLater(before: number, delayMs: number): void {
    this.#cancel = this.#clock.schedule(delayMs, () => {
      this.#cancel = undefined;
      const buffered = this.#drained.bufferedAmount();
      if (buffered > this.#marks.lowWaterMarkBytes) {
        this.#lookLater(
          buffered,
          buffered < before ? shortestMs : Math.min(longestMs, delayMs * 2),
        );
      }
      this.#drained.onDrain();
    });
  }
}
