import { closeCodes, type Clock, type CloseInfo, type ConicError } from "@conic/domain";

/** When a server that limits its clients does not say for how long. */
const limitedMs = 1_000;
const passing = new Set(["rate_limited", "shutting_down", "slow_consumer", "internal"]);

/** What the server said on a connection, as far as it matters once that has ended. */
export class LastWords {
  readonly #clock: Clock;
  /** The last error that answered nothing. */
  #told: ConicError | undefined;
  #leaveAloneUntil = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** In the words of the server, if it has said why it closes. */
  reasonOf(end: ConicError): ConicError {
    return this.#told?.code === end.code ? this.#told : end;
  }

  /** How long the server still wants to be left alone, in ms. */
  get leaveAloneMs(): number {
    return Math.max(0, this.#leaveAloneUntil - this.#clock.now());
  }

  /** A connection begins. */
  clear(): void {
    this.#told = undefined;
    this.#leaveAloneUntil = 0;
  }

  note(error: ConicError): void {
    const { id, retryAfterMs } = error.details;
    if (id === undefined) this.#told = error;
    if (typeof retryAfterMs === "number" && passing.has(error.code)) this.#leaveAlone(retryAfterMs);
  }

  /** The connection ended. */
  closed({ code, reason }: CloseInfo): void {
    if (code === closeCodes.policyViolation && reason === "rate_limited") {
      this.#leaveAlone(limitedMs);
    }
  }

  #leaveAlone(ms: number): void {
    this.#leaveAloneUntil = Math.max(this.#leaveAloneUntil, this.#clock.now() + ms);
  }
}
