import { describe, expect, it } from "vitest";
import type { PeerConnection, PeerConnectionState } from "../../../src/index.js";
import { failOnLeaks, quickest } from "@conic/internal-testing";
import { createPeers, next, openChannel, type Peers } from "../../peers.js";
import { UdpPath } from "../../udp-path.js";

interface Change {
  readonly state: PeerConnectionState;
  readonly atMs: number;
}

/** The states that a connection goes through, with the time since now. */
function record(peer: PeerConnection): Change[] {
  const start = performance.now();
  const changes: Change[] = [];
  peer.on("connectionstatechange", (state) => {
    changes.push({ state, atMs: performance.now() - start });
  });
  return changes;
}

async function joined(path: UdpPath, timeouts: object): Promise<Peers> {
  const end = { hostAddresses: ["127.0.0.1"], ...timeouts };
  return createPeers({ a: end, b: end, rewrite: path.rewrite });
}

/** A path that is silent for a while: when it was taken for disconnected, in ms. */
async function outage(): Promise<number> {
  await using path = await UdpPath.create();
  await using peers = await joined(path, {});
  const [near, far] = await openChannel(peers);
  const changes = record(peers.a);
  path.filter = () => false;
  await expect.poll(() => changes.length).toBeGreaterThan(0);
  expect(changes[0]?.state).toBe("disconnected");
  // Counted from the last sign of life, which may be up to a probe before the silence.
  expect(changes[0]?.atMs).toBeGreaterThan(3000);
  path.filter = () => true;
  await expect.poll(() => changes.at(-1)?.state).toBe("connected");
  near.send("still there?");
  expect(await next(far)).toBe("still there?");
  return changes[0]?.atMs ?? NaN;
}

/** A path that is silent for good: when it was taken for disconnected, in ms. */
async function untilGivenUp(): Promise<number> {
  await using path = await UdpPath.create();
  const limits = { disconnectedTimeoutMs: 1000, failedTimeoutMs: 2000 };
  await using peers = await joined(path, limits);
  const [near] = await openChannel(peers);
  const changes = record(peers.a);
  path.filter = () => false;
  const info = await peers.a.closed;
  expect(changes.map(({ state }) => state)).toEqual(["disconnected", "failed", "closed"]);
  expect(info.error?.code).toBe("connection_failed");
  expect(info.wasClean).toBe(false);
  expect((await near.closed).error?.code).toBe("connection_failed");
  expect(() => near.send("too late")).toThrow(expect.objectContaining({ code: "closed" }));
  expect((await peers.b.closed).error?.code).toBe("connection_failed");
  return changes[0]?.atMs ?? NaN;
}

describe("a remote that vanishes without a word", () => {
  failOnLeaks();

  it("is disconnected after 5 s, and connected again when packets flow", async () => {
    // The exact time is the liveness tests' matter; a loaded machine adds to it.
    expect(await quickest(9000, outage)).toBeLessThan(9000);
  });

  it("is given up after the silence that was set: failed, then closed, with everything freed", async () => {
    expect(await quickest(6000, untilGivenUp)).toBeLessThan(6000);
  });

  it("is not one that only has nothing to say", async () => {
    await using path = await UdpPath.create();
    await using peers = await joined(path, { disconnectedTimeoutMs: 2000, failedTimeoutMs: 2500 });
    await openChannel(peers);
    const changes = [record(peers.a), record(peers.b)];
    // Longer than both limits, without a message.
    await new Promise((resolve) => {
      setTimeout(resolve, 3500);
    });
    expect(changes.flat()).toEqual([]);
  });

  it("that loses packets in one direction only is noticed by both", async () => {
    await using path = await UdpPath.create();
    await using peers = await joined(path, { disconnectedTimeoutMs: 1000, failedTimeoutMs: 2000 });
    await openChannel(peers);
    path.filter = (from) => from !== "alice";
    // Which of them is first to give up, and tells the other, is a matter of milliseconds.
    const ends = await Promise.all([peers.a.closed, peers.b.closed]);
    expect(ends.map(({ error }) => error?.code)).toContain("connection_failed");
  });
});
