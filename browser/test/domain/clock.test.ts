import { systemClock } from "@conic/domain";
import { failOnLeaks } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";

/** As a page does that is busy. */
function standStill(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

describe("the clock of a page", () => {
  failOnLeaks();

  it("calls back once, not before the time is over, and never goes back", async () => {
    const from = systemClock.now();
    const calls: number[] = [];
    await new Promise<void>((resolve) => {
      systemClock.schedule(20, () => {
        calls.push(systemClock.now());
        resolve();
      });
    });
    await new Promise<void>((resolve) => void systemClock.schedule(30, resolve));
    expect(calls).toHaveLength(1);
    // Timers count whole milliseconds.
    expect((calls[0] ?? 0) - from).toBeGreaterThanOrEqual(19);
  });

  it("does not call back what was cancelled, be it late already", async () => {
    const called: string[] = [];
    systemClock.schedule(1, () => called.push("in time"))();
    let cancelLate: (() => void) | undefined;
    systemClock.schedule(1, () => {
      called.push("first");
      cancelLate?.();
    });
    cancelLate = systemClock.schedule(2, () => called.push("late"));
    const last = new Promise<void>((resolve) => void systemClock.schedule(3, resolve));
    standStill(150);
    await last;
    expect(called).toEqual(["first"]);
  });
});
