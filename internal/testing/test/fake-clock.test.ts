import { describe, expect, it } from "vitest";
import { FakeClock } from "../src/index.js";

describe("fake clock", () => {
  it("fires in order of time, then of scheduling, at the time that was asked for", () => {
    const clock = new FakeClock();
    const fired: string[] = [];
    const at = (delayMs: number, name: string): void => {
      clock.schedule(delayMs, () => fired.push(`${name}@${clock.now()}`));
    };
    at(20, "late");
    at(10, "first");
    at(10, "second");
    clock.advance(10);
    expect(fired).toEqual(["first@10", "second@10"]);
    expect(clock.pending).toBe(1);
    clock.advance(100);
    expect(fired.at(-1)).toBe("late@20");
    expect(clock.now()).toBe(110);
  });

  it("fires what a callback schedules, when it falls within the same advance", () => {
    const clock = new FakeClock();
    const fired: number[] = [];
    const again = (): void => {
      fired.push(clock.now());
      clock.schedule(10, again);
    };
    clock.schedule(10, again);
    clock.advance(35);
    expect(fired).toEqual([10, 20, 30]);
  });

  it("does not fire what was cancelled", () => {
    const clock = new FakeClock();
    let fired = false;
    const cancel = clock.schedule(10, () => {
      fired = true;
    });
    cancel();
    clock.advance(10);
    expect(fired).toBe(false);
    expect(clock.pending).toBe(0);
  });
});
