import { createSocket } from "node:dgram";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { systemClock } from "../src/index.js";

/** As a machine does that has no time for this process. */
function standStill(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

/** Resolves in the phase of the event loop that comes right before that of timers. */
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe("the clock of this machine", () => {
  it("calls back once, not before the time is over", async () => {
    const from = systemClock.now();
    let calls = 0;
    await new Promise<void>((resolve) => {
      systemClock.schedule(20, () => {
        calls += 1;
        resolve();
      });
    });
    // Timers count whole milliseconds.
    expect(systemClock.now() - from).toBeGreaterThanOrEqual(19);
    await turn();
    expect(calls).toBe(1);
  });

  it("does not call back what was cancelled, be it late already", async () => {
    const called: string[] = [];
    const cancelInTime = systemClock.schedule(1, () => called.push("in time"));
    cancelInTime();
    let cancelLate: (() => void) | undefined;
    systemClock.schedule(1, () => {
      called.push("first");
      cancelLate?.();
    });
    cancelLate = systemClock.schedule(2, () => called.push("late"));
    const last = new Promise<void>((resolve) => void systemClock.schedule(3, resolve));
    await turn();
    standStill(150);
    await last;
    expect(called).toEqual(["first"]);
  });

  it("lets what came while the process stood still go first", async () => {
    const socket = createSocket("udp4").bind(0, "127.0.0.1");
    await once(socket, "listening");
    try {
      const happened: string[] = [];
      socket.on("message", () => happened.push("heard"));
      const given = new Promise<void>((resolve) => {
        systemClock.schedule(10, () => {
          happened.push("given up");
          resolve();
        });
      });
      await turn();
      socket.send("I am here", socket.address().port, "127.0.0.1");
      standStill(200);
      await given;
      expect(happened).toEqual(["heard", "given up"]);
    } finally {
      socket.close();
    }
  });

  it("keeps the order of timers, late or not, also when one throws", async () => {
    const called: number[] = [];
    const thrown = new Promise((resolve) => void process.once("uncaughtException", resolve));
    const others = process.listeners("uncaughtException").slice(0, -1);
    for (const listener of others) process.off("uncaughtException", listener);
    try {
      const last = new Promise<void>((resolve) => {
        systemClock.schedule(1, () => {
          called.push(1);
          throw new Error("a fault of the application");
        });
        systemClock.schedule(20, () => called.push(2));
        systemClock.schedule(190, () => {
          called.push(3);
          resolve();
        });
      });
      await turn();
      standStill(200);
      await last;
      expect(called).toEqual([1, 2, 3]);
      expect(await thrown).toMatchObject({ message: "a fault of the application" });
    } finally {
      for (const listener of others) process.on("uncaughtException", listener);
    }
  });
});
