import type { Clock } from "@conic/domain";

/** The time that a connection has to come up. */
export class ConnectTimer {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #expired: () => void;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, timeoutMs: number, expired: () => void) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#expired = expired;
  }

  /** Nothing when it runs already. */
  start(): void {
    this.#cancel ??= this.#clock.schedule(this.#timeoutMs, this.#expired);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
