import type { Random } from "./random.js";

/** One direction of a link. May be changed during a run. */
export interface PathConditions {
  /** Default 10. */
  delayMs: number;
  /** Up to so much more, evenly spread: packets overtake each other. Default 0. */
  jitterMs: number;
  /** Chance that a packet is lost, 0 to 1. Default 0. */
  loss: number;
  /** Chance of each packet to begin a burst, in which all is lost for up to so long. Default none. */
  burst: { readonly enter: number; readonly maxMs: number } | undefined;
  /** Chance that a packet comes twice. Default 0. */
  duplicate: number;
  /** Chance that a byte of a packet is changed. Default 0. */
  corrupt: number;
  /** Default without limit. */
  bytesPerMs: number;
  /** Bytes that wait for the bandwidth; more are dropped. Default 256 KiB. */
  queueBytes: number;
  /** Larger packets vanish. Default none. */
  maxPacketBytes: number;
  /** True drops the packet. `index` counts from 0. */
  drop: ((packet: Uint8Array, index: number, now: number) => boolean) | undefined;
}

export interface PathStats {
  packets: number;
  bytes: number;
  lost: number;
  tooBig: number;
  overflowed: number;
  duplicated: number;
  corrupted: number;
  delivered: number;
  largestQueueBytes: number;
}

export interface Arrival {
  readonly at: number;
  readonly packet: Uint8Array;
}

export const perfect: PathConditions = {
  delayMs: 10,
  jitterMs: 0,
  loss: 0,
  burst: undefined,
  duplicate: 0,
  corrupt: 0,
  bytesPerMs: Number.POSITIVE_INFINITY,
  queueBytes: 262_144,
  maxPacketBytes: Number.POSITIVE_INFINITY,
  drop: undefined,
};

/** Decides when, whether and how often a packet arrives. */
export class Path {
  readonly conditions: PathConditions;
  readonly stats: PathStats = {
    packets: 0,
    bytes: 0,
    lost: 0,
    tooBig: 0,
    overflowed: 0,
    duplicated: 0,
    corrupted: 0,
    delivered: 0,
    largestQueueBytes: 0,
  };
  readonly #random: Random;
  #burstUntil = Number.NEGATIVE_INFINITY;
  #freeAt = 0;

  constructor(conditions: Partial<PathConditions>, random: Random) {
    this.conditions = { ...perfect, ...conditions };
    this.#random = random;
  }

  send(packet: Uint8Array, now: number): readonly Arrival[] {
    const { conditions, stats } = this;
    const index = stats.packets;
    stats.packets += 1;
    stats.bytes += packet.length;
    if (packet.length > conditions.maxPacketBytes) {
      stats.tooBig += 1;
      return [];
    }
    // Chances are drawn for each packet alike, so that one condition does not shift the others.
    const lost = this.#isLost(now);
    const twice = this.#random.chance(conditions.duplicate);
    const bad = this.#random.chance(conditions.corrupt);
    if (lost || conditions.drop?.(packet, index, now)) {
      stats.lost += 1;
      return [];
    }
    const leaves = this.#leaveAt(packet.length, now);
    if (leaves === undefined) return [];
    if (bad) stats.corrupted += 1;
    if (twice) stats.duplicated += 1;
    const first = { at: this.#arriveAt(leaves), packet: bad ? this.#corrupted(packet) : packet };
    // The receiver may keep what it gets and hand it out: each copy is one of its own.
    return twice ? [first, { at: this.#arriveAt(leaves), packet: packet.slice() }] : [first];
  }

  #isLost(now: number): boolean {
    const { burst, loss } = this.conditions;
    const lost = this.#random.chance(loss);
    if (burst !== undefined && now >= this.#burstUntil && this.#random.chance(burst.enter)) {
      this.#burstUntil = now + this.#random.fraction() * burst.maxMs;
    }
    return lost || now < this.#burstUntil;
  }

  #leaveAt(bytes: number, now: number): number | undefined {
    const { bytesPerMs, queueBytes } = this.conditions;
    if (bytesPerMs === Number.POSITIVE_INFINITY) return now;
    const waiting = Math.max(0, this.#freeAt - now) * bytesPerMs;
    if (waiting + bytes > queueBytes) {
      this.stats.overflowed += 1;
      return undefined;
    }
    this.stats.largestQueueBytes = Math.max(this.stats.largestQueueBytes, waiting + bytes);
    this.#freeAt = Math.max(now, this.#freeAt) + bytes / bytesPerMs;
    return this.#freeAt;
  }

  #arriveAt(leaves: number): number {
    const { delayMs, jitterMs } = this.conditions;
    return leaves + delayMs + (jitterMs > 0 ? this.#random.fraction() * jitterMs : 0);
  }

  #corrupted(packet: Uint8Array): Uint8Array {
    const copy = packet.slice();
    const at = this.#random.below(copy.length);
    copy[at] = (copy[at] ?? 0) ^ (1 + this.#random.below(255));
    return copy;
  }
}
