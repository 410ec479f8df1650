import { FakeClock } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import {
  initialLiveness,
  leaveTime,
  lookForLife,
  type LivenessOptions,
} from "../../src/liveness.js";

const options: LivenessOptions = {
  probeAfterMs: 1_000,
  disconnectedTimeoutMs: 5_000,
  failedTimeoutMs: 30_000,
  maxStepMs: 1_000,
};

const lookEveryMs = 500;

/** Looks every 500 ms of a fake clock, as the adapter does, and writes down what it finds. */
class Watcher {
  readonly clock: FakeClock = new FakeClock();
  readonly probes: number[] = [];
  readonly changes: [number, string][] = [];
  hears: (atMs: number) => boolean = () => false;
  #state = initialLiveness(0);
  #transport = "connected";

  constructor() {
    this.#schedule();
  }

  #schedule(): void {
    this.clock.schedule(lookEveryMs, () => {
      this.look();
      this.#schedule();
    });
  }

  restart(leftMs: number): void {
    this.#state = leaveTime(this.#state, leftMs, options);
  }

  look(): void {
    const now = this.clock.now();
    const verdict = lookForLife(this.#state, now, this.hears(now), options);
    this.#state = verdict.state;
    if (verdict.probe) this.probes.push(now);
    if (verdict.transport !== this.#transport) {
      this.#transport = verdict.transport;
      this.changes.push([now, verdict.transport]);
    }
  }
}

describe("watching a remote", () => {
  it("gives a new search for a path its time, once, whatever silence was before", () => {
    for (const [restartAtMs, failsAtMs] of [
      [29_000, 37_000],
      [10_000, 30_000],
      [22_000, 30_000],
    ] as const) {
      const watcher = new Watcher();
      watcher.clock.advance(restartAtMs);
      watcher.restart(8_000);
      watcher.clock.advance(60_000);
      expect(watcher.changes).toEqual([
        [5_000, "disconnected"],
        [failsAtMs, "failed"],
      ]);
    }
  });

  it("asks once a second while it is silent", () => {
    const watcher = new Watcher();
    watcher.clock.advance(5_000);
    expect(watcher.probes).toEqual([1_000, 2_000, 3_000, 4_000, 5_000]);
  });

  it("asks nothing while it hears something", () => {
    const watcher = new Watcher();
    watcher.hears = () => true;
    watcher.clock.advance(60_000);
    expect(watcher.probes).toEqual([]);
    expect(watcher.changes).toEqual([]);
  });

  it("stays connected while each question is answered", () => {
    const watcher = new Watcher();
    // The answer to a probe is there at the next look.
    watcher.hears = (now) => watcher.probes.at(-1) === now - lookEveryMs;
    watcher.clock.advance(600_000);
    expect(watcher.changes).toEqual([]);
    expect(watcher.probes.length).toBeGreaterThan(300);
  });

  it("is disconnected after 5 s of silence and failed after 30 s", () => {
    const watcher = new Watcher();
    watcher.clock.advance(31_000);
    expect(watcher.changes).toEqual([
      [5_000, "disconnected"],
      [30_000, "failed"],
    ]);
  });

  it("counts the silence from the last sign of life", () => {
    const watcher = new Watcher();
    watcher.hears = (now) => now <= 4_500;
    watcher.clock.advance(9_000);
    expect(watcher.changes).toEqual([]);
    watcher.clock.advance(500);
    expect(watcher.changes).toEqual([[9_500, "disconnected"]]);
  });

  it("is connected again at the first sign of life", () => {
    const watcher = new Watcher();
    watcher.hears = (now) => now === 29_500;
    watcher.clock.advance(35_000);
    expect(watcher.changes).toEqual([
      [5_000, "disconnected"],
      [29_500, "connected"],
      [34_500, "disconnected"],
    ]);
  });

  it("takes a sleep of this process for one step, not for silence of the remote", () => {
    let verdict = lookForLife(initialLiveness(0), 3_600_000, false, options);
    expect(verdict).toEqual({
      state: { lookedAt: 3_600_000, silentMs: 1_000, sinceProbeMs: 0 },
      transport: "connected",
      probe: true,
    });
    verdict = lookForLife(verdict.state, 7_200_000, false, options);
    expect(verdict.transport).toBe("connected");
    expect(verdict.state.silentMs).toBe(2_000);
  });

  it("is not confused by a clock that stands still or goes back", () => {
    const start = initialLiveness(1_000);
    expect(lookForLife(start, 1_000, false, options).state.silentMs).toBe(0);
    expect(lookForLife(start, 500, false, options).state.silentMs).toBe(0);
  });

  it("judges at the limit, not one millisecond before", () => {
    const silent = { lookedAt: 0, silentMs: 4_500, sinceProbeMs: 0 };
    expect(lookForLife(silent, 499, false, options).transport).toBe("connected");
    expect(lookForLife(silent, 500, false, options).transport).toBe("disconnected");
    const dying = { lookedAt: 0, silentMs: 29_500, sinceProbeMs: 0 };
    expect(lookForLife(dying, 499, false, options).transport).toBe("disconnected");
    expect(lookForLife(dying, 500, false, options).transport).toBe("failed");
  });
});
