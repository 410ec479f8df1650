import { FakeClock } from "@conic/internal-testing";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Deadlines, type Expiring } from "../src/session/deadlines.js";

const timeMs = 100;

function setUp(): {
  readonly clock: FakeClock;
  readonly deadlines: Deadlines;
  readonly told: string[];
  readonly named: (name: string) => Expiring;
} {
  const clock = new FakeClock();
  const told: string[] = [];
  const named = (name: string): Expiring => ({
    onDeadline: () => {
      told.push(`${name} at ${clock.now()}`);
    },
  });
  return { clock, deadlines: new Deadlines(clock, timeMs), told, named };
}

describe("deadlines", () => {
  it("tell each at its own time, with one timer", () => {
    const { clock, deadlines, told, named } = setUp();
    const start = clock.now();
    deadlines.add(named("a"), 0);
    clock.advance(30);
    deadlines.add(named("b"), 0);
    deadlines.add(named("c"), 0);
    expect(clock.pending).toBe(1);
    clock.advance(69);
    expect(told).toEqual([]);
    clock.advance(1);
    expect(told).toEqual([`a at ${start + 100}`]);
    clock.advance(30);
    expect(told.slice(1)).toEqual([`b at ${start + 130}`, `c at ${start + 130}`]);
    expect(clock.pending).toBe(0);
  });

  it("are over sooner for whom some of the time had passed", () => {
    const { clock, deadlines, told, named } = setUp();
    const start = clock.now();
    deadlines.add(named("a"), 0);
    deadlines.add(named("b"), 40);
    deadlines.add(named("late"), 1000);
    clock.advance(1);
    expect(told).toEqual([`late at ${start + 1}`]);
    clock.advance(59);
    expect(told.slice(1)).toEqual([`b at ${start + 60}`]);
  });

  it("forget whoever is removed, and leave no timer behind", () => {
    const { clock, deadlines, told, named } = setUp();
    const all = ["a", "b", "c"].map(named);
    for (const [index, waiting] of all.entries()) deadlines.add(waiting, index * 10);
    for (const waiting of all) {
      deadlines.remove(waiting);
      deadlines.remove(waiting);
    }
    expect(clock.pending).toBe(0);
    clock.advance(1000);
    expect(told).toEqual([]);
  });

  it("may be added and removed by whoever is told", () => {
    const { clock, deadlines, told, named } = setUp();
    const next = named("next");
    const gone = named("gone");
    deadlines.add(
      {
        onDeadline: () => {
          deadlines.remove(gone);
          deadlines.add(next, 0);
        },
      },
      0,
    );
    clock.advance(1);
    deadlines.add(gone, 0);
    clock.advance(99);
    expect(clock.pending).toBe(1);
    clock.advance(100);
    expect(told).toEqual([`next at ${clock.now()}`]);
    expect(clock.pending).toBe(0);
  });

  it("do what a timer for each would", () => {
    const step = fc.tuple(
      fc.nat({ max: 5 }),
      fc.constantFrom("add", "remove"),
      fc.nat({ max: 60 }),
      fc.constantFrom(0, 0, 0, 30),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { clock, deadlines, told, named } = setUp();
        const all = Array.from({ length: 6 }, (_, i) => named(String(i)));
        const expected: string[] = [];
        const timers = new Map<Expiring, () => void>();
        for (const [index, action, pauseMs, passedMs] of steps) {
          const waiting = all[index];
          if (waiting === undefined) continue;
          timers.get(waiting)?.();
          deadlines.remove(waiting);
          if (action === "add") {
            deadlines.add(waiting, passedMs);
            const cancel = clock.schedule(timeMs - passedMs, () => {
              expected.push(`${index} at ${clock.now()}`);
            });
            timers.set(waiting, cancel);
          }
          clock.advance(pauseMs);
        }
        clock.advance(timeMs);
        expect(told.toSorted()).toEqual(expected.toSorted());
        expect(clock.pending).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});
