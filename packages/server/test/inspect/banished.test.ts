import { describe, expect, it } from "vitest";
import { Banished, maxBanishedSecrets } from "../../src/inspect/banished.js";

describe("secrets of ended sessions", () => {
  it("are known, and no others", () => {
    const banished = new Banished();
    banished.add(["a", "b"]);
    expect(["a", "b", "c", undefined].map((secret) => banished.has(secret))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it("are at most 4096; of one more, the oldest is forgotten", () => {
    expect(maxBanishedSecrets).toBe(4096);
    const banished = new Banished(2);
    banished.add(["a"]);
    banished.add(["b"]);
    expect([banished.has("a"), banished.has("b")]).toEqual([true, true]);
    banished.add(["c"]);
    expect([banished.has("a"), banished.has("b"), banished.has("c")]).toEqual([false, true, true]);
  });
});
