import { isIPv4, isIPv6 } from "node:net";

/** Wrong tokens that one address may send at once. */
export const maxWrongTokens = 10;
/** After this time it may send one more. */
export const wrongTokenEveryMs = 6000;
/** Addresses that are remembered; of one more, the one that is silent for longest is forgotten. */
export const maxAddresses = 10_000;

/** The groups of an IPv6 address, `::` written out. */
function groups(address: string): string[] {
  const [head = "", tail] = address.split("::");
  const front = head === "" ? [] : head.split(":");
  if (tail === undefined) return front;
  const back = tail === "" ? [] : tail.split(":");
  const missing = Math.max(0, 8 - front.length - back.length);
  return [...front, ...Array.from({ length: missing }, () => "0"), ...back];
}

/** What counts as one address: a household has a whole /64 of IPv6. */
export function addressKey(address: string): string {
  const plain = address.replace(/%.*$/, "").replace(/^::ffff:(?=[\d.]+$)/i, "");
  if (isIPv4(plain) || !isIPv6(plain)) return plain;
  return groups(plain)
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":");
}

interface Bucket {
  left: number;
  atMs: number;
}

/** Bounds how often each address may guess. Pure: readings of a clock are handed in. */
export class Attempts {
  readonly #buckets = new Map<string, Bucket>();
  readonly #maxAddresses: number;

  constructor(max: number = maxAddresses) {
    this.#maxAddresses = max;
  }

  /** Time until this address may try again; 0: now. */
  waitMs(address: string, nowMs: number): number {
    const bucket = this.#buckets.get(addressKey(address));
    if (bucket === undefined) return 0;
    const left = refilled(bucket, nowMs);
    return left >= 1 ? 0 : Math.ceil((1 - left) * wrongTokenEveryMs);
  }

  /** The address has sent a wrong token. */
  failed(address: string, nowMs: number): void {
    const key = addressKey(address);
    const bucket = this.#buckets.get(key) ?? { left: maxWrongTokens, atMs: nowMs };
    // Behind all others: the map is sorted by the time of the last failure.
    this.#buckets.delete(key);
    this.#buckets.set(key, { left: refilled(bucket, nowMs) - 1, atMs: nowMs });
    for (const oldest of this.#buckets.keys()) {
      if (this.#buckets.size <= this.#maxAddresses) return;
      this.#buckets.delete(oldest);
    }
  }
}

function refilled({ left, atMs }: Bucket, nowMs: number): number {
  return Math.min(maxWrongTokens, left + Math.max(0, nowMs - atMs) / wrongTokenEveryMs);
}
