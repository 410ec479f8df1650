const windowMs = 10_000;

/** The least round trip of the last 10 to 20 s: what the path takes with empty queues. */
export class LeastRoundTrip {
  #least = Number.POSITIVE_INFINITY;
  #leastBefore = Number.POSITIVE_INFINITY;
  #since: number | undefined;

  /** Takes one in, and gives by how much it is above the least. */
  excess(ms: number, now: number): number {
    this.#since ??= now;
    if (now - this.#since >= windowMs) {
      this.#leastBefore = this.#least;
      this.#least = ms;
      this.#since = now;
    }
    this.#least = Math.min(this.#least, ms);
    return ms - Math.min(this.#least, this.#leastBefore);
  }
}
