import { describe, expect, it } from "vitest";
import { ConicError, consume, deferred, type MessageStream, type Receiver } from "@conic/domain";
import { turns } from "#platform";
import { collect, collectAll } from "../collect.js";
import { codeOf, fill, isPending, withPair } from "./harness.js";
import type { StreamContract } from "./types.js";

/** Reading with `consume`: by the stream's own, where it has one, and else by a loop. */
export function describeConsuming<T>(contract: StreamContract<T>): void {
  const { make, equals } = contract.messages;

  async function sendAll(stream: MessageStream<T>, from: number, to: number): Promise<void> {
    for (let index = from; index < to; index += 1) {
      if (!stream.send(make(index, 64))) await stream.ready();
    }
  }

  function expectInOrder(received: readonly T[], count: number): void {
    expect(received).toHaveLength(count);
    const wrong = received.findIndex((message, index) => !equals(message, make(index, 64)));
    expect(wrong, "first message out of order").toBe(-1);
  }

  /** Receives, and says when `count` have come. */
  function counter(count: number): { seen: T[]; receive: Receiver<T>; all: Promise<void> } {
    const seen: T[] = [];
    const complete = deferred<void>();
    return {
      seen,
      all: complete.promise,
      receive: (message) => {
        if (seen.push(message) === count) complete.resolve();
        return undefined;
      },
    };
  }

  describe("consuming", () => {
    it("hands over 1 000 messages in order, those that waited first, and resolves at the end", async () => {
      await withPair(contract, async ({ a, b }) => {
        await sendAll(a, 0, 10);
        const { seen, receive, all } = counter(1000);
        const done = consume(b, receive);
        await sendAll(a, 10, 1000);
        await all;
        expect(await isPending(done)).toBe(true);
        await a.close();
        await done;
        expectInOrder(seen, 1000);
      });
    });

    it("hands over one message at a time, and the next when the promise of the last is settled", async () => {
      await withPair(contract, async ({ a, b }) => {
        const seen: T[] = [];
        let inHand = 0;
        let most = 0;
        const work = async (): Promise<void> => {
          await turns();
          inHand -= 1;
        };
        const done = consume(b, (message) => {
          seen.push(message);
          inHand += 1;
          most = Math.max(most, inHand);
          return work();
        });
        await sendAll(a, 0, 50);
        await a.close();
        await done;
        expectInOrder(seen, 50);
        expect(most).toBe(1);
      });
    });

    it("holds a fast sender back while a message is in hand", async () => {
      await withPair(contract, async ({ a, b }) => {
        const inHand = deferred<void>();
        let seen = 0;
        const done = consume(b, () => {
          seen += 1;
          return seen === 1 ? inHand.promise : undefined;
        });
        let sent = fill(a, contract);
        if (contract.capabilities.readerSlowsSender !== false) {
          // The message in hand and the buffers on the way make room for some more.
          while (!(await isPending(a.ready()))) sent += fill(a, contract, sent);
        }
        inHand.resolve();
        await a.ready();
        await a.close();
        await done;
        expect(seen).toBe(sent);
      });
    });

    it("rejects with what the receiver throws, and a loop goes on behind that message", async () => {
      await withPair(contract, async ({ a, b }) => {
        const sending = sendAll(a, 0, 10);
        let seen = 0;
        const consuming = consume(b, () => {
          seen += 1;
          if (seen === 3) throw new Error("enough");
          return undefined;
        });
        await expect(consuming).rejects.toThrow("enough");
        await sending;
        const rest = await collect(b, 7);
        expect(equals(rest[0] as T, make(3, 64))).toBe(true);
        expect(b.readyState).toBe("open");
      });
    });

    it("is the one loop", async () => {
      await withPair(contract, async ({ a, b }) => {
        const done = consume(b, () => undefined);
        expect(await codeOf(() => consume(b, () => undefined))).toBe("invalid_state");
        expect(await codeOf(() => collect(b, 1))).toBe("invalid_state");
        await a.close();
        await done;
        expect(await collectAll(b)).toEqual([]);
      });
    });

    it("may be aborted within, and resolves", async () => {
      await withPair(contract, async ({ a, b }) => {
        let seen = 0;
        const done = consume(b, () => {
          seen += 1;
          b.abort(new ConicError("internal", "enough"));
          return undefined;
        });
        for (let index = 0; index < 5; index += 1) a.send(make(index, 64));
        await done;
        expect(seen).toBeGreaterThan(0);
        await a.closed;
      });
    });
  });
}
