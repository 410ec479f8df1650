import { callFailureReason } from "@conic/domain";
import { failOnLeaks, FakeClock } from "@conic/internal-testing";
import { describe, expect, it, vi } from "vitest";
import type { SignalingServerOptions } from "@conic/server";
import { pathSettlesMs } from "../../src/calls/reporter.js";
import type { ConnectOptions } from "../../src/index.js";
import { next, untilState, World } from "../world.js";

type Report = readonly [outcome: string, reason: string | undefined];

interface Scene extends AsyncDisposable {
  readonly world: World;
  readonly reports: Report[];
}

async function scene(options: SignalingServerOptions = {}): Promise<Scene> {
  const reports: Report[] = [];
  const observer = { callReported: (...report: Report) => void reports.push(report) };
  const world = await World.start({ observer, ...options });
  return {
    world,
    reports,
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

const v4 = { hostAddresses: ["127.0.0.1"] };

/** The reason of alice's call to bob, which is what is reported. */
async function reasonOf(
  alices: ConnectOptions,
  bobs: ConnectOptions | undefined,
  answer: "accept" | "reject" | "nothing",
  { clock }: { clock?: FakeClock } = {},
): Promise<string> {
  await using here = await scene();
  const alice = await here.world.client("alice", alices);
  const bob = bobs === undefined ? undefined : await here.world.client("bob", bobs);
  const calling = alice.call("bob").catch((error: unknown) => error);
  if (bob !== undefined && answer !== "nothing") (await next(bob.incoming()))[answer]();
  if (clock !== undefined) {
    await vi.waitUntil(() => alice.peers()[0]?.signalingState === "have-local-offer");
    clock.advance(30_000);
  }
  const reason = callFailureReason(await calling);
  await expect.poll(() => here.reports).toEqual([["failed", reason]]);
  return reason;
}

describe("a call that stands is reported as direct", () => {
  failOnLeaks();

  it("by the caller, once, and when it has been told which path is the best", async () => {
    await using here = await scene();
    const clock = new FakeClock();
    const alice = await here.world.client("alice", { clock });
    const bob = await here.world.client("bob");
    const calling = alice.call("bob");
    const there = (await next(bob.incoming())).accept();
    const call = await calling;
    expect(await alice.call("bob")).toBe(call);
    await there.connected;
    clock.advance(pathSettlesMs - 1);
    expect(here.reports).toEqual([]);
    clock.advance(1);
    await expect.poll(() => here.reports).toEqual([["direct", undefined]]);
    await alice.close();
    await bob.close();
    expect(here.reports).toHaveLength(1);
  });

  it("also when it ends before that", async () => {
    await using here = await scene();
    const alice = await here.world.client("alice", { clock: new FakeClock() });
    const bob = await here.world.client("bob");
    const calling = alice.call("bob");
    (await next(bob.incoming())).accept();
    await calling;
    await alice.close();
    await expect.poll(() => here.reports).toEqual([["direct", undefined]]);
  });

  it("once, when both call at once", async () => {
    await using here = await scene();
    const alice = await here.world.client("alice");
    const bob = await here.world.client("bob");
    await Promise.all([alice.call("bob"), bob.call("alice")]);
    await Promise.all([alice.close(), bob.close()]);
    await expect.poll(() => here.reports).toEqual([["direct", undefined]]);
  });
});

describe("a call that fails is reported with the reason that its error has", () => {
  failOnLeaks();
  it("peer_gone when nobody holds the id", async () => {
    expect(await reasonOf({}, undefined, "nothing")).toBe("peer_gone");
  });

  it("refused when the peer rejects it", async () => {
    expect(await reasonOf({}, {}, "reject")).toBe("refused");
  });

  it("timeout when nobody takes it", async () => {
    const clock = new FakeClock();
    expect(await reasonOf({ clock }, {}, "nothing", { clock })).toBe("timeout");
  });

  it("no_candidates when this host has no address", async () => {
    expect(await reasonOf({ peer: { hostAddresses: [] } }, {}, "nothing")).toBe("no_candidates");
  });

  it("no_candidate_pair when no datagram could pass between the two", async () => {
    const peer = { ...v4, connectTimeoutMs: 1500 };
    const far = { peer: { hostAddresses: ["::1"] } };
    expect(await reasonOf({ peer }, far, "accept")).toBe("no_candidate_pair");
  });

  it("server_unreachable when the server is away; it hears of it when it is back", async () => {
    await using here = await scene();
    const alice = await here.world.client("alice", { peer: { connectTimeoutMs: 200 } });
    await here.world.stopServer();
    await untilState(alice, "reconnecting");
    const error: unknown = await alice.call("bob").catch((e: unknown) => e);
    expect(callFailureReason(error)).toBe("server_unreachable");
    expect(here.reports).toEqual([]);
    await here.world.startServer();
    await expect.poll(() => here.reports).toEqual([["failed", "server_unreachable"]]);
  });
});

describe("no report is sent", () => {
  failOnLeaks();

  it("of a call that the application gave up", async () => {
    await using here = await scene();
    const alice = await here.world.client("alice");
    const stop = new AbortController();
    const calling = alice.call("nobody", { signal: stop.signal });
    stop.abort();
    await expect(calling).rejects.toMatchObject({ code: "aborted" });
    await alice.relay("alice", "echo", Uint8Array.of(1));
    await next(alice.relayed());
    expect(here.reports).toEqual([]);
  });

  it("to a server that does not ask for it", async () => {
    const types: string[] = [];
    await using here = await scene({
      reports: false,
      observer: { messageHandled: (type) => void types.push(type) },
    });
    const alice = await here.world.client("alice");
    const faults: unknown[] = [];
    alice.on("fault", (fault) => faults.push(fault));
    await expect(alice.call("nobody")).rejects.toMatchObject({ code: "target_not_found" });
    await alice.relay("alice", "echo", Uint8Array.of(1));
    await next(alice.relayed());
    expect(types).not.toContain("report");
    expect(faults).toEqual([]);
  });

  it("to a server that asked for it before and does so no longer", async () => {
    await using here = await scene();
    const alice = await here.world.client("alice");
    await here.world.stopServer();
    await untilState(alice, "reconnecting");
    await here.world.startServer({ reports: false });
    await untilState(alice, "registered");
    const faults: unknown[] = [];
    alice.on("fault", (fault) => faults.push(fault));
    await expect(alice.call("nobody")).rejects.toMatchObject({ code: "target_not_found" });
    await alice.relay("alice", "echo", Uint8Array.of(1));
    await next(alice.relayed());
    expect(faults).toEqual([]);
  });
});
