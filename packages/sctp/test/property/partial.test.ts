import { describe, expect, it } from "vitest";
import { Random } from "../link/random.js";
import { carries, readPacket, readU16, readU32, types } from "../support/packets.js";
import { checkSeeds, timeLimit } from "../support/seeds.js";
import type { Flow } from "../support/traffic.js";
import { transfer, type Transfer } from "../support/transfer.js";

function flow(key: number, init: Omit<Flow["init"], "label">, sizes: readonly number[]): Flow {
  return { key, init: { label: "", ...init }, sizes, text: false };
}

const repeat = (count: number, bytes: number): number[] =>
  Array.from({ length: count }, () => bytes);

/** What a sends, chunk by chunk; `lose` decides which packets are lost: those with such a chunk. */
class Watch {
  /** How often each TSN was sent, and lost. */
  readonly sent: Map<number, number> = new Map();
  readonly lost: Map<number, number> = new Map();
  /** Stream and number of the message that a TSN is part of. */
  readonly #messages = new Map<number, string>();
  lose: (tsn: number, times: number) => boolean = () => false;

  readonly drop = (bytes: Uint8Array): boolean => {
    const tsns: number[] = [];
    for (const { type, value } of readPacket(bytes)?.chunks ?? []) {
      if (type !== types.data && type !== types.iData) continue;
      const tsn = readU32(value, 0);
      const number = type === types.iData ? readU32(value, 8) : readU16(value, 6);
      this.#messages.set(tsn, `${readU16(value, 4)} ${number}`);
      this.sent.set(tsn, (this.sent.get(tsn) ?? 0) + 1);
      tsns.push(tsn);
    }
    const isLost = tsns.some((tsn) => this.lose(tsn, this.sent.get(tsn) ?? 0));
    if (isLost) for (const tsn of tsns) this.lost.set(tsn, (this.lost.get(tsn) ?? 0) + 1);
    return isLost;
  };

