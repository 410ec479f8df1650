import type { Registration } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { worlds, memoryWorld } from "./support/host.js";
import { customHub } from "./support/hubs.js";
import { failOnLeaks } from "@conic/internal-testing";
import { createSignalingServer } from "../src/index.js";
import { createResumeSecret, sameSecret } from "../src/registry/resume.js";
import { TestClient } from "./support/client.js";
import { createHub } from "@conic/hub";

failOnLeaks();

describe.each(worlds)("S2 S3 taking an id over, %s", (_name, createWorld) => {
  it("closes the older connection with 4500 and serves the newer one", async () => {
    await using world = await createWorld();
    await using older = await world.connect();
    await using newer = await world.connect();
    await using bob = await world.connect();
    const { Resume } = await older.register({ ID: "alice" });
    await bob.register({ ID: "bob" });
    const body = await newer.register({ ID: "alice", Resume });
    expect(body.ID).toBe("alice");
    expect(await older.closed).toMatchObject({ code: 4500, reason: "replaced" });
    bob.send("candidate", { TargetID: "alice", Candidate: "x" });
    expect((await newer.expect("candidate")).body.ID).toBe("bob");
    expect(world.server.stats()).toMatchObject({ registered: 2, hub: { connectedClients: 2 } });
  });

  it("never leaves the id without a holder: a stream of messages is split, not torn", async () => {
    await using world = await createWorld();
    await using bob = await world.connect();
    await using older = await world.connect();
    await using newer = await world.connect();
    await bob.register({ ID: "bob" });
    const { Resume } = await older.register({ ID: "alice" });
    const total = 100;
    for (let i = 0; i < total; i += 1) {
      if (i === total / 2) newer.send("register", { ID: "alice", Resume });
      bob.send("candidate", { TargetID: "alice", Candidate: String(i) });
      if (i % 10 === 0) await bob.roundTrip();
    }
    expect(await bob.roundTrip()).toEqual([]);
    const got: number[] = [];
    await older.closed;
    try {
      for (;;) got.push(Number((await older.expect("candidate")).body.Candidate));
    } catch {
      // It was closed: what came before is read.
    }
    for (const message of await newer.roundTrip()) {
      if (message.type === "candidate") got.push(Number(message.body.Candidate));
    }
    expect(got).toEqual(Array.from({ length: total }, (_, i) => i));
  });

  it("refuses a wrong, an outdated or a missing secret with id_taken", async () => {
    await using world = await createWorld();
    await using first = await world.connect();
    await using second = await world.connect();
    await using third = await world.connect();
    const one = await first.register({ ID: "alice" });
    const two = await second.register({ ID: "alice", Resume: one.Resume });
    expect(two.Resume).not.toBe(one.Resume);
    const wrong = `${two.Resume?.slice(0, -1)}${two.Resume?.endsWith("A") === true ? "B" : "A"}`;
    for (const Resume of [one.Resume, wrong, "", undefined]) {
      third.send("register", { ID: "alice", Resume });
      expect(await third.refusal()).toBe("id_taken");
    }
    expect(second.connection.readyState).toBe("open");
  });

  it("does not open other ids", async () => {
    await using world = await createWorld();
    await using alice = await world.connect();
    await using bob = await world.connect();
    await using mallory = await world.connect();
    await alice.register({ ID: "alice" });
    const { Resume } = await bob.register({ ID: "bob" });
    mallory.send("register", { ID: "alice", Resume });
    expect(await mallory.refusal()).toBe("id_taken");
  });

  it("grants a free id whatever the secret: after a drop that the server has seen", async () => {
    await using world = await createWorld();
    await using first = await world.connect();
    await using second = await world.connect();
    const { Resume } = await first.register({ ID: "alice" });
    await first.connection.close();
    expect((await second.register({ ID: "alice", Resume })).ID).toBe("alice");
  });

  it("does not let a connection replace itself", async () => {
    await using world = await createWorld();
    await using alice = await world.connect();
    const { Resume } = await alice.register({ ID: "alice" });
    alice.send("register", { ID: "alice", Resume });
    expect(await alice.refusal()).toBe("already_registered");
  });
});

