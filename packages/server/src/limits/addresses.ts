import { addressKey } from "./address-key.js";
import type { AddressLimits } from "./options.js";
import { refillMs, TokenBucket } from "./token-bucket.js";

/** What one address has and did. */
export interface AddressUse {
  readonly key: string;
  readonly attempts: TokenBucket | undefined;
  /** Of all its connections. */
  readonly messages: TokenBucket | undefined;
  connections: number;
  idleSinceMs: number;
}

/** Why an address may not connect now. */
export interface AddressRefusal {
  readonly limit: "address_connections" | "address_connection_rate";
  readonly retryAfterMs: number;
}

/** Of the addresses that have no connection, those that are remembered; about 20 MB. */
const maxIdleAddresses = 65_536;
/** When an address has as many connections as it may: nobody knows when one ends. */
const fullRetryAfterMs = 10_000;

/**
 * Connections and messages by address. An address without connections is forgotten when its buckets are full again,
 * so that forgetting it changes nothing; the oldest earlier, where there are too many.
 */
export class Addresses {
  readonly #limits: AddressLimits;
  readonly #maxIdle: number;
  readonly #idleMs: number;
  readonly #uses = new Map<string, AddressUse>();
  /** Those without connections, in the order in which they lost the last one. */
  readonly #idle = new Map<string, AddressUse>();

  constructor(limits: AddressLimits, maxIdle: number = maxIdleAddresses) {
    const { connections, messages } = limits;
    this.#limits = limits;
    this.#maxIdle = maxIdle;
    this.#idleMs = Math.max(
      0,
      ...[connections, messages].map((spec) => (spec === undefined ? 0 : refillMs(spec))),
    );
  }

  /** Addresses that are remembered. */
  get size(): number {
    return this.#uses.size;
  }

  /** Whether this address may open a connection now; the attempt counts either way. */
  admit(address: string, nowMs: number): AddressRefusal | undefined {
    const use = this.#use(address, nowMs);
    if (use === undefined) return undefined;
    const missingMs = use.attempts?.take(1, nowMs) ?? 0;
    if (missingMs > 0) return { limit: "address_connection_rate", retryAfterMs: missingMs };
    if (use.connections < this.#limits.maxConnections) return undefined;
    return { limit: "address_connections", retryAfterMs: fullRetryAfterMs };
  }

  /** A connection has opened. Undefined for addresses without limits. Give it back to `leave`. */
  enter(address: string, nowMs: number): AddressUse | undefined {
    const use = this.#use(address, nowMs);
    if (use === undefined) return undefined;
    use.connections += 1;
    this.#idle.delete(use.key);
    return use;
  }

  leave(use: AddressUse, nowMs: number): void {
    use.connections -= 1;
    if (use.connections === 0) this.#rest(use, nowMs);
    this.#forget(nowMs);
  }

  #use(address: string, nowMs: number): AddressUse | undefined {
    if (address === "" || this.#limits.isUnlimited(address)) return undefined;
    const key = addressKey(address);
    const known = this.#uses.get(key);
    if (known !== undefined) {
      if (this.#idle.delete(key)) this.#rest(known, nowMs);
      return known;
    }
    const { connections, messages } = this.#limits;
    const use: AddressUse = {
      key,
      attempts: connections && new TokenBucket(connections, nowMs),
      messages: messages && new TokenBucket(messages, nowMs),
      connections: 0,
      idleSinceMs: nowMs,
    };
    this.#uses.set(key, use);
    this.#rest(use, nowMs);
    this.#forget(nowMs);
    return use;
  }

  #rest(use: AddressUse, nowMs: number): void {
    use.idleSinceMs = nowMs;
    this.#idle.set(use.key, use);
  }

  #forget(nowMs: number): void {
    for (const use of this.#idle.values()) {
      if (this.#idle.size <= this.#maxIdle && nowMs - use.idleSinceMs < this.#idleMs) return;
      this.#idle.delete(use.key);
      this.#uses.delete(use.key);
    }
  }
}
