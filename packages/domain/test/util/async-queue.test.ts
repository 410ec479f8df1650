import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AsyncQueue, ConicError, isConicError } from "../../src/index.js";

async function drain<T>(queue: AsyncQueue<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of queue) items.push(item);
  return items;
}

/** What a reader that waits gets when `act` is done to the queue. */
async function outcome(act: (queue: AsyncQueue<number>) => void): Promise<unknown> {
  const queue = new AsyncQueue<number>({ maxItems: 1 });
  const next = queue[Symbol.asyncIterator]().next();
  act(queue);
  return next.catch((error: unknown) => error);
}

const bytes = (maxBytes: number): AsyncQueue<string> =>
  new AsyncQueue({ maxItems: 100, maxBytes, sizeOf: (item) => item.length });

describe("an async queue", () => {
  it("takes maxItems and refuses one more, until one is taken", async () => {
    const queue = new AsyncQueue<number>({ maxItems: 2 });
    expect([queue.push(1), queue.push(2), queue.push(3)]).toStrictEqual([true, true, false]);
    const reader = queue[Symbol.asyncIterator]();
    expect(await reader.next()).toStrictEqual({ done: false, value: 1 });
    expect([queue.push(4), queue.push(5)]).toStrictEqual([true, false]);
    queue.end();
    await reader.return?.();
    expect(await drain(queue)).toStrictEqual([2, 4]);
  });

  it("takes maxBytes and refuses one byte more", () => {
    const queue = bytes(3);
    expect([queue.push("ab"), queue.push("cd"), queue.push("e")]).toStrictEqual([
      true,
      false,
      true,
    ]);
    expect([queue.bytes, queue.size]).toStrictEqual([3, 2]);
    expect(queue.push("f")).toBe(false);
  });

  it("gives what was queued after it ended, takes no more, then is over", async () => {
    const queue = new AsyncQueue<number>({ maxItems: 9 });
    queue.push(1);
    queue.end();
    queue.end(new ConicError("internal", "too late to matter"));
    expect([queue.ended, queue.push(2)]).toStrictEqual([true, false]);
    expect(await drain(queue)).toStrictEqual([1]);
    expect(await drain(queue)).toStrictEqual([]);
  });

  it("throws the error it ended with, after what was queued", async () => {
    const queue = new AsyncQueue<number>({ maxItems: 9 });
    queue.push(1);
    const error = new ConicError("closed", "gone");
    queue.end(error);
    const seen: number[] = [];
    const reading = (async () => {
      for await (const item of queue) seen.push(item);
    })();
    await expect(reading).rejects.toBe(error);
    expect(seen).toStrictEqual([1]);
  });

  it("wakes a reader that waits, with an item, an end or an error", async () => {
    const error = new ConicError("closed", "gone");
    expect(await outcome((queue) => queue.push(1))).toStrictEqual({ done: false, value: 1 });
    expect(
      await outcome((queue) => {
        queue.end();
      }),
    ).toMatchObject({ done: true });
    expect(
      await outcome((queue) => {
        queue.end(error);
      }),
    ).toBe(error);
  });

  it("may be read by a later loop after an error woke the reader that waited", async () => {
    const queue = new AsyncQueue<number>({ maxItems: 4 });
    const reading = queue[Symbol.asyncIterator]().next();
    queue.end(new ConicError("closed", "over"));
    await expect(reading).rejects.toMatchObject({ code: "closed" });
    await expect(queue[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "closed" });
  });

  it("gives each of several reads that wait an item of its own", async () => {
    const queue = new AsyncQueue<number>({ maxItems: 4 });
    const iterator = queue[Symbol.asyncIterator]();
    const reads = [iterator.next(), iterator.next(), iterator.next()];
    queue.push(1);
    queue.push(2);
    queue.end();
    expect((await Promise.all(reads)).map((result) => result.value)).toEqual([1, 2, undefined]);
  });

  it("goes on in a later loop where the first one was left", async () => {
    const queue = new AsyncQueue<number>({ maxItems: 9 });
    for (const item of [1, 2, 3]) queue.push(item);
    queue.end();
    for await (const item of queue) {
      expect(item).toBe(1);
      break;
    }
    expect(await drain(queue)).toStrictEqual([2, 3]);
  });

  it("is read by one loop at a time", () => {
    const queue = new AsyncQueue<number>({ maxItems: 9 });
    queue[Symbol.asyncIterator]();
    let thrown: unknown;
    try {
      queue[Symbol.asyncIterator]();
    } catch (error) {
      thrown = error;
    }
    expect(isConicError(thrown, "invalid_state")).toBe(true);
  });

  it("drops what is queued when it is cleared", async () => {
    const queue = bytes(9);
    queue.push("abc");
    queue.clear();
    expect([queue.size, queue.bytes]).toStrictEqual([0, 0]);
    queue.push("d");
    queue.end();
    expect(await drain(queue)).toStrictEqual(["d"]);
  });

  it("tells of each item that was taken, handed over directly or not", async () => {
    const taken: number[] = [];
    const queue = new AsyncQueue<number>({ maxItems: 9, onTake: (item) => taken.push(item) });
    const reader = queue[Symbol.asyncIterator]();
    const waiting = reader.next();
    queue.push(1);
    queue.push(2);
    await waiting;
    expect(taken).toStrictEqual([1]);
    await reader.next();
    expect(taken).toStrictEqual([1, 2]);
  });

  it("behaves as a bounded list under random pushes and reads", async () => {
    const limits = { maxItems: 150, maxBytes: 400, sizeOf: (item: number): number => item % 5 };
    // Runs of pushes and reads that are long enough to cut off the dead part of the array.
    const runs = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 120 })), {
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(runs, async (plan) => {
        const queue = new AsyncQueue<number>(limits);
        const reader = queue[Symbol.asyncIterator]();
        const model: number[] = [];
        const size = (): number => model.reduce((sum, item) => sum + limits.sizeOf(item), 0);
        let item = 0;
        const push = (): boolean => {
          item += 1;
          const fits = model.length < 150 && size() + limits.sizeOf(item) <= 400;
          if (fits) model.push(item);
          return queue.push(item) === fits;
        };
        const read = async (): Promise<boolean> => {
          if (model.length === 0) return true;
          const result = await reader.next();
          return result.done !== true && result.value === model.shift();
        };
        for (const [pushing, times] of plan) {
          for (let i = 0; i < times; i += 1) expect(pushing ? push() : await read()).toBe(true);
          expect([queue.size, queue.bytes]).toStrictEqual([model.length, size()]);
        }
      }),
      { numRuns: 200 },
    );
  });
});
