import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  AsyncQueue,
  ConicError,
  consume,
  deferred,
  type Deferred,
  type MessageStream,
} from "../../src/index.js";

const streamOf = (queue: AsyncQueue<number>): MessageStream<number> =>
  ({ [Symbol.asyncIterator]: () => queue[Symbol.asyncIterator]() }) as MessageStream<number>;
const queueOf = (maxItems = 100): AsyncQueue<number> => new AsyncQueue({ maxItems });

describe("consuming a queue", () => {
  it("hands over what waits, then what comes from within push, and ends with the queue", async () => {
    const queue = queueOf();
    const seen: number[] = [];
    queue.push(1);
    queue.push(2);
    const done = queue.consume((item) => {
      seen.push(item);
      return undefined;
    });
    expect(seen).toStrictEqual([1, 2]);
    expect(queue.push(3)).toBe(true);
    expect(seen).toStrictEqual([1, 2, 3]);
    expect(queue.size).toBe(0);
    queue.end();
    await done;
    expect(queue.push(4)).toBe(false);
    expect(seen).toStrictEqual([1, 2, 3]);
  });

  it("lets items wait, up to the limit, while the consumer is busy with one", async () => {
    const taken: number[] = [];
    const queue = new AsyncQueue<number>({ maxItems: 2, onTake: (item) => taken.push(item) });
    const busy: Deferred<void>[] = [];
    const seen: number[] = [];
    const done = queue.consume((item) => {
      seen.push(item);
      const work = deferred<void>();
      busy.push(work);
      return work.promise;
    });
    expect([queue.push(1), queue.push(2), queue.push(3), queue.push(4)]).toStrictEqual([
      true,
      true,
      true,
      false,
    ]);
    expect([seen, taken, queue.size]).toStrictEqual([[1], [], 2]);
    queue.end();
    for (let i = 0; i < 3; i += 1) {
      await expect.poll(() => busy.length).toBe(i + 1);
      busy[i]?.resolve();
    }
    await done;
    expect(seen).toStrictEqual([1, 2, 3]);
    // The first was never queued.
    expect(taken).toStrictEqual([2, 3]);
  });

  it("hands over one at a time, in order, also when the consumer pushes", async () => {
    const queue = queueOf();
    const events: string[] = [];
    const done = queue.consume((item) => {
      events.push(`begin ${item}`);
      if (item < 3) queue.push(item + 1);
      if (item === 3) queue.end();
      events.push(`end ${item}`);
      return undefined;
    });
    queue.push(1);
    await done;
    expect(events).toStrictEqual(["begin 1", "end 1", "begin 2", "end 2", "begin 3", "end 3"]);
  });

  it("is no recursion, however many wait", async () => {
    const queue = queueOf(100_000);
    for (let i = 0; i < 100_000; i += 1) queue.push(i);
    queue.end();
    let sum = 0;
    await queue.consume((item) => {
      sum += item;
      return undefined;
    });
    expect(sum).toBe(4_999_950_000);
  });

  it("ends with the error of the queue, after what was queued", async () => {
    const queue = queueOf();
    const error = new ConicError("closed", "gone");
    const seen: number[] = [];
    queue.push(1);
    queue.end(error);
    const done = queue.consume((item) => {
      seen.push(item);
      return undefined;
    });
    await expect(done).rejects.toBe(error);
    expect(seen).toStrictEqual([1]);
  });

  it.each<[string, (item: number) => Promise<void> | undefined]>([
    [
      "throws",
      () => {
        throw new Error("no");
      },
    ],
    ["rejects", () => Promise.reject(new Error("no"))],
  ])(
    "stops when the consumer %s; push never throws, and a loop goes on behind it",
    async (_how, receive) => {
      const queue = queueOf();
      const done = queue.consume(receive);
      queue.push(1);
      queue.push(2);
      await expect(done).rejects.toThrow("no");
      queue.end();
      const rest: number[] = [];
      for await (const item of queue) rest.push(item);
      expect(rest).toStrictEqual([2]);
    },
  );

  it("is the one loop", async () => {
    const queue = queueOf();
    const first = queue.consume(() => undefined);
    await expect(queue.consume(() => undefined)).rejects.toMatchObject({ code: "invalid_state" });
    expect(() => queue[Symbol.asyncIterator]()).toThrow(/read by another loop/);
    queue.end();
    await first;
    const loop = queue[Symbol.asyncIterator]();
    await expect(queue.consume(() => undefined)).rejects.toMatchObject({ code: "invalid_state" });
    await loop.return?.();
  });

  it("gives what a loop gives, whenever items come and however long each takes", async () => {
    // Each step: how many are pushed, and how many turns the consumer takes for each.
    const step = fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: 3 }));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const queue = queueOf();
        const seen: number[] = [];
        let turns = 0;
        let inHand = 0;
        const work = async (): Promise<void> => {
          for (let i = 0; i < turns; i += 1) await Promise.resolve();
          inHand -= 1;
        };
        const done = queue.consume((item) => {
          expect(inHand).toBe(0);
          seen.push(item);
          if (turns === 0) return undefined;
          inHand += 1;
          return work();
        });
        let next = 0;
        for (const [count, takes] of steps) {
          turns = takes;
          for (let i = 0; i < count; i += 1) queue.push(next++);
          await Promise.resolve();
        }
        queue.end();
        await done;
        expect(seen).toStrictEqual(Array.from({ length: next }, (_, i) => i));
      }),
      { numRuns: 500 },
    );
  });
});

describe("consuming a stream that has no way of its own", () => {
  it("is a loop that waits for each message to be done with", async () => {
    const queue = queueOf();
    const events: string[] = [];
    queue.push(1);
    queue.push(2);
    queue.end();
    await consume(streamOf(queue), (item) => {
      events.push(`begin ${item}`);
      return item === 2
        ? undefined
        : Promise.resolve().then(() => {
            events.push(`end ${item}`);
          });
    });
    expect(events).toStrictEqual(["begin 1", "end 1", "begin 2"]);
  });

  it("rejects with what the receiver throws", async () => {
    const queue = queueOf();
    queue.push(1);
    const done = consume(streamOf(queue), () => {
      throw new Error("no");
    });
    await expect(done).rejects.toThrow("no");
  });
});
