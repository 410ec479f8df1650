import { ConicError } from "@conic/domain";
import { failOnLeaks } from "@conic/internal-testing";
import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { TestClient } from "../support/client.js";
import { memoryWorld, webSocketWorld, type World } from "../support/host.js";
import { createSignalingServer } from "../../src/index.js";
import { ms, percentile, unlimited } from "./support/limits.js";

failOnLeaks();

describe("S2 taking an id that somebody holds", () => {
  it("10,000 claims of 100 ids at once: each has one winner, the others are told", async () => {
    await using server = createSignalingServer(unlimited);
    const claims = Array.from({ length: 10_000 }, (_, i) => ({
      ID: `id-${i % 100}`,
      client: TestClient.inMemory(server),
    }));
    for (const { ID, client } of claims) client.send("register", { ID });
    const answers = await Promise.all(
      claims.map(async ({ ID, client }) => ({ ID, answer: await client.next() })),
    );
    const winners = answers.filter(({ answer }) => answer.type === "register_response");
    expect(winners).toHaveLength(100);
    expect(new Set(winners.map(({ ID }) => ID)).size).toBe(100);
    expect(server.stats()).toMatchObject({ registered: 100, errorsSent: { id_taken: 9_900 } });
  });

  it("10,000 guessed secrets open no id", async () => {
    await using world = await memoryWorld(unlimited);
    await using alice = await world.connect();
    await using mallory = await world.connect();
    const { Resume: secret = "" } = await alice.register({ ID: "alice", Received: 0 });
    expect(Buffer.from(secret, "base64url").byteLength * 8).toBeGreaterThanOrEqual(120);
    const near = Array.from({ length: secret.length }, (_, at) => [
      secret.slice(0, at),
      secret.slice(0, at) + (secret[at] === "A" ? "B" : "A") + secret.slice(at + 1),
      secret.slice(0, at) + (secret[at] ?? "").toUpperCase() + secret.slice(at + 1),
      `${secret}${"A".repeat(at)}=`,
    ]).flat();
    const guesses = new Set([...near, "", ` ${secret}`, `${secret}\u0000`]);
    while (guesses.size < 10_000) guesses.add(randomBytes(24).toString("base64url"));
    guesses.delete(secret);
    for (const Resume of guesses) mallory.send("register", { ID: "alice", Resume });
    const answers = await mallory.roundTrip();
    expect(answers).toHaveLength(guesses.size);
    const taken = answers.filter(
      (answer) => answer.type === "error" && answer.body.Code === "id_taken",
    );
    expect(taken).toHaveLength(guesses.size);
    expect(await alice.roundTrip()).toEqual([]);
  });

  it("ids that the server makes cannot be guessed: 120 random bits and more, no two alike", async () => {
    await using server = createSignalingServer(unlimited);
    const ids = new Set<string>();
    for (let i = 0; i < 1000; i += 1) {
      await using client = TestClient.inMemory(server);
      const { ID } = await client.register();
      ids.add(ID);
      expect(Buffer.from(ID, "base64url").byteLength * 8).toBeGreaterThanOrEqual(120);
    }
    expect(ids.size).toBe(1000);
    // Nothing that they have in common, as a counter or a time would be.
    for (let at = 0; at < 20; at += 1) {
      expect(new Set(Array.from(ids, (id) => id[at])).size).toBeGreaterThan(16);
    }
  });
});

describe("S2 a resume secret that is used again", () => {
  it("opens nothing once the client has had its successor, however many there were", async () => {
    await using world = await memoryWorld(unlimited);
    const used: string[] = [];
    let alice = await world.connect();
    let { Resume = "" } = await alice.register({ ID: "alice", Received: 0 });
    alice.send("ack", { Received: 0 });
    for (let i = 0; i < 20; i += 1) {
      used.push(Resume);
      const next = await world.connect();
      const body = await next.register({ ID: "alice", Resume, Received: 0 });
      expect(body.Resumed).toBe(true);
      Resume = body.Resume ?? "";
      next.send("ack", { Received: 0 });
      expect((await alice.closed).code).toBe(4500);
      alice = next;
    }
    await using mallory = await world.connect();
    for (const Replayed of used) {
      mallory.send("register", { ID: "alice", Resume: Replayed, Received: 0 });
      expect(await mallory.refusal()).toBe("id_taken");
    }
    expect(new Set([...used, Resume]).size).toBe(21);
    expect(alice.connection.readyState).toBe("open");
    await alice.connection.close();
  });
});

/** One drop: what was sent meanwhile, and the time from dialling anew until it has come. */
async function comeBack(
  world: World,
  alice: TestClient,
  bob: TestClient,
  state: { Resume: string; Received: number },
): Promise<{ alice: TestClient; took: number; text: string }> {
  alice.connection.abort(new ConicError("aborted", "the path is gone"));
  await expect.poll(() => world.server.stats().away, { interval: 1 }).toBe(1);
  const text = `while away ${state.Received}`;
  bob.send("candidate", { TargetID: "alice", Candidate: text });
  await bob.roundTrip();
  const from = performance.now();
  const next = await world.connect();
  const body = await next.register({ ID: "alice", ...state });
  expect(body.Resumed).toBe(true);
  let message = await next.next();
  while (message.type === "ack") message = await next.next();
  const took = performance.now() - from;
  expect(message).toMatchObject({ type: "candidate", body: { Candidate: text } });
  state.Resume = body.Resume ?? "";
  state.Received += 1;
  next.send("ack", { Received: state.Received });
  return { alice: next, took, text };
}

describe("S3 coming back with the same id", () => {
  it("what was sent meanwhile is there in some milliseconds, once", async ({ annotate }) => {
    await using world = await webSocketWorld(unlimited);
    await using bob = await world.connect();
    await bob.register({ ID: "bob" });
    let alice = await world.connect();
    const { Resume = "" } = await alice.register({ ID: "alice", Received: 0 });
    alice.send("ack", { Received: 0 });
    await alice.roundTrip();
    // The answer to the round trip is a frame of the session too.
    const state = { Resume, Received: 1 };
    const times: number[] = [];
    for (let i = 0; i < 100; i += 1) {
      const back = await comeBack(world, alice, bob, state);
      alice = back.alice;
      times.push(back.took);
    }
    expect(times).toHaveLength(100);
    const [p50, p99] = [percentile(times, 50), percentile(times, 99)];
    await annotate(`dial to first relayed message: p50 ${ms(p50)}, p99 ${ms(p99)}`);
    await alice.connection.close();
  });
});