describe("the replaced connection", () => {
  it("is not heard any more, even when its messages are on their way already", async () => {
    await using world = await memoryWorld();
    await using older = await world.connect();
    await using newer = await world.connect();
    const { Resume } = await older.register({ ID: "alice" });
    newer.send("register", { ID: "alice", Resume });
    older.send("unregister", { ID: "alice" });
    await newer.expect("register_response");
    // The two that registered; not the one that came too late.
    expect(world.server.stats().framesReceived).toBe(2);
    expect(await older.closed).toMatchObject({ code: 4500 });
    newer.send("candidate", { TargetID: "alice", Candidate: "still here" });
    expect((await newer.expect("candidate")).body.Candidate).toBe("still here");
  });
});

describe("a hub with a mind of its own", () => {
  it("that fails in the middle of a take-over costs both the id, and the older one is told to come back", async () => {
    let broken = false;
    const hub = customHub((inner) => ({
      register: (client) => {
        if (broken) throw new Error("the cluster is split");
        return inner.register(client);
      },
    }));
    await using world = await memoryWorld({ hub });
    await using older = await world.connect();
    await using newer = await world.connect();
    const { Resume } = await older.register({ ID: "alice" });
    broken = true;
    newer.send("register", { ID: "alice", Resume });
    expect(await newer.refusal()).toBe("internal");
    expect((await older.closed).code).toBe(1011);
    expect(world.server.stats()).toMatchObject({ registered: 0, hub: { connectedClients: 0 } });
  });

  it("that takes an id away leaves the client free to register again, and keeps nothing of the old", async () => {
    const registrations: Registration[] = [];
    const hub = customHub((inner) => ({
      register: (client) => {
        const registration = inner.register(client);
        registrations.push(registration);
        return registration;
      },
    }));
    await using world = await memoryWorld({ hub });
    await using alice = await world.connect();
    await using heir = await world.connect();
    await alice.register({ ID: "alice" });
    registrations[0]?.[Symbol.dispose]();
    alice.send("candidate", { TargetID: "alice", Candidate: "" });
    expect(await alice.refusal()).toBe("not_registered");
    await alice.register({ ID: "alicia" });
    expect(world.server.stats().registered).toBe(1);
    registrations[1]?.[Symbol.dispose]();
    const { Resume } = await heir.register({ ID: "alicia" });
    await alice.register({ ID: "carol" });
    expect(world.server.stats().registered).toBe(2);
    // The heir's secret still opens the heir's id.
    await using again = await world.connect();
    await again.register({ ID: "alicia", Resume });
    expect((await heir.closed).code).toBe(4500);
    await alice.connection.close();
    expect(world.server.stats().registered).toBe(1);
  });
});

describe("secrets", () => {
  it("differ for each registration", async () => {
    await using world = await memoryWorld({ maxRegistrationsPerMinute: 0 });
    await using alice = await world.connect();
    const secrets = new Set<string | undefined>();
    for (let i = 0; i < 100; i += 1) {
      secrets.add((await alice.register({ ID: "alice" })).Resume);
      alice.send("unregister");
      await alice.expect("unregister_response");
    }
    expect(secrets.size).toBe(100);
  });

  it.each([
    ["abc", "abc", true],
    ["abc", "abd", false],
    ["abc", "abcd", false],
    ["abc", "", false],
    ["é", "e", false],
  ])("%j and %j: %s", (a, b, same) => {
    expect(sameSecret(a, b)).toBe(same);
  });

  it("hold on one server: two servers that share a hub do not take over from each other", async () => {
    await using hub = createHub();
    await using one = createSignalingServer({ hub });
    await using two = createSignalingServer({ hub });
    await using first = TestClient.inMemory(one);
    await using second = TestClient.inMemory(two);
    const { Resume } = await first.register({ ID: "alice" });
    second.send("register", { ID: "alice", Resume });
    expect(await second.refusal()).toBe("id_taken");
    await second.register({ ID: "bob" });
    second.send("candidate", { TargetID: "alice", Candidate: "" });
    expect((await first.expect("candidate")).body.ID).toBe("bob");
  });
});

describe("a secret", () => {
  it("is 192 bits, and never given twice", () => {
    const secrets = Array.from({ length: 1000 }, createResumeSecret);
    expect(new Set(secrets).size).toBe(1000);
    expect(secrets.every((text) => /^[\w-]{32}$/.test(text))).toBe(true);
    // 24 000 bytes out of 256: that one never comes has a probability below 256 · (255/256)^24000 < 1e-38.
    const bytes = Buffer.concat(secrets.map((text) => Buffer.from(text, "base64url")));
    expect(new Set(bytes).size).toBe(256);
  });
});
