const minAskIntervalMs = 20;
const maxAsks = 10;
/** Asks that are due so soon go with those that are due. */
const batchMs = 5;
/** After the last ask an answer has so long, or two round trips. */
const lastAnswerMs = 100;

interface MissingPacket {
  readonly position: number;
  readonly since: number;
  asks: number;
  askedAt: number;
  /** +∞ when it is not to be asked for any more. */
  askAt: number;
}

/** A packet that came after all. */
export interface Repaired {
  /** 0: it was late by itself. */
  readonly asks: number;
  readonly askedAt: number;
}

/** What of a stream has not come, in order of position. */
export class MissingPackets {
  #packets = new Map<number, MissingPacket>();
  #askAt = Number.POSITIVE_INFINITY;

  get size(): number {
    return this.#packets.size;
  }

  /** After all that are missing already. */
  add(position: number, ask: boolean, now: number): void {
    this.#packets.set(position, newlyMissing(position, ask, now));
    if (ask) this.#askAt = Math.min(this.#askAt, now);
  }

  /** Positions `from` to below `to`, before all that are missing already. */
  prepend(from: number, to: number, ask: boolean, now: number): void {
    const later = this.#packets;
    this.#packets = new Map();
    for (let position = from; position < to; position += 1) this.add(position, ask, now);
    for (const [position, packet] of later) this.#packets.set(position, packet);
  }

  arrived(position: number): Repaired | undefined {
    const packet = this.#packets.get(position);
    if (packet !== undefined) this.#packets.delete(position);
    return packet;
  }

  dropBefore(end: number): void {
    for (const position of this.#packets.keys()) {
      if (position >= end) return;
      this.#packets.delete(position);
    }
  }

  /** The first one. */
  get first(): number | undefined {
    for (const position of this.#packets.keys()) return position;
    return undefined;
  }

  /** When the first one, which holds up all that follow, is given up. */
  expiresAt(maxWaitMs: number, roundTripMs: number): number | undefined {
    for (const { since, asks, askedAt } of this.#packets.values()) {
      const at = since + maxWaitMs;
      return asks < maxAsks ? at : Math.min(at, askedAt + Math.max(2 * roundTripMs, lastAnswerMs));
    }
    return undefined;
  }

  /** When `take` gives something. */
  get nextAskAt(): number | undefined {
    return this.#packets.size === 0 || this.#askAt === Number.POSITIVE_INFINITY
      ? undefined
      : this.#askAt;
  }

  /** The positions to ask for now; they count as asked for. */
  take(roundTripMs: number, now: number): number[] {
    if (now < this.#askAt) return [];
    const due: number[] = [];
    this.#askAt = Number.POSITIVE_INFINITY;
    for (const packet of this.#packets.values()) {
      if (packet.askAt <= now + batchMs) {
        due.push(packet.position);
        packet.asks += 1;
        packet.askedAt = now;
        packet.askAt =
          packet.asks < maxAsks
            ? now + Math.max(roundTripMs, minAskIntervalMs)
            : Number.POSITIVE_INFINITY;
      }
      this.#askAt = Math.min(this.#askAt, packet.askAt);
    }
    return due;
  }
}

function newlyMissing(position: number, ask: boolean, now: number): MissingPacket {
  return {
    position,
    since: now,
    asks: 0,
    askedAt: Number.NEGATIVE_INFINITY,
    askAt: ask ? now : Number.POSITIVE_INFINITY,
  };
}