  /** Messages with a chunk that was lost more often than this. */
  messagesLost(more: number): number {
    const messages = [...this.lost].filter(([, times]) => times > more);
    return new Set(messages.map(([tsn]) => this.#messages.get(tsn))).size;
  }
}

const delivered = ({ arrivals }: Transfer, key: number): number =>
  arrivals.get(key)?.seen.size ?? 0;

describe("limited reliability", () => {
  it.each([0, 1, 3])("sends no chunk more than 1 + maxRetransmits times: %d", (maxRetransmits) => {
    for (const interleaving of [true, false]) {
      const watch = new Watch();
      let first: number | undefined;
      // Not the first one, which is the OPEN.
      watch.lose = (tsn) => (tsn - (first ??= tsn)) % 5 === 4;
      const made = transfer({
        seed: 1,
        aToB: { delayMs: 10, drop: watch.drop },
        peers: { interleaving },
        fromA: [flow(1, { maxRetransmits }, repeat(60, 1000))],
        withinMs: 60_000,
      });
      expect(Math.max(...watch.sent.values())).toBe(1 + maxRetransmits);
      const lost = watch.messagesLost(maxRetransmits);
      expect(lost).toBeGreaterThan(10);
      expect(made.a.association.stats().abandonedMessages).toBe(lost);
      expect(delivered(made, 1)).toBe(60 - lost);
    }
  });

  it("gives messages up after their lifetime, 0 ms included, and no later", () => {
    for (const maxPacketLifeTimeMs of [0, 100, 1000]) {
      const last = new Map<number, number>();
      const drop = (bytes: Uint8Array, _index: number, now: number): boolean => {
        const chunks = readPacket(bytes)?.chunks ?? [];
        for (const { type, value } of chunks)
          if (type === types.iData) last.set(readU32(value, 0), now);
        return now > 200 && now < 3000 && chunks.some(({ type }) => type === types.iData);
      };
      const made = transfer({
        seed: 1,
        aToB: { delayMs: 10, drop, bytesPerMs: 50 },
        fromA: [flow(1, { maxPacketLifeTimeMs }, repeat(40, 1000))],
        withinMs: 60_000,
      });
      const end = made.startedAt + maxPacketLifeTimeMs;
      for (const at of last.values()) expect(at).toBeLessThanOrEqual(end + 1);
      expect(made.a.association.stats().abandonedMessages).toBeGreaterThan(0);
    }
  });

  it("never harms a reliable channel beside it", timeLimit, () => {
    checkSeeds(150, (seed) => {
      const random = new Random(seed);
      const ordered = (): boolean => random.chance(0.5);
      const sizes = (): number[] =>
        Array.from({ length: 60 }, () => 12 + random.below(random.pick([50, 5000])));
      const made = transfer({
        seed,
        peers: { interleaving: random.chance(0.5) },
        both: { delayMs: 20, loss: random.pick([0.02, 0.1, 0.3]), jitterMs: random.pick([0, 30]) },
        fromA: [
          flow(1, {}, sizes()),
          flow(2, { ordered: ordered(), maxRetransmits: random.below(3) }, sizes()),
          flow(3, { ordered: false }, sizes()),
          flow(4, { ordered: ordered(), maxPacketLifeTimeMs: random.below(300) }, sizes()),
          flow(5, {}, sizes()),
        ],
        withinMs: 300_000,
      });
      for (const key of [1, 3, 5]) expect(delivered(made, key)).toBe(60);
    });
  });

  it("delivers what could be delivered: only lost messages are missing", timeLimit, () => {
    checkSeeds(60, (seed) => {
      const watch = new Watch();
      const random = new Random(seed);
      watch.lose = (): boolean => random.chance(0.1);
      const made = transfer({
        seed,
        aToB: { delayMs: 20, drop: watch.drop },
        peers: { interleaving: random.chance(0.5) },
        fromA: [flow(1, { ordered: random.chance(0.5), maxRetransmits: 0 }, repeat(300, 1000))],
        withinMs: 60_000,
      });
      const { abandonedMessages } = made.a.association.stats();
      expect(delivered(made, 1)).toBe(300 - abandonedMessages);
      expect(delivered(made, 1)).toBeGreaterThan(100);
    });
  });

  it("of the last message needs no later one to make the stream go on", () => {
    for (const interleaving of [true, false]) {
      const watch = new Watch();
      let first: number | undefined;
      // The second message never arrives, in all its parts.
      watch.lose = (tsn) => {
        first ??= tsn;
        return tsn === first + 2;
      };
      const made = transfer({
        seed: 1,
        aToB: { delayMs: 10, drop: watch.drop },
        peers: { interleaving },
        fromA: [flow(1, { maxRetransmits: 0 }, repeat(2, 1000))],
        withinMs: 30_000,
      });
      expect(delivered(made, 1)).toBe(1);
      expect(made.a.association.stats()).toMatchObject({ abandonedMessages: 1, flightBytes: 0 });
      const type = interleaving ? types.iForwardTsn : types.forwardTsn;
      expect(type).toBeGreaterThan(0);
    }
  });

  it("works when the FORWARD TSN itself is lost, again and again", () => {
    for (const interleaving of [true, false]) {
      const type = interleaving ? types.iForwardTsn : types.forwardTsn;
      const watch = new Watch();
      watch.lose = (tsn, times) => times === 1 && tsn % 4 === 0;
      let forwards = 0;
      const drop = (bytes: Uint8Array): boolean => {
        if (carries(bytes, type)) {
          forwards += 1;
          if (forwards % 3 !== 0) return true;
        }
        return watch.drop(bytes);
      };
      const made = transfer({
        seed: 1,
        aToB: { delayMs: 10, drop },
        peers: { interleaving },
        fromA: [flow(1, { maxRetransmits: 0 }, repeat(40, 1000)), flow(2, {}, repeat(40, 1000))],
        withinMs: 60_000,
      });
      expect(forwards).toBeGreaterThan(2);
      expect(delivered(made, 2)).toBe(40);
    }
  });
});
