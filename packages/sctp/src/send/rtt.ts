const initialMs = 500;
/** Above the 200 ms that others let an acknowledgement wait, below the 1 s of RFC 9260: a first expiry only probes. */
const acknowledgementDelayMs = 200;
const minMs = 50;
const maxMs = 4_000;

/** Round-trip time and retransmission timeout (RFC 9260 section 6.3.1). All in ms. */
export class RttEstimator {
  #smoothed = 0;
  #variation = 0;
  #smallest = 0;
  #latest = 0;
  #backoff = 1;
  #initial: number;

  /** @param knownRttMs - From the checks of the path, for the first timeout. */
  constructor(knownRttMs: number | undefined) {
    this.#initial = initialTimeout(knownRttMs);
  }

  /** 0 before the first measurement, as all of these. */
  get smoothed(): number {
    return this.#smoothed;
  }

  get smallest(): number {
    return this.#smallest;
  }

  get latest(): number {
    return this.#latest;
  }

  /** How long to wait for an answer that is due at once. */
  get answerTimeout(): number {
    if (this.#smoothed === 0) return Math.min(maxMs, this.#initial * this.#backoff);
    const base = this.#smoothed + Math.max(4 * this.#variation, 10);
    return Math.min(maxMs, Math.max(minMs, base) * this.#backoff);
  }

  /** How long to wait for the acknowledgement of data. */
  get timeout(): number {
    if (this.#smoothed === 0) {
      return Math.min(
        maxMs,
        Math.max(this.#initial, acknowledgementDelayMs + minMs) * this.#backoff,
      );
    }
    const base = this.#smoothed + Math.max(4 * this.#variation, 10) + acknowledgementDelayMs;
    return Math.min(maxMs, base * this.#backoff);
  }

  /** How long after it was sent a packet may still arrive although later ones have (RFC 9002 section 6.1.2). */
  lossDelay(isReordered: boolean): number {
    const delay = Math.max((Math.max(this.#smoothed, this.#latest) * 9) / 8, 2);
    return isReordered ? Math.max(delay, this.#smoothed + 4 * this.#variation) : delay;
  }

  onSample(ms: number): void {
    const sample = Math.max(ms, 0.01);
    this.#latest = sample;
    if (this.#smoothed === 0) {
      this.#smoothed = sample;
      this.#variation = sample / 2;
      this.#smallest = sample;
    } else {
      this.#variation = 0.75 * this.#variation + 0.25 * Math.abs(this.#smoothed - sample);
      this.#smoothed = 0.875 * this.#smoothed + 0.125 * sample;
      this.#smallest = Math.min(this.#smallest, sample);
    }
  }

  onProgress(): void {
    this.#backoff = 1;
  }

  onTimeout(): void {
    this.#backoff = Math.min(this.#backoff * 2, 64);
  }

  /** Another path: what was measured does not hold. */
  reset(knownRttMs: number | undefined): void {
    this.#initial = initialTimeout(knownRttMs);
    this.#smoothed = 0;
    this.#smallest = 0;
    this.#backoff = 1;
  }
}

function initialTimeout(knownRttMs: number | undefined): number {
  if (knownRttMs === undefined) return initialMs;
  return Math.min(initialMs, Math.max(minMs, knownRttMs * 3 + minMs));
}
