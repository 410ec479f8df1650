import { Frame } from "@conic/domain";
import { failOnLeaks, FakeClock } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import {
  createSignalingServer,
  type ServerObserver,
  type SignalingServerOptions,
} from "../../src/index.js";
import { TestClient } from "../support/client.js";
import { memoryWorld, type World } from "../support/host.js";

failOnLeaks();

interface Watched extends World {
  readonly clock: FakeClock;
  readonly limited: string[];
  readonly outcomes: string[];
}

async function watched(options: SignalingServerOptions): Promise<Watched> {
  const clock = new FakeClock();
  const limited: string[] = [];
  const outcomes: string[] = [];
  const observer: ServerObserver = {
    limited: (limit) => limited.push(limit),
    messageHandled: (type, outcome) => outcomes.push(`${type} ${outcome}`),
  };
  const world = await memoryWorld({ ...options, clock, observer });
  return { ...world, clock, limited, outcomes };
}

async function registered(world: World, ID: string): Promise<TestClient> {
  const client = await world.connect();
  await client.register({ ID });
  return client;
}

/** A message of so many bytes. */
function size(bytes: number): string {
  return JSON.stringify({ type: "x", pad: "x".repeat(bytes - 21) });
}

const candidate = { TargetID: "bob", Candidate: "" };

describe("messages of a connection", () => {
  it("up to the burst arrive; one more is answered rate_limited, and does not", async () => {
    await using world = await watched({ maxMessagesPerSecond: 10, maxMessageBurst: 4 });
    await using bob = await registered(world, "bob");
    await using alice = await registered(world, "alice");
    for (let i = 0; i < 4; i += 1) alice.send("candidate", candidate, `c${i}`);
    expect(await alice.expect("error")).toEqual({
      type: "error",
      id: "c3",
      body: {
        Code: "rate_limited",
        Message: "you send too much; wait 1000 ms",
        TargetID: "bob",
        RetryAfterMs: 1000,
      },
    });
    world.clock.advance(1000);
    alice.send("candidate", candidate, "again");
    const heard = [1, 2, 3, 4].map(async () => (await bob.expect("candidate")).id);
    expect(await Promise.all(heard)).toEqual(["c0", "c1", "c2", "again"]);
    expect(world.limited).toEqual(["messages"]);
    expect(world.outcomes).toContain("candidate rate_limited");
  });

  it("up to the bytes of the burst arrive; one byte more does not", async () => {
    await using world = await watched({
      limits: { maxFrameBytes: 1024 },
      maxBytesPerSecond: 1000,
      maxByteBurst: 1024,
    });
    await using one = await world.connect();
    expect(Frame.fromText(size(512)).byteLength).toBe(512);
    one.sendText(size(512));
    one.sendText(size(512));
    one.sendText(size(21));
    expect([await one.refusal(), await one.refusal()]).toEqual([
      "unsupported_type",
      "unsupported_type",
    ]);
    expect(await one.refusal()).toBe("rate_limited");
    expect(world.limited).toEqual(["bytes"]);
  });

  it("that cannot be read are answered too, without an id", async () => {
    await using world = await watched({ maxMessagesPerSecond: 1, maxMessageBurst: 1 });
    await using one = await world.connect();
    one.sendText("no JSON");
    one.sendText("no JSON");
    expect([await one.refusal(), await one.refusal()]).toEqual(["invalid_message", "rate_limited"]);
    expect(world.outcomes).toEqual(["invalid invalid_message", "invalid rate_limited"]);
  });

  it("refused so often in a minute are only refused; one more closes with 1008", async () => {
    await using world = await watched({
      maxMessagesPerSecond: 1,
      maxMessageBurst: 1,
      maxRefusedPerMinute: 3,
    });
    await using alice = await registered(world, "alice");
    for (let i = 0; i < 3; i += 1) alice.send("candidate", candidate);
    for (let i = 0; i < 3; i += 1) expect(await alice.refusal()).toBe("rate_limited");
    expect(world.server.stats().registered).toBe(1);
    alice.send("candidate", candidate);
    expect(await alice.refusal()).toBe("rate_limited");
    expect(await alice.closed).toMatchObject({ code: 1008, reason: "rate_limited" });
    expect(world.server.stats()).toMatchObject({ registered: 0, connections: 0 });
    expect(world.limited.at(-1)).toBe("refused");
  });

  it("of one flooder do not take those of others: a victim hears burst + rate · t of it", async () => {
    await using world = await watched({
      maxMessagesPerSecond: 10,
      maxMessageBurst: 20,
      maxRefusedPerMinute: 0,
    });
    await using bob = await registered(world, "bob");
    await using mallory = await registered(world, "mallory");
    await using alice = await registered(world, "alice");
    for (let second = 0; second < 5; second += 1) {
      for (let i = 0; i < 100; i += 1) mallory.send("candidate", candidate);
      alice.send("candidate", candidate);
      await Promise.all([mallory.roundTrip(), alice.roundTrip()]);
      world.clock.advance(1000);
    }
    const heard = (await bob.roundTrip()).map(
      (message) => message.type === "candidate" && message.body.ID,
    );
    expect(heard.filter((from) => from === "alice")).toHaveLength(5);
    expect(heard.filter((from) => from === "mallory").length).toBeLessThanOrEqual(20 + 10 * 5);
    expect(heard.filter((from) => from === "mallory").length).toBeGreaterThan(20);
  });

  it("that are acks are handled while others are refused: the session stays in step", async () => {
    await using world = await watched({ maxMessagesPerSecond: 1, maxMessageBurst: 2 });
    await using alice = await world.connect();
    const { Resume, Received } = await alice.register({ ID: "alice", Received: 0 });
    expect(Received).toBe(0);
    alice.send("ack", { Received: 0 });
    alice.send("candidate", candidate);
    expect(await alice.refusal()).toBe("rate_limited");
    alice.send("ack", { Received: 1 });
    world.clock.advance(10_000);
    // Of the frames of the session, the server has taken one: the one that it refused.
    await using again = await world.connect();
    const back = await again.register({ ID: "alice", Resume, Received: 1 });
    expect(back).toMatchObject({ Resumed: true, Received: 1 });
  });
});

