const minIntervalMs = 300;

/** Requests of the remote for a key frame, thinned out: encoders answer one with a large frame. */
export class KeyFrameDemand {
  readonly #notify: (() => void) | undefined;
  #notifiedAt = Number.NEGATIVE_INFINITY;
  #lastFir: number | undefined;
  pliCount = 0;
  firCount = 0;

  constructor(notify: (() => void) | undefined) {
    this.#notify = notify;
  }

  onPli(now: number): void {
    this.pliCount += 1;
    this.#demand(now);
  }

  onFir(sequenceNumber: number, now: number): void {
    // RFC 5104 section 4.3.1.2: the same number is the same request, sent again in case it was lost.
    if (sequenceNumber === this.#lastFir) return;
    this.#lastFir = sequenceNumber;
    this.firCount += 1;
    this.#demand(now);
  }

  #demand(now: number): void {
    if (now - this.#notifiedAt < minIntervalMs) return;
    this.#notifiedAt = now;
    this.#notify?.();
  }
}
