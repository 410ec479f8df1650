import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSignalingServer } from "@conic/server";
import {
  addressKey,
  Attempts,
  maxAddresses,
  maxWrongTokens,
  wrongTokenEveryMs,
} from "../../src/admin/attempts.js";
import { History, maxSamples, type Reading } from "../../src/admin/history.js";
import { readAdmin } from "../../src/admin/options.js";
import { pageOf } from "../../src/admin/paging.js";

const stats = createSignalingServer().stats();

function reading(more: Partial<Reading> = {}): Reading {
  return {
    atMs: 0,
    stats,
    relayed: 0,
    receivedBytes: 0,
    sentBytes: 0,
    calls: { direct: 0, relayed: 0, failed: 0 },
    lagMs: 0,
    rssBytes: 1,
    heapBytes: 1,
    cpuMs: 0,
    ...more,
  };
}

describe("the history", () => {
  it("is what is between two readings, a second", () => {
    const history = new History();
    history.add(reading({ atMs: 10_000 }));
    expect(history.after(0)).toEqual([]);
    const later = { ...stats, connections: 3, framesReceived: 50, errorsSent: { forbidden: 5 } };
    // A timer that was late by a second: no burst.
    history.add(reading({ atMs: 12_000, stats: later, relayed: 40, cpuMs: 500, lagMs: 1.234 }));
    expect(history.after(0)).toMatchObject([
      { at: 12, connections: 3, messages: 25, errors: 2.5, relayed: 20, cpu: 0.25, lagMs: 1.23 },
    ]);
  });

  it("goes forward when the clock does not, and has no negative rates", () => {
    const history = new History();
    history.add(reading({ atMs: 10_000, relayed: 5 }));
    history.add(reading({ atMs: 11_000, relayed: 5 }));
    history.add(reading({ atMs: 5000, relayed: 4 }));
    expect(history.after(0)).toMatchObject([
      { at: 11, relayed: 0 },
      { at: 12, relayed: 0 },
    ]);
    expect(history.after(11)).toHaveLength(1);
    expect(history.after(12)).toEqual([]);
  });

  it("keeps 300 samples; of one more, the oldest is gone", () => {
    expect(maxSamples).toBe(300);
    const history = new History();
    for (let i = 0; i <= 300; i += 1) history.add(reading({ atMs: i * 1000 }));
    expect(history.after(0)).toHaveLength(300);
    expect(history.after(0)[0]?.at).toBe(1);
    history.add(reading({ atMs: 301_000 }));
    expect(history.after(0)).toHaveLength(300);
    expect(history.after(0)[0]?.at).toBe(2);
    expect(history.last(2).map(({ at }) => at)).toEqual([300, 301]);
  });
});

describe("a page of many items", () => {
  const paging = {
    key: (item: string) => item,
    matches: (item: string, query: string) => item.toLowerCase().includes(query),
  };

  it("is what sorting all of them would give", async () => {
    const words = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 4 }), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(
        words,
        fc.integer({ min: 1, max: 10 }),
        fc.string({ maxLength: 1 }),
        fc.string({ maxLength: 2 }),
        async (items, limit, query, after) => {
          const matching = items.filter((item) => item.toLowerCase().includes(query.toLowerCase()));
          // By code units, as the page compares.
          const sorted = matching.toSorted((a, b) => (a < b ? -1 : 1));
          const behind = sorted.filter((item) => after === "" || item > after);
          const shown = behind.slice(0, limit);
          expect(await pageOf(items, { query, limit, after }, paging)).toEqual({
            items: shown,
            total: matching.length,
            next: behind.length > limit ? shown.at(-1) : null,
          });
        },
      ),
    );
  });

  it("lets others have their turn", async () => {
    let turns = 0;
    let going = true;
    const tick = (): void => {
      turns += 1;
      if (going) setImmediate(tick);
    };
    setImmediate(tick);
    const items = Array.from({ length: 10_000 }, (_, i) => `item-${i}`);
    const page = await pageOf(items, { query: "", limit: 50, after: "" }, paging);
    going = false;
    expect([page.total, page.items.length]).toEqual([10_000, 50]);
    expect(turns).toBeGreaterThanOrEqual(9);
  });
});

describe("attempts", () => {
  it("are ten at once, and one each 6 s after that", () => {
    expect([maxWrongTokens, wrongTokenEveryMs]).toEqual([10, 6000]);
    const attempts = new Attempts();
    for (let i = 0; i < 10; i += 1) {
      expect(attempts.waitMs("192.0.2.1", 0)).toBe(0);
      attempts.failed("192.0.2.1", 0);
    }
    expect(attempts.waitMs("192.0.2.1", 0)).toBe(6000);
    expect(attempts.waitMs("192.0.2.1", 5999)).toBe(1);
    expect(attempts.waitMs("192.0.2.1", 6000)).toBe(0);
    attempts.failed("192.0.2.1", 6000);
    expect(attempts.waitMs("192.0.2.1", 6000)).toBe(6000);
    expect(attempts.waitMs("192.0.2.2", 6000)).toBe(0);
    // However long it was silent, it has ten again, not more.
    for (let i = 0; i < 10; i += 1) attempts.failed("192.0.2.1", 1e9);
    expect(attempts.waitMs("192.0.2.1", 1e9)).toBe(6000);
  });

  it("are remembered of 10,000 addresses; of one more, the one that is silent for longest is forgotten", () => {
    expect(maxAddresses).toBe(10_000);
    const attempts = new Attempts(2);
    const exhaust = (address: string): void => {
      for (let i = 0; i < 10; i += 1) attempts.failed(address, 0);
    };
    for (const address of ["a", "b", "a"]) exhaust(address);
    expect(attempts.waitMs("b", 0)).toBe(6000);
    exhaust("c");
    expect([attempts.waitMs("a", 0) > 0, attempts.waitMs("b", 0)]).toEqual([true, 0]);
  });

  it.each([
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:0db8:0001:0002::1", "2001:db8:1:2"],
    ["2001:db8::1", "2001:db8:0:0"],
    ["::1", "0:0:0:0"],
    ["fe80::1%eth0", "fe80:0:0:0"],
    ["", ""],
  ])("of %s count for %s", (address, key) => {
    expect(addressKey(address)).toBe(key);
  });
});

describe("--admin-token-file", () => {
  const values = { "admin-token-file": undefined };
  const text = "x".repeat(24);

  it("and CONIC_ADMIN_TOKEN: without either there is no dashboard", () => {
    expect(readAdmin(values, {})).toBeUndefined();
    expect(readAdmin(values, { CONIC_ADMIN_TOKEN: "" })).toBeUndefined();
    expect(readAdmin(values, { CONIC_ADMIN_TOKEN: text })).toEqual({ token: text });
  });

  it.each([
    ["x".repeat(23), "CONIC_ADMIN_TOKEN is shorter than 24 characters"],
    ["x".repeat(12) + " " + "x".repeat(12), "characters that no HTTP header can hold"],
    [`${text}ä`, "characters that no HTTP header can hold"],
  ])("refuses %j", (token, message) => {
    const read = (): unknown => readAdmin(values, { CONIC_ADMIN_TOKEN: token });
    expect(read).toThrowError(message);
  });
});