describe("a connection", () => {
  it("registers so often in a minute; once more is answered rate_limited", async () => {
    await using world = await watched({ maxRegistrationsPerMinute: 2 });
    await using one = await world.connect();
    for (let i = 0; i < 2; i += 1) {
      await one.register({ ID: "alice" });
      one.send("unregister");
      await one.expect("unregister_response");
    }
    one.send("register", { ID: "alice" }, "7");
    expect(await one.next()).toMatchObject({
      id: "7",
      body: { Code: "rate_limited", RetryAfterMs: 30_000 },
    });
    world.clock.advance(9_000);
    one.send("register", { ID: "alice" });
    expect(await one.refusal()).toBe("rate_limited");
    expect(world.limited).toEqual(["registrations", "registrations"]);
    expect(world.server.stats().registered).toBe(0);
  });

  it("may be wrong so often in a minute; once more closes it with 1008", async () => {
    await using world = await watched({ maxInvalidPerMinute: 3 });
    await using alice = await registered(world, "alice");
    alice.sendText("no JSON");
    alice.send("candidate", { ...candidate, ID: "mallory" });
    alice.send("register", { ID: "not an id" });
    expect([await alice.refusal(), await alice.refusal(), await alice.refusal()]).toEqual([
      "invalid_message",
      "forbidden",
      "invalid_id",
    ]);
    await alice.roundTrip();
    alice.send("candidate", { ...candidate, ID: "mallory" });
    expect(await alice.refusal()).toBe("forbidden");
    expect(await alice.closed).toMatchObject({ code: 1008, reason: "invalid_message" });
    expect(world.limited).toEqual(["invalid"]);
    expect(world.server.stats().registered).toBe(0);
  });

  it("may be wrong by default 20 times in a minute, and not 21 times", async () => {
    await using world = await watched({});
    await using one = await world.connect();
    for (let i = 0; i < 20; i += 1) one.sendText("no JSON");
    for (let i = 0; i < 20; i += 1) expect(await one.refusal()).toBe("invalid_message");
    await one.roundTrip();
    one.sendText("no JSON");
    expect((await one.closed).code).toBe(1008);
  });

  it("is idle for the time that is allowed, and no longer", async () => {
    await using world = await watched({ idleTimeoutMs: 5_000, registerTimeoutMs: 60_000 });
    await using alice = await registered(world, "alice");
    world.clock.advance(4_999);
    await alice.roundTrip();
    world.clock.advance(4_999);
    expect(world.server.stats().connections).toBe(1);
    world.clock.advance(1);
    expect(await alice.closed).toMatchObject({ code: 4503, reason: "idle_timeout" });
    expect(world.limited).toEqual(["idle"]);
  });

  it("may be idle for ever by default, and leaves no timer behind", async () => {
    await using world = await watched({});
    const alice = await registered(world, "alice");
    expect(world.clock.pending).toBe(0);
    world.clock.advance(2_000_000_000);
    await alice.roundTrip();
    await alice.connection.close();
    expect(world.clock.pending).toBe(0);
  });

  it("leaves no timer behind that waited for it to be idle", async () => {
    await using world = await watched({ idleTimeoutMs: 5_000 });
    const alice = await registered(world, "alice");
    expect(world.clock.pending).toBe(1);
    await alice.connection.close();
    await alice.closed;
    expect(world.clock.pending).toBe(0);
  });
});

describe("options", () => {
  it.each([
    { maxMessagesPerSecond: -1 },
    { maxMessagesPerSecond: 1.5 },
    { maxMessageBurst: 0 },
    { maxUnregistered: Number.NaN },
    { idleTimeoutMs: 2_147_483_648 },
    { maxByteBurst: 65_535 },
    { trustedProxies: ["everybody"] },
    { unlimitedAddresses: ["127.0.0.1/40"] },
  ] satisfies SignalingServerOptions[])("%j is refused", (options) => {
    expect(() => createSignalingServer(options)).toThrow(
      expect.objectContaining({ code: "invalid_argument" }) as Error,
    );
  });

  it("a frame of the largest size passes by default, also where frames may be large", async () => {
    const limits = { maxFrameBytes: 16_777_216, maxBufferedBytes: 67_108_864 };
    await using world = await watched({ limits });
    const client = TestClient.inMemory(world.server, { limits });
    client.sendText("x".repeat(limits.maxFrameBytes));
    expect(await client.refusal()).toBe("invalid_message");
    await client.connection.close();
  });
});
