import { describe, expect, it } from "vitest";
import { quickest, whileItLasts } from "../src/index.js";

describe("the quickest of some attempts", () => {
  it("is the first that stays below the limit, or the best of five", async () => {
    const times = [9, 7, 3, 1];
    expect(await quickest(5, () => times.shift() ?? NaN)).toBe(3);
    const slow = [9, 8, 7, 8, 9, 1];
    expect(await quickest(5, () => slow.shift() ?? NaN)).toBe(7);
    expect(slow).toEqual([1]);
  });
});

describe("what can only be done while something lasts", () => {
  const late = new Error("it was over");

  it("is tried with more time when it was not done in time, and then fails", async () => {
    const tried: number[] = [];
    const attempts = whileItLasts([0, 0, 0], (lifetime) => {
      lifetime.begin();
      tried.push(lifetime.ms);
      return Promise.reject(late);
    });
    await expect(attempts).rejects.toBe(late);
    expect(tried).toEqual([0, 0, 0]);
  });

  it.each([
    ["in time", 60_000, true],
    ["before it had begun", 0, false],
  ])("fails at once when it fails %s", async (_when, ms, begins) => {
    let tried = 0;
    const attempts = whileItLasts([ms, ms], (lifetime) => {
      tried += 1;
      if (begins) lifetime.begin();
      return Promise.reject(late);
    });
    await expect(attempts).rejects.toBe(late);
    expect(tried).toBe(1);
  });

  it("fails at once when all that had to be in time was, however late it is found out", async () => {
    let tried = 0;
    const attempts = whileItLasts([5, 5], async (lifetime) => {
      tried += 1;
      lifetime.begin();
      lifetime.done();
      await new Promise((resolve) => void setTimeout(resolve, 20));
      throw late;
    });
    await expect(attempts).rejects.toBe(late);
    expect(tried).toBe(1);
  });
});
