import { AsyncQueue } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { abortListenerCount, collect, collectAll } from "../src/index.js";

describe("collect", () => {
  it("takes as many as asked for and leaves the rest", async () => {
    const queue = new AsyncQueue<number>({ maxItems: 10 });
    for (const item of [1, 2, 3, 4]) queue.push(item);
    expect(await collect(queue, 0)).toEqual([]);
    expect(await collect(queue, 2)).toEqual([1, 2]);
    queue.end();
    expect(await collect(queue, 5)).toEqual([3, 4]);
    expect(await collectAll(queue)).toEqual([]);
  });

  it("counts the listeners of a signal", () => {
    const controller = new AbortController();
    expect(abortListenerCount(controller.signal)).toBe(0);
    controller.signal.addEventListener("abort", () => undefined);
    expect(abortListenerCount(controller.signal)).toBe(1);
  });
});
