import { describe, expect, it } from "vitest";
import { deferred } from "../../src/index.js";

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
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    const made = deferred<void>();
    made.reject(new Error("no"));
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", note);
    expect([made.settled, unhandled]).toStrictEqual([true, []]);
    await expect(made.promise).rejects.toThrow("no");
  });
});
