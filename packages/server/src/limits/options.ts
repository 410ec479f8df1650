import { ConicError } from "@conic/domain";
import { addressMatcher, type AddressMatcher } from "@conic/transport";
import { bucketSpec, perMinute, type BucketSpec } from "./token-bucket.js";

/**
 * What a client, an address and all clients together may do. Rates are token buckets: `…Burst` at once, and then
 * `…PerSecond`. 0 is no limit, wherever it is allowed: for all but the `…Burst`. docs/limits.md says why each is so.
 */
export interface LimitOptions {
  /** Messages of one connection in a second; more are answered `rate_limited`. Default 100. */
  readonly maxMessagesPerSecond?: number;
  /** Messages of one connection at once. Default 5 000. */
  readonly maxMessageBurst?: number;
  /** Bytes of messages of one connection in a second; more are answered `rate_limited`. Default 262 144. */
  readonly maxBytesPerSecond?: number;
  /** Bytes of messages of one connection at once, `maxFrameBytes` at least. Default 4 194 304, or `maxFrameBytes`. */
  readonly maxByteBurst?: number;
  /** Messages of one connection answered `rate_limited` in a minute; at one more, it is closed with 1008. Default 2 000. */
  readonly maxRefusedPerMinute?: number;
  /**
   * Messages of one connection in a minute that cannot be read, or say what the client may not; at one more, it is
   * closed with 1008. Default 20.
   */
  readonly maxInvalidPerMinute?: number;
  /** `register` messages of one connection in a minute; more are answered `rate_limited`. Default 30. */
  readonly maxRegistrationsPerMinute?: number;
  /** Connections that have not registered; upgrades beyond are answered 503. Default 2 000. */
  readonly maxUnregistered?: number;
  /** Time in ms without a message of the client after which it is closed with 4503. Default 0: none. */
  readonly idleTimeoutMs?: number;
  /** Connections at once from one address; upgrades beyond are answered 429. Default 1 000. */
  readonly maxAddressConnections?: number;
  /** Attempts to connect from one address in a second; more are answered 429. Default 100. */
  readonly maxAddressConnectionsPerSecond?: number;
  /** Attempts to connect from one address at once. Default 1 000. */
  readonly maxAddressConnectionBurst?: number;
  /** Messages of all connections from one address in a second; more are answered `rate_limited`. Default 2 000. */
  readonly maxAddressMessagesPerSecond?: number;
  /** Messages of all connections from one address at once. Default 10 000. */
  readonly maxAddressMessageBurst?: number;
  /** Addresses or networks (CIDR) without limits for each address. Default: those of this machine. */
  readonly unlimitedAddresses?: readonly string[];
  /**
   * Proxies that write X-Forwarded-For, as addresses or networks (CIDR): the right-most entry that is none of them is
   * the address of the client. Default none: the header is not looked at.
   */
  readonly trustedProxies?: readonly string[];
}

/** The limits that are numbers. */
export type LimitNumbers = Required<Omit<LimitOptions, "unlimitedAddresses" | "trustedProxies">>;

export const defaultLimits: LimitNumbers = {
  maxMessagesPerSecond: 100,
  maxMessageBurst: 5_000,
  maxBytesPerSecond: 262_144,
  maxByteBurst: 4_194_304,
  maxRefusedPerMinute: 2_000,
  maxInvalidPerMinute: 20,
  maxRegistrationsPerMinute: 30,
  maxUnregistered: 2_000,
  idleTimeoutMs: 0,
  maxAddressConnections: 1_000,
  maxAddressConnectionsPerSecond: 100,
  maxAddressConnectionBurst: 1_000,
  maxAddressMessagesPerSecond: 2_000,
  maxAddressMessageBurst: 10_000,
};

export const defaultUnlimitedAddresses: readonly string[] = ["127.0.0.0/8", "::1"];

/** The limits as they are checked; undefined, and Infinity, is none. */
export interface Limits {
  readonly messages: BucketSpec | undefined;
  readonly bytes: BucketSpec | undefined;
  readonly refused: BucketSpec | undefined;
  readonly invalid: BucketSpec | undefined;
  readonly registrations: BucketSpec | undefined;
  readonly maxUnregistered: number;
  readonly idleTimeoutMs: number;
  readonly address: AddressLimits;
  readonly trustedProxies: readonly string[];
}

export interface AddressLimits {
  readonly maxConnections: number;
  readonly connections: BucketSpec | undefined;
  readonly messages: BucketSpec | undefined;
  readonly isUnlimited: AddressMatcher;
}

// A timer of Node fires at once when it is set further ahead than this.
const maxValue = 2_147_483_647;

/** @throws ConicError `invalid_argument`. */
function checked(limits: LimitNumbers, maxFrameBytes: number): LimitNumbers {
  for (const [name, value] of Object.entries(limits)) {
    const min = name.endsWith("Burst") ? 1 : 0;
    if (Number.isInteger(value) && value >= min && value <= maxValue) continue;
    const text = `${name} must be a whole number from ${min} to ${maxValue}`;
    throw new ConicError("invalid_argument", text);
  }
  const { maxByteBurst, maxBytesPerSecond } = limits;
  if (maxBytesPerSecond === 0 || maxByteBurst >= maxFrameBytes) return limits;
  const text = `maxByteBurst (${maxByteBurst}) must be at least maxFrameBytes (${maxFrameBytes}): a larger frame would never pass`;
  throw new ConicError("invalid_argument", text);
}

function orInfinity(value: number): number {
  return value === 0 ? Infinity : value;
}

/** The limits that are given, and the defaults of the others. */
function withDefaults(options: LimitOptions, maxFrameBytes: number): LimitNumbers {
  const defaults = {
    ...defaultLimits,
    maxByteBurst: Math.max(defaultLimits.maxByteBurst, maxFrameBytes),
  };
  const entries = Object.entries(defaults).map(([name, value]) => [
    name,
    options[name as keyof LimitNumbers] ?? value,
  ]);
  return Object.fromEntries(entries) as LimitNumbers;
}

/** @throws ConicError `invalid_argument` for what is no limit, and for addresses that are none. */
export function resolveLimitOptions(options: LimitOptions, maxFrameBytes: number): Limits {
  const limits = checked(withDefaults(options, maxFrameBytes), maxFrameBytes);
  const { trustedProxies = [], unlimitedAddresses = defaultUnlimitedAddresses } = options;
  // Judged here, and not when the first server is attached.
  addressMatcher(trustedProxies);
  return {
    messages: bucketSpec(limits.maxMessagesPerSecond, limits.maxMessageBurst),
    bytes: bucketSpec(limits.maxBytesPerSecond, limits.maxByteBurst),
    refused: perMinute(limits.maxRefusedPerMinute),
    invalid: perMinute(limits.maxInvalidPerMinute),
    registrations: perMinute(limits.maxRegistrationsPerMinute),
    maxUnregistered: orInfinity(limits.maxUnregistered),
    idleTimeoutMs: limits.idleTimeoutMs,
    address: {
      maxConnections: orInfinity(limits.maxAddressConnections),
      connections: bucketSpec(
        limits.maxAddressConnectionsPerSecond,
        limits.maxAddressConnectionBurst,
      ),
      messages: bucketSpec(limits.maxAddressMessagesPerSecond, limits.maxAddressMessageBurst),
      isUnlimited: addressMatcher(unlimitedAddresses),
    },
    trustedProxies,
  };
}
