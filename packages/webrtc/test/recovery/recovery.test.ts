import { parseClientId } from "@conic/domain";
import { FakeClock } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { Recovery, type RecoveryOptions } from "../../src/recovery/recovery.js";

interface Scene {
  readonly clock: FakeClock;
  readonly recovery: Recovery;
  /** When ICE was restarted, in ms. */
  readonly restarts: number[];
}

function scene(polite: boolean, options: RecoveryOptions = {}): Scene {
  const clock = new FakeClock();
  const restarts: number[] = [];
  const recovery = new Recovery(options, clock, polite, () => restarts.push(clock.now()));
  return { clock, recovery, restarts };
}

describe("a dead path", () => {
  it("is looked past at once by the impolite side, then ever less often, five times at most", () => {
    const { clock, recovery, restarts } = scene(false);
    recovery.begin();
    recovery.begin();
    clock.advance(1_000_000);
    expect(restarts).toEqual([0, 5_000, 15_000, 35_000, 75_000]);
    expect(clock.pending).toBe(0);
  });

  it("is left to the impolite side at first by the polite one", () => {
    const { clock, recovery, restarts } = scene(true);
    recovery.begin();
    clock.advance(1_249);
    expect(restarts).toEqual([]);
    clock.advance(1);
    expect(restarts).toEqual([1_250]);
  });

  it("is never looked past by both at once, as long as they hear each other", () => {
    const clock = new FakeClock();
    const tried: [string, number][] = [];
    const ends = ["impolite", "polite"].map(
      (name) =>
        new Recovery({ maxIceRestarts: 4 }, clock, name === "polite", () => {
          tried.push([name, clock.now()]);
          for (const other of ends) if (other !== ends[name === "polite" ? 1 : 0]) other.yield();
        }),
    );
    for (const end of ends) end.begin();
    clock.advance(1_000_000);
    const times = tried.map(([, atMs]) => atMs);
    expect(new Set(times).size).toBe(times.length);
    expect(times.length).toBeLessThanOrEqual(8);
    expect(tried[0]).toEqual(["impolite", 0]);
  });

  it("that comes back ends it, and the next outage begins anew", () => {
    const { clock, recovery, restarts } = scene(false, { iceRestartBackoffMs: 100 });
    recovery.begin();
    clock.advance(100);
    recovery.end();
    clock.advance(10_000);
    expect(restarts).toEqual([0, 100]);
    recovery.begin();
    clock.advance(100);
    expect(restarts).toEqual([0, 100, 10_100, 10_200]);
    recovery.end();
    expect(clock.pending).toBe(0);
  });

  it("is left alone with maxIceRestarts 0, and one is as many as asked for", () => {
    for (const maxIceRestarts of [0, 1]) {
      const { clock, recovery, restarts } = scene(false, { maxIceRestarts });
      recovery.begin();
      clock.advance(1_000_000);
      expect(restarts).toHaveLength(maxIceRestarts);
    }
  });

  it("of the whole time of a connection has nothing to yield to", () => {
    const { clock, recovery, restarts } = scene(false);
    recovery.yield();
    clock.advance(1_000_000);
    expect(restarts).toEqual([]);
  });
});

describe("what an outage was", () => {
  const facts = { serverErrors: [], isWaitingForServer: false };
  const bob = parseClientId("bob");
  const reasonOf = (recovery: Recovery, waiting = false): unknown =>
    recovery.failure(bob, { ...facts, isWaitingForServer: waiting }).details["reason"];

  it("shows in who answered meanwhile", () => {
    const { recovery } = scene(false);
    // Of a path that works, it is news.
    expect(recovery.peerGone()).toBe(false);
    recovery.begin();
    expect(reasonOf(recovery)).toBe("timeout");
    expect(reasonOf(recovery, true)).toBe("server_unreachable");
    expect(recovery.peerGone()).toBe(true);
    expect(reasonOf(recovery)).toBe("peer_gone");
    // It came back to the server.
    recovery.yield();
    expect(reasonOf(recovery)).toBe("no_candidate_pair");
    recovery.end();
    recovery.begin();
    expect(reasonOf(recovery)).toBe("timeout");
  });
});
