const bucketMs = 100;
const buckets = 10;

/** How many bytes were counted in the last second, to a tenth of it. */
export class LastSecond {
  readonly #bytes = new Float64Array(buckets);
  #bucket = 0;
  #sum = 0;

  add(bytes: number, now: number): void {
    this.#turn(now);
    const at = this.#bucket % buckets;
    this.#bytes[at] = (this.#bytes[at] ?? 0) + bytes;
    this.#sum += bytes;
  }

  total(now: number): number {
    this.#turn(now);
    return this.#sum;
  }

  #turn(now: number): void {
    const bucket = Math.floor(now / bucketMs);
    if (bucket <= this.#bucket) return;
    const stale = Math.min(bucket - this.#bucket, buckets);
    for (let step = 0; step < stale; step += 1) {
      const at = (bucket - step) % buckets;
      this.#sum -= this.#bytes[at] ?? 0;
      this.#bytes[at] = 0;
    }
    this.#bucket = bucket;
  }
}
