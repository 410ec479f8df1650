import { describe, expect, it } from "vitest";
import { deferred } from "../../src/index.js";
import { watchRejections } from "../support/runtime.js";

describe("a deferred", () => {
  it("resolves from outside, and says that it is settled", async () => {
    const made = deferred<number>();
    expect(made.settled).toBe(false);
    made.resolve(7);
    expect(made.settled).toBe(true);
    await expect(made.promise).resolves.toBe(7);
  });

  it("keeps its first outcome", async () => {
    const made = deferred<number>();
    made.resolve(1);
    made.resolve(2);
    made.reject(new Error("late"));
    await expect(made.promise).resolves.toBe(1);
  });

  it("may be rejected while nobody waits", async () => {
    const rejections = watchRejections();
    const made = deferred<void>();
    made.reject(new Error("no"));
    // Whoever asks for the promise, early or late, need not wait for it.
    const asked = deferred<void>();
    const { promise } = asked;
    asked.reject(new Error("asked"));
    const late = made.promise;
    const unhandled = await rejections();
    expect([made.settled, asked.settled, unhandled]).toStrictEqual([true, true, []]);
    await expect(late).rejects.toThrow("no");
    await expect(promise).rejects.toThrow("asked");
  });

  it("has one promise, before and after it is settled", async () => {
    const made = deferred<number>();
    const { promise } = made;
    made.resolve(3);
    expect(made.promise).toBe(promise);
    await expect(promise).resolves.toBe(3);
  });
});
