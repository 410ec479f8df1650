import { ConicError } from "@conic/domain";
import { failOnLeaks, FakeClock } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import type { ServerObserver } from "../../src/index.js";
import { memoryWorld, worlds } from "../support/host.js";
import { offer } from "../support/client.js";

failOnLeaks();

const turn = (): Promise<void> => new Promise(setImmediate);
const cut = new ConicError("aborted", "gone");

describe.each(worlds)("disconnect, %s", (_name, createWorld) => {
  it("tells the client, closes with 4502, and frees the id at once", async () => {
    await using world = await createWorld();
    await using alice = await world.connect();
    await using heir = await world.connect();
    await alice.register({ ID: "alice" });
    expect(world.server.disconnect("alice")).toBe(true);
    expect(world.server.stats().registered).toBe(0);
    await heir.register({ ID: "alice" });
    expect((await alice.expect("error")).body).toMatchObject({ Code: "kicked" });
    expect(await alice.closed).toMatchObject({ code: 4502, reason: "kicked" });
    await expect.poll(() => world.server.stats().connections).toBe(1);
    expect(world.server.stats().registered).toBe(1);
  });

  it("takes the client out of its rooms, and the others are told", async () => {
    await using world = await createWorld();
    await using alice = await world.connect();
    await using bob = await world.connect();
    for (const [client, ID] of [[alice, "alice"] as const, [bob, "bob"] as const]) {
      await client.register({ ID });
      client.send("join", { Room: "hall" });
      await client.expect("peers");
    }
    await alice.expect("peer_joined");
    world.server.disconnect("bob");
    expect((await alice.expect("peer_left")).body).toEqual({ Room: "hall", ID: "bob" });
    expect(Array.from(world.server.rooms())).toEqual([{ name: "hall", members: 1 }]);
    alice.send("sdp", { TargetID: "bob", SessionDescription: offer });
    expect(await alice.refusal()).toBe("target_not_found");
  });

  it("of an id that nobody holds does nothing, twice", async () => {
    await using world = await createWorld();
    await using alice = await world.connect();
    await alice.register({ ID: "alice" });
    expect([world.server.disconnect("bob"), world.server.disconnect("bob")]).toEqual([
      false,
      false,
    ]);
    expect(world.server.disconnect("alice")).toBe(true);
    expect(world.server.disconnect("alice")).toBe(false);
    expect(() => world.server.disconnect("no id")).toThrowError(
      expect.objectContaining({ code: "invalid_id" }) as Error,
    );
  });
});

describe("disconnect of a client with a session", () => {
  it("voids the session and every secret of it, and says so to whoever brings one", async () => {
    await using world = await memoryWorld();
    await using first = await world.connect();
    const { Resume: earlier } = await first.register({ ID: "bob", Received: 0 });
    first.send("ack", { Received: 0 });
    await using second = await world.connect();
    const resumed = await second.register({ ID: "bob", Resume: earlier, Received: 0 });
    expect(resumed.Resumed).toBe(true);
    // It has not acknowledged: both secrets would open the session.
    expect(world.server.disconnect("bob")).toBe(true);
    expect(await second.closed).toMatchObject({ code: 4502 });
    expect(world.server.stats()).toMatchObject({ registered: 0, away: 0 });
    for (const Resume of [earlier, resumed.Resume]) {
      await using back = await world.connect();
      back.send("register", { ID: "bob", Resume, Received: 0 });
      expect(await back.refusal()).toBe("kicked");
      expect(await back.closed).toMatchObject({ code: 4502 });
    }
    await using anew = await world.connect();
    expect(await anew.register({ ID: "bob", Received: 0 })).toMatchObject({ Resumed: false });
  });

  it("that is away frees the id; its senders are told, and so is the client when it is back", async () => {
    const lost: string[] = [];
    const observer: ServerObserver = {
      kicked: () => void lost.push("kicked"),
      sessionLost: () => void lost.push("lost"),
    };
    await using world = await memoryWorld({ observer, clock: new FakeClock() });
    await using alice = await world.connect();
    await using bob = await world.connect();
    await alice.register({ ID: "alice" });
    const { Resume } = await bob.register({ ID: "bob", Received: 0 });
    bob.send("ack", { Received: 0 });
    await turn();
    bob.connection.abort(cut);
    await turn();
    alice.send("candidate", { TargetID: "bob", Candidate: "candidate:1 1 udp 1 h 9 typ host" });
    await alice.roundTrip();
    expect(Array.from(world.server.peers(), ({ id, away }) => [id, away])).toEqual([
      ["alice", false],
      ["bob", true],
    ]);
    expect(world.server.disconnect("bob")).toBe(true);
    expect(await alice.refusal()).toBe("target_not_found");
    expect(lost).toEqual(["kicked", "lost"]);
    await using back = await world.connect();
    back.send("register", { ID: "bob", Resume, Received: 0 });
    expect(await back.refusal()).toBe("kicked");
  });
});

