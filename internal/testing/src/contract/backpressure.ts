import { describe, expect, it } from "vitest";
import { ConicError, type MessageStream } from "@conic/domain";
import { abortListenerCount } from "#platform";
import { collect, collectAll } from "../collect.js";
import { codeOf, fill, isPending, withPair } from "./harness.js";
import type { StreamContract } from "./types.js";

/** Sends until it throws, deaf to what `send` returns. */
async function overflow<T>(stream: MessageStream<T>, contract: StreamContract<T>): Promise<string> {
  const bytes = contract.capabilities.bulkMessageBytes ?? 16_384;
  return codeOf(() => {
    for (let index = 0; index < 100_000; index += 1) {
      stream.send(contract.messages.make(index, bytes));
    }
  });
}

function describeReady<T>(contract: StreamContract<T>): void {
  const { capabilities } = contract;

  it("send returns false above the high-water mark, and ready resolves when the other end reads", async () => {
    await withPair(contract, async ({ a, b }) => {
      const sent = fill(a, contract);
      expect(a.bufferedAmount).toBeGreaterThan(0);
      const ready = a.ready();
      const waits = await isPending(ready);
      expect(waits || capabilities.readerSlowsSender === false).toBe(true);
      const reading = collect(b, sent);
      await ready;
      expect(a.bufferedAmount).toBeLessThanOrEqual(capabilities.lowWaterMarkBytes ?? Infinity);
      expect(a.send(contract.messages.make(sent, 64))).toBe(true);
      expect(await reading).toHaveLength(sent);
    });
  });

  it("loses nothing and keeps the order when a sender waits for ready", async () => {
    await withPair(contract, async ({ a, b }) => {
      const bytes = capabilities.bulkMessageBytes ?? 16_384;
      const reading = collect(b, 1000);
      for (let index = 0; index < 1000; index += 1) {
        if (!a.send(contract.messages.make(index, bytes))) await a.ready();
      }
      const received = await reading;
      const { make, equals } = contract.messages;
      expect(received.findIndex((message, i) => !equals(message, make(i, bytes)))).toBe(-1);
      expect(received).toHaveLength(1000);
    });
  });

  it("ready resolves at once when nothing is congested", async () => {
    await withPair(contract, async ({ a }) => {
      expect(await codeOf(() => a.ready())).toBe("none");
      expect(a.send(contract.messages.make(0, 64))).toBe(true);
      expect(await codeOf(() => a.ready())).toBe("none");
    });
  });

  it("ready rejects with aborted and leaves no listener", async () => {
    await withPair(contract, async ({ a }) => {
      fill(a, contract);
      const controller = new AbortController();
      const first = codeOf(() => a.ready({ signal: controller.signal }));
      const second = codeOf(() => a.ready({ signal: controller.signal }));
      controller.abort();
      expect([await first, await second]).toEqual(["aborted", "aborted"]);
      expect(await codeOf(() => a.ready({ signal: controller.signal }))).toBe("aborted");
      expect(abortListenerCount(controller.signal)).toBe(0);
    });
  });

  it("waits leave no listener on a signal that never fires", async () => {
    await withPair(contract, async ({ a, b }) => {
      const { signal } = new AbortController();
      const sent = fill(a, contract);
      const ready = a.ready({ signal });
      await collect(b, sent);
      await ready;
      await a.close({ signal });
      expect(abortListenerCount(signal)).toBe(0);
    });
  });

  it("ready rejects with closed when the stream ends first, and afterwards", async () => {
    await withPair(contract, async ({ a }) => {
      fill(a, contract);
      const ready = codeOf(() => a.ready());
      a.abort(new ConicError("internal", "broken"));
      expect(await ready).toBe("closed");
      expect(await codeOf(() => a.ready())).toBe("closed");
    });
  });
}

const describeOverflow = {
  evicts<T>(contract: StreamContract<T>): void {
    it("ends the stream of a reader that does not read: slow_consumer", async () => {
      await withPair(contract, async ({ a, b }) => {
        expect(await overflow(a, contract)).toBe("slow_consumer");
        expect(a.readyState).toBe("closed");
        const info = await a.closed;
        expect(info).toMatchObject({ code: 4001, wasClean: false });
        expect(info.error?.code).toBe("slow_consumer");
        await Promise.all([collectAll(b), b.closed]);
      });
    });
  },

  refuses<T>(contract: StreamContract<T>): void {
    it("refuses what does not fit with buffer_full, stays open and goes on after ready", async () => {
      await withPair(contract, async ({ a, b }) => {
        expect(await overflow(a, contract)).toBe("buffer_full");
        expect(a.readyState).toBe("open");
        const reading = collectAll(b);
        await a.ready();
        expect(a.send(contract.messages.make(0, 64))).toBe(true);
        await a.close();
        expect((await reading).length).toBeGreaterThan(1);
      });
    });
  },
};

function describeLargest<T>(contract: StreamContract<T>, maxMessageBytes: number): void {
  it("takes a message of the largest size and refuses one byte more with too_large", async () => {
    await withPair(contract, async ({ a, b }) => {
      const largest = contract.messages.make(0, maxMessageBytes);
      const reading = collect(b, 1);
      a.send(largest);
      const tooLarge = contract.messages.make(1, maxMessageBytes + 1);
      expect(await codeOf(() => a.send(tooLarge))).toBe("too_large");
      const [received] = await reading;
      expect(received !== undefined && contract.messages.equals(received, largest)).toBe(true);
      expect(a.readyState).toBe("open");
    });
  });
}

function describeFlush<T>(contract: StreamContract<T>): void {
  it("close sends what is queued before it closes", async () => {
    await withPair(contract, async ({ a, b }) => {
      const sent = fill(a, contract);
      const closing = a.close();
      const received = await collectAll(b);
      await closing;
      expect(received).toHaveLength(sent);
      expect((await a.closed).wasClean).toBe(true);
      expect((await b.closed).wasClean).toBe(true);
    });
  });
}

/** What happens between a fast sender and a slow reader. */
export function describeBackpressure<T>(contract: StreamContract<T>): void {
  describe("backpressure", () => {
    const { overflow: policy, maxMessageBytes } = contract.capabilities;
    describeReady(contract);
    describeOverflow[policy](contract);
    if (maxMessageBytes !== undefined) describeLargest(contract, maxMessageBytes);
    describeFlush(contract);
  });
}
