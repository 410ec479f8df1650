import { describe, expect, it } from "vitest";
import type { MessageStream } from "@conic/domain";
import { collect, collectAll } from "../collect.js";
import { seededRandom } from "../random.js";
import { codeOf, withPair } from "./harness.js";
import type { StreamContract } from "./types.js";

/** Order, both directions, sizes, and how a stream is read. */
export function describeDelivery<T>(contract: StreamContract<T>): void {
  const { make, equals } = contract.messages;
  const sendAll = async (stream: MessageStream<T>, from: number, to: number): Promise<void> => {
    for (let index = from; index < to; index += 1) {
      if (!stream.send(make(index, 64))) await stream.ready();
    }
  };
  /** The index of the first message that is not the one expected; -1 when they are `from` to `to`, in order. */
  const firstWrong = (received: readonly T[], from: number, to: number): number => {
    if (received.length !== to - from) return Math.min(received.length, to - from);
    return received.findIndex((message, index) => !equals(message, make(from + index, 64)));
  };

  describe("delivery", () => {
    it("keeps the order of 1 000 messages", async () => {
      await withPair(contract, async ({ a, b }) => {
        const reading = collect(b, 1000);
        await sendAll(a, 0, 1000);
        expect(firstWrong(await reading, 0, 1000)).toBe(-1);
      });
    });

    it("carries both directions at once", async () => {
      await withPair(contract, async ({ a, b }) => {
        const reading = Promise.all([collect(a, 200), collect(b, 200)]);
        await Promise.all([sendAll(a, 0, 200), sendAll(b, 1000, 1200)]);
        const [byA, byB] = await reading;
        expect(firstWrong(byB, 0, 200)).toBe(-1);
        expect(firstWrong(byA, 1000, 1200)).toBe(-1);
      });
    });

    it("carries messages of mixed sizes unchanged", async () => {
      await withPair(contract, async ({ a, b }) => {
        const random = seededRandom(20);
        const largest = contract.capabilities.bulkMessageBytes ?? 16_384;
        const sizes = Array.from({ length: 100 }, () => 16 + Math.floor(random() * (largest - 16)));
        const reading = collect(b, sizes.length);
        for (const [index, size] of sizes.entries()) {
          if (!a.send(make(index, size))) await a.ready();
        }
        const received = await reading;
        const wrong = received.findIndex((message, i) => !equals(message, make(i, sizes[i] ?? 0)));
        expect(wrong, "first message changed").toBe(-1);
      });
    });

    it("goes on where a loop was left", async () => {
      await withPair(contract, async ({ a, b }) => {
        const sending = sendAll(a, 0, 30);
        expect(firstWrong(await collect(b, 10), 0, 10)).toBe(-1);
        expect(firstWrong(await collect(b, 1), 10, 11)).toBe(-1);
        expect(b.readyState).toBe("open");
        expect(firstWrong(await collect(b, 19), 11, 30)).toBe(-1);
        await sending;
      });
    });

    it("throws when two loops read at once", async () => {
      await withPair(contract, async ({ a, b }) => {
        const first = collect(b, 1);
        expect(await codeOf(() => collect(b, 1))).toBe("invalid_state");
        await sendAll(a, 0, 1);
        expect(firstWrong(await first, 0, 1)).toBe(-1);
      });
    });

    it("ends the iteration after what had arrived, and every later one", async () => {
      await withPair(contract, async ({ a, b }) => {
        await sendAll(a, 0, 5);
        await a.close();
        await b.closed;
        expect(firstWrong(await collectAll(b), 0, 5)).toBe(-1);
        expect(await collectAll(b)).toEqual([]);
        expect(await collectAll(a)).toEqual([]);
      });
    });

    it("ends a loop that waits when the stream closes", async () => {
      await withPair(contract, async ({ a, b }) => {
        const readings = Promise.all([collectAll(a), collectAll(b)]);
        await a.close();
        expect(await readings).toEqual([[], []]);
      });
    });
  });
}
