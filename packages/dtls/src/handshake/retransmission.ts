/** A flight has a few hundred bytes: two a second are no load, and more patience only makes a lossy path slower. */
const maxTimeoutMs = 500;
const backOffFactor = 2;

/** When the last flight is to be repeated (RFC 6347 section 4.2.4.1). */
export class RetransmissionTimer {
  readonly #initialMs: number;
  #timeoutMs: number;
  #sentAt = 0;
  #isRunning = false;

  constructor(initialMs: number) {
    this.#initialMs = initialMs;
    this.#timeoutMs = initialMs;
  }

  get dueAt(): number | undefined {
    return this.#isRunning ? this.#sentAt + this.#timeoutMs : undefined;
  }

  /** A new flight was sent: the one before it was answered. */
  begin(now: number): void {
    this.#timeoutMs = this.#initialMs;
    this.#sentAt = now;
    this.#isRunning = true;
  }

  /** The same flight was sent once more. */
  restart(now: number): void {
    this.#sentAt = now;
  }

  backOff(): void {
    const longest = Math.max(maxTimeoutMs, this.#initialMs);
    this.#timeoutMs = Math.min(this.#timeoutMs * backOffFactor, longest);
  }

  /** Whether the last transmission is long enough ago to be lost. */
  mayRepeat(now: number): boolean {
    return now - this.#sentAt >= this.#initialMs / 2;
  }

  stop(): void {
    this.#isRunning = false;
  }
}
