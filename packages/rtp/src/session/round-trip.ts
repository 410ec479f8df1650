const unknownMs = 100;
const maxMs = 60_000;

/** Smoothed round trip to the remote: of reports, of repaired packets, or what the transport knows. */
export class RoundTrip {
  #smoothed: number | undefined;

  /** 100 while it is not known. */
  get ms(): number {
    return this.#smoothed ?? unknownMs;
  }

  get isKnown(): boolean {
    return this.#smoothed !== undefined;
  }

  add(ms: number): void {
    if (!(ms >= 0 && ms <= maxMs)) return;
    this.#smoothed = this.#smoothed === undefined ? ms : (7 * this.#smoothed + ms) / 8;
  }

  /** The path is another one. */
  reset(ms: number | undefined): void {
    this.#smoothed = ms;
  }
}
