import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FrameMeter } from "../../src/limits/frame-meter.js";
import { Addresses } from "../../src/limits/addresses.js";
import { resolveLimitOptions, type LimitOptions } from "../../src/limits/options.js";

function meter(options: LimitOptions, nowMs = 0): FrameMeter {
  return new FrameMeter(resolveLimitOptions(options, 1024), undefined, nowMs);
}

describe("the meter of a connection", () => {
  it("takes its burst of messages, and not one more", () => {
    const one = meter({ maxMessagesPerSecond: 10, maxMessageBurst: 3 });
    expect([1, 2, 3].map(() => one.take(1, 0))).toEqual([0, 0, 0]);
    expect(one.take(1, 0)).toBe(1_000);
    expect(one.limit).toBe("messages");
  });

  it("takes its burst of bytes, and not one more", () => {
    const one = meter({ maxBytesPerSecond: 100, maxByteBurst: 2000 });
    expect([one.take(1000, 0), one.take(1000, 0)]).toEqual([0, 0]);
    expect(one.take(1, 0)).toBe(1_000);
    expect(one.limit).toBe("bytes");
  });

  it("says the whole time that a large frame has to wait for", () => {
    const one = meter({ maxBytesPerSecond: 100, maxByteBurst: 1024 });
    one.take(1024, 0);
    expect(one.take(1000, 0)).toBe(10_000);
    expect(one.take(1000, 9_999)).toBe(1);
    expect(one.take(1000, 10_000)).toBe(0);
  });

  it("takes the messages of its address, and not one more", () => {
    const options = { maxAddressMessagesPerSecond: 1, maxAddressMessageBurst: 2 };
    const limits = resolveLimitOptions(options, 1024);
    const use = new Addresses(limits.address).enter("192.0.2.1", 0);
    const [a, b] = [new FrameMeter(limits, use, 0), new FrameMeter(limits, use, 0)];
    expect([a.take(1, 0), b.take(1, 0)]).toEqual([0, 0]);
    expect([a.take(1, 0), a.limit]).toEqual([1_000, "address_messages"]);
  });

  it("refuses everything until the time that it said is over: nothing passes what was refused", () => {
    const one = meter({ maxMessagesPerSecond: 1000, maxMessageBurst: 1 });
    one.take(1, 0);
    expect(one.take(1, 0)).toBe(1_000);
    expect(one.take(1, 999)).toBe(1);
    expect(one.take(1, 1_000)).toBe(0);
  });

  it("spends nothing on what it refuses", () => {
    const one = meter({ maxMessagesPerSecond: 1, maxMessageBurst: 2, maxByteBurst: 1024 });
    one.take(1024, 0);
    for (let i = 0; i < 100; i += 1) expect(one.take(1024, 0)).toBeGreaterThan(0);
    expect([one.take(1, 1_000), one.take(1, 1_000)]).toEqual([0, 0]);
  });

  it("lets a frame pass some day that is larger than its burst", () => {
    const one = meter({ maxBytesPerSecond: 1024, maxByteBurst: 1024 });
    expect(one.take(5000, 0)).toBe(0);
    expect(one.take(5000, 0)).toBe(1_000);
    expect(one.take(5000, 1_000)).toBe(0);
  });

  it("lets so many be refused in a minute, and not one more", () => {
    const one = meter({ maxRefusedPerMinute: 3 });
    expect([1, 2, 3, 4].map(() => one.refused(0))).toEqual([true, true, true, false]);
    expect([one.refused(20_000), one.refused(20_000)]).toEqual([true, false]);
  });

  it("lets so many be invalid in a minute, and not one more", () => {
    const one = meter({ maxInvalidPerMinute: 2 });
    const answers = ["invalid_message", "forbidden", "invalid_id"] as const;
    expect(answers.map((code) => one.answered(code, 0))).toEqual([true, true, false]);
  });

  it("counts none of the errors that a client meets who does nothing wrong", () => {
    const one = meter({ maxInvalidPerMinute: 1 });
    for (const code of ["target_not_found", "rate_limited", "id_taken", "internal"] as const) {
      for (let i = 0; i < 10; i += 1) expect(one.answered(code, 0)).toBe(true);
    }
  });

  it("lets it register so often in a minute, and not once more", () => {
    const one = meter({ maxRegistrationsPerMinute: 2 });
    expect([one.register(0), one.register(0), one.register(0)]).toEqual([0, 0, 30_000]);
  });

  it("without limits takes everything", () => {
    const one = meter({
      maxMessagesPerSecond: 0,
      maxBytesPerSecond: 0,
      maxRefusedPerMinute: 0,
      maxInvalidPerMinute: 0,
      maxRegistrationsPerMinute: 0,
    });
    for (let i = 0; i < 10_000; i += 1) {
      const all = one.take(65_536, 0) + one.register(0);
      expect([all, one.refused(0), one.answered("forbidden", 0)]).toEqual([0, true, true]);
    }
  });

  it("by default takes what a room of 256 that is called at once sends, from one connection", () => {
    const one = new FrameMeter(resolveLimitOptions({}, 65_536), undefined, 0);
    // An offer of a browser with audio and video, and a dozen candidates, for each of 255.
    for (let i = 0; i < 255; i += 1) {
      expect(one.take(8_192, 0)).toBe(0);
      for (let j = 0; j < 13; j += 1) expect(one.take(300, 0)).toBe(0);
    }
  });

  it("lets a flood of ten times the rate pass no more than burst + rate · t", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.integer({ min: 1, max: 500 }),
        (rate, burst) => {
          const one = meter({ maxMessagesPerSecond: rate, maxMessageBurst: burst });
          const seconds = 10;
          let passed = 0;
          const every = 1000 / (rate * 10);
          for (let atMs = 0; atMs <= seconds * 1000; atMs += every * 7) {
            for (let i = 0; i < 7; i += 1) if (one.take(1, atMs) === 0) passed += 1;
          }
          expect(passed).toBeLessThanOrEqual(burst + rate * seconds + 1e-6);
        },
      ),
      { numRuns: 20 },
    );
  });
});
