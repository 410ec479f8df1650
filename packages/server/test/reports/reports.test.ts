import { callFailureReasons } from "@conic/domain";
import { failOnLeaks } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import type { ServerObserver, SignalingServerOptions } from "../../src/index.js";
import type { TestClient } from "../support/client.js";
import { memoryWorld } from "../support/host.js";
import { recorder } from "../support/recorder.js";

failOnLeaks();

interface Scene extends AsyncDisposable {
  readonly alice: TestClient;
  readonly connect: () => Promise<TestClient>;
  /** What the observer was told. */
  readonly told: unknown[][];
  /** What alice was told when she registered. */
  readonly reports: boolean | undefined;
}

async function scene(options: SignalingServerOptions = {}): Promise<Scene> {
  const told: unknown[][] = [];
  const observer: ServerObserver = { callReported: (...what) => void told.push(what) };
  const world = await memoryWorld({ observer, ...options });
  const alice = await world.connect();
  const { Reports } = await alice.register({ ID: "alice" });
  return {
    alice,
    connect: () => world.connect(),
    told,
    reports: Reports,
    [Symbol.asyncDispose]: async () => {
      await alice[Symbol.asyncDispose]();
      await world[Symbol.asyncDispose]();
    },
  };
}

describe("reports of calls", () => {
  it("are asked for, counted, and not answered", async () => {
    await using world = await scene();
    const { alice, told } = world;
    expect(world.reports).toBe(true);
    alice.send("report", { Outcome: "direct" });
    alice.send("report", { ID: "alice", Outcome: "relayed" }, "7");
    for (const Reason of callFailureReasons) alice.send("report", { Outcome: "failed", Reason });
    // The next thing that comes answers this.
    await alice.roundTrip();
    expect(told).toEqual([
      ["direct", undefined],
      ["relayed", undefined],
      ...callFailureReasons.map((reason) => ["failed", reason]),
    ]);
  });

  it("count a reason that is not on the list, or none, as other", async () => {
    await using world = await scene();
    const { alice, told } = world;
    for (const Reason of ["mood", "", "toString", undefined])
      alice.send("report", { Outcome: "failed", Reason });
    // Of a call that did not fail, no reason counts.
    alice.send("report", { Outcome: "direct", Reason: "dtls" });
    await alice.roundTrip();
    const other = ["failed", "other"];
    expect(told).toEqual([other, other, other, other, ["direct", undefined]]);
  });

  it("are never forwarded, whomever they name", async () => {
    await using world = await scene();
    await using bob = await world.connect();
    await bob.register({ ID: "bob" });
    world.alice.send("report", { TargetID: "bob", Outcome: "direct" });
    await world.alice.roundTrip();
    // Nothing came before the answer to this.
    await bob.roundTrip();
    expect(world.told).toHaveLength(1);
  });

  it.each([
    ["of an outcome that nobody knows", { Outcome: "superb" }, "invalid_message"],
    ["without an outcome", {}, "invalid_message"],
    ["with a reason that is no text", { Outcome: "failed", Reason: 7 }, "invalid_message"],
    ["in the name of another", { ID: "bob", Outcome: "direct" }, "forbidden"],
  ])("%s are refused", async (_, raw, code) => {
    await using world = await scene();
    world.alice.send("report", raw);
    expect(await world.alice.refusal()).toBe(code);
    expect(world.told).toEqual([]);
  });

  it("of somebody who is not registered are refused", async () => {
    await using world = await scene();
    await using stranger = await world.connect();
    stranger.send("report", { Outcome: "direct" });
    expect(await stranger.refusal()).toBe("not_registered");
    expect(world.told).toEqual([]);
  });

  it("are neither asked for nor taken of who may not call", async () => {
    await using world = await scene({ authenticate: () => ({ may: ["relay"] }) });
    expect(world.reports).toBeUndefined();
    world.alice.send("report", { Outcome: "direct" });
    expect(await world.alice.refusal()).toBe("forbidden");
    expect(world.told).toEqual([]);
  });

  it("are neither asked for nor taken with reports: false", async () => {
    await using world = await scene({ reports: false });
    expect(world.reports).toBeUndefined();
    world.alice.send("report", { Outcome: "direct" });
    expect(await world.alice.refusal()).toBe("unsupported_type");
    expect(world.told).toEqual([]);
  });

  it("are held to the same number of messages a second as all others", async () => {
    await using world = await scene({ maxMessagesPerSecond: 1, maxMessageBurst: 3 });
    for (let n = 0; n < 4; n += 1) world.alice.send("report", { Outcome: "direct" });
    expect(await world.alice.refusal()).toBe("rate_limited");
    expect(world.told.length).toBeLessThan(4);
  });

  it("are logged at debug alone, without a word of the sender's own", async () => {
    const { entries, logger } = recorder();
    await using world = await scene({ logger });
    entries.length = 0;
    world.alice.send("report", { Outcome: "failed", Reason: "SECRET", Note: "203.0.113.7" });
    await world.alice.roundTrip();
    expect(JSON.stringify(entries)).not.toMatch(/SECRET|203\.0/);
    const [line] = entries;
    expect(line).toMatchObject({ level: "debug", message: "message" });
    expect(line?.text).toContain('"type":"report"');
  });
});