describe("an observer", () => {
  it("is told of sessions that break off, go on and end", async () => {
    const calls: string[] = [];
    const clock = new FakeClock();
    const observer: ServerObserver = {
      sessionAway: () => void calls.push("away"),
      sessionResumed: () => void calls.push("resumed"),
      sessionLost: () => void calls.push("lost"),
    };
    await using world = await memoryWorld({ observer, clock });
    await using bob = await world.connect();
    const { Resume } = await bob.register({ ID: "bob", Received: 0 });
    bob.send("ack", { Received: 0 });
    await turn();
    bob.connection.abort(cut);
    await turn();
    await using back = await world.connect();
    await back.register({ ID: "bob", Resume, Received: 0 });
    back.send("ack", { Received: 0 });
    await turn();
    expect(calls).toEqual(["away", "resumed"]);
    back.connection.abort(cut);
    await turn();
    clock.advance(30_000);
    expect(calls).toEqual(["away", "resumed", "away", "lost"]);
  });

  it("is told of nothing when clients without a session leave, or leave for good", async () => {
    const calls: string[] = [];
    const observer: ServerObserver = {
      sessionAway: () => void calls.push("away"),
      sessionLost: () => void calls.push("lost"),
    };
    await using world = await memoryWorld({ observer });
    const [alice, bob] = [await world.connect(), await world.connect()];
    await alice.register({ ID: "alice" });
    await bob.register({ ID: "bob", Received: 0 });
    bob.send("ack", { Received: 0 });
    await turn();
    alice.connection.abort(cut);
    await bob.connection.close();
    await turn();
    expect([calls, world.server.stats().registered]).toEqual([[], 0]);
  });

  it("is told how each authentication came out, and of none where nobody is asked", async () => {
    const calls: string[] = [];
    const observer: ServerObserver = { authenticated: (outcome) => void calls.push(outcome) };
    const answers = [
      (): object => ({}),
      (): object => ({ expiresAt: 1 }),
      (): never => {
        throw new ConicError("forbidden", "no");
      },
      (): never => {
        throw new Error("broken");
      },
    ];
    await using world = await memoryWorld({
      observer,
      authenticate: () => answers.shift()?.() ?? {},
    });
    for (let i = 0; i < 4; i += 1) {
      const client = await world.connect();
      client.send("register");
      await client.next();
    }
    expect(calls).toEqual(["ok", "unauthorized", "forbidden", "internal"]);
    await using open = await memoryWorld({ observer });
    await (await open.connect()).register();
    expect(calls).toHaveLength(4);
  });
});

describe("peers", () => {
  it("are told with what is known of them, those of the Go dialect too", async () => {
    await using world = await memoryWorld();
    await using alice = await world.connect();
    await alice.register({ ID: "alice" });
    for (const Room of ["a", "b"]) {
      alice.send("join", { Room });
      await alice.expect("peers");
    }
    await using gopher = await world.connect();
    const data = { client_id: "gopher" };
    gopher.sendText(JSON.stringify({ id: "1", type: "register_request", data }));
    await gopher.nextFrame();
    const before = Date.now();
    const [first, second, ...others] = Array.from(world.server.peers());
    expect(others).toEqual([]);
    expect(first).toMatchObject({ id: "alice", rooms: ["a", "b"], away: false });
    expect(first?.dialect).toBe("conic.v1");
    expect(second).toMatchObject({ id: "gopher", rooms: [], away: false, dialect: "go" });
    expect(first?.connectionId).not.toBe(second?.connectionId);
    expect(first?.registeredAt).toBeLessThanOrEqual(before);
    expect(Array.from(world.server.rooms())).toEqual([
      { name: "a", members: 1 },
      { name: "b", members: 1 },
    ]);
  });

  it("have the address that the transport tells", async () => {
    const [, [, overWebSockets] = []] = worlds;
    await using world = await (overWebSockets ?? memoryWorld)();
    await using bob = await world.connect();
    await bob.register({ ID: "bob" });
    expect(Array.from(world.server.peers())[0]?.remoteAddress).toMatch(/127\.0\.0\.1$/);
  });
});
