/** How fast the buckets of one kind fill, and how much they hold. */
export interface BucketSpec {
  /** What a full one holds; what may be taken at once. */
  readonly burst: number;
  readonly perMs: number;
}

/** Undefined, which is no limit, for a rate of 0. */
export function bucketSpec(perSecond: number, burst: number): BucketSpec | undefined {
  return perSecond === 0 ? undefined : { burst, perMs: perSecond / 1000 };
}

/** So many at once, and so many a minute. */
export function perMinute(count: number): BucketSpec | undefined {
  return bucketSpec(count / 60, count);
}

/** The time in which an empty bucket is full. */
export function refillMs({ burst, perMs }: BucketSpec): number {
  return burst / perMs;
}

/**
 * A token bucket: over any time `t`, no more than `burst + rate · t` is taken out of it. Pure: the time, of a clock
 * that never goes back, is an input. Full at first. No timer, and no allocation after its making.
 */
export class TokenBucket {
  readonly #spec: BucketSpec;
  #tokens: number;
  #atMs: number;

  constructor(spec: BucketSpec, nowMs: number) {
    this.#spec = spec;
    this.#tokens = spec.burst;
    this.#atMs = nowMs;
  }

  /** The time until so many tokens are there: 0 when they are. Infinity for more than it ever holds. */
  missingMs(tokens: number, nowMs: number): number {
    const { burst, perMs } = this.#spec;
    const grown = this.#tokens + (nowMs - this.#atMs) * perMs;
    this.#tokens = grown < burst ? grown : burst;
    this.#atMs = nowMs;
    if (this.#tokens >= tokens) return 0;
    return tokens > burst ? Infinity : (tokens - this.#tokens) / perMs;
  }

  /** After `missingMs` has said that they are there. */
  spend(tokens: number): void {
    this.#tokens -= tokens;
  }

  /** Takes the tokens and returns 0; or takes none, and returns the time until they are there. */
  take(tokens: number, nowMs: number): number {
    const missingMs = this.missingMs(tokens, nowMs);
    if (missingMs === 0) this.spend(tokens);
    return missingMs;
  }
}
