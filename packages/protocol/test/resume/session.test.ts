import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Acknowledger, ackIntervalFrames, SendWindow } from "../../src/index.js";

describe("an acknowledger", () => {
  it("owes nothing at first, and tells of the first frame later, of 32 now", () => {
    const acknowledger = new Acknowledger();
    expect(acknowledger.owes).toBe(false);
    expect(acknowledger.count()).toBe("later");
    for (let i = 2; i < ackIntervalFrames; i += 1) expect(acknowledger.count()).toBe("pending");
    expect(acknowledger.count()).toBe("now");
    expect(acknowledger.tell()).toBe(32);
    expect(acknowledger.owes).toBe(false);
    expect(acknowledger.count()).toBe("later");
    acknowledger.reset();
    expect([acknowledger.received, acknowledger.owes]).toEqual([0, false]);
  });
});

type Op =
  | { readonly op: "add" }
  | { readonly op: "forget" }
  | { readonly op: "ack"; readonly part: number };

const ops: fc.Arbitrary<Op[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.constant({ op: "add" as const }) },
    { weight: 1, arbitrary: fc.constant({ op: "forget" as const }) },
    { weight: 2, arbitrary: fc.record({ op: fc.constant("ack" as const), part: fc.nat(100) }) },
  ),
  { maxLength: 400 },
);

describe("a window of what was sent", () => {
  it("keeps exactly what was neither acknowledged nor forgotten, in order", () => {
    fc.assert(
      fc.property(ops, (script) => {
        const window = new SendWindow<number>((item) => item);
        const kept: number[] = [];
        let added = 0;
        let acknowledged = 0;
        for (const step of script) {
          let [answer, expected]: unknown[] = [];
          if (step.op === "add") {
            kept.push((added += 1));
            window.add(added);
          } else if (step.op === "forget") {
            [answer, expected] = [window.forget(), kept.shift()];
          } else {
            const received = Math.floor((added * step.part) / 100);
            [answer, expected] = [window.isPossible(received), received >= acknowledged];
            window.acknowledge(received);
            acknowledged = Math.max(acknowledged, received);
            while ((kept[0] ?? Infinity) <= acknowledged) kept.shift();
          }
          expect(answer).toBe(expected);
          expect(window.items()).toEqual(kept);
          expect(window.bytes).toBe(kept.reduce((a, b) => a + b, 0));
          expect([window.added, window.acknowledged]).toEqual([added, acknowledged]);
          expect(window.canResume(added)).toBe(true);
          expect(window.canResume(added + 1)).toBe(false);
          const oldest = kept[0] ?? added + 1;
          expect(window.canResume(oldest - 1)).toBe(true);
          expect(window.canResume(oldest - 2)).toBe(false);
        }
        expect(window.reset()).toEqual(kept);
        expect([window.added, window.size, window.bytes, window.missing]).toEqual([0, 0, 0, 0]);
      }),
      { numRuns: 300 },
    );
  });
});
