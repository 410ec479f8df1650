import { ConicError, deferred } from "@conic/domain";
import { failOnLeaks, FakeClock } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import type { SignalingServerOptions } from "../../src/index.js";
import { asynchronousHub } from "../support/hubs.js";
import { memoryWorld, type World } from "../support/host.js";
import type { TestClient } from "../support/client.js";

failOnLeaks();

const turn = (): Promise<void> => new Promise(setImmediate);
const gone = new ConicError("aborted", "gone");

interface Scene extends AsyncDisposable {
  readonly clock: FakeClock;
  readonly world: World;
  readonly alice: TestClient;
  readonly bob: TestClient;
  /** Bob's secret. */
  readonly secret: string;
}

/** Alice is an ordinary client, bob takes part in sessions. */
async function scene(options: SignalingServerOptions = {}): Promise<Scene> {
  const clock = new FakeClock();
  const world = await memoryWorld({ clock, ...options });
  const [alice, bob] = [await world.connect(), await world.connect()];
  await alice.register({ ID: "alice" });
  const { Resume = "" } = await bob.register({ ID: "bob", Received: 0 });
  bob.send("ack", { Received: 0 });
  await turn();
  return {
    clock,
    world,
    alice,
    bob,
    secret: Resume,
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

async function drop(client: TestClient): Promise<void> {
  client.connection.abort(gone);
  await turn();
}

function say(from: TestClient, text: string, TargetID = "bob"): void {
  from.send("candidate", { TargetID, Candidate: text }, text);
}

async function texts(client: TestClient): Promise<string[]> {
  const heard: string[] = [];
  for (const message of await client.roundTrip()) {
    if (message.type === "candidate") heard.push(message.body.Candidate);
  }
  return heard;
}

describe("register_response", () => {
  it("offers a session to who asks for one, and nothing of it to others", async () => {
    await using world = await memoryWorld();
    await using alice = await world.connect();
    await using bob = await world.connect();
    expect(await alice.register({ ID: "alice" })).not.toHaveProperty("Received");
    expect(await bob.register({ Received: 0 })).toMatchObject({ Received: 0, Resumed: false });
  });

  it("offers none where sessions are turned off", async () => {
    await using world = await memoryWorld({ resumeTtlMs: 0 });
    await using bob = await world.connect();
    expect(await bob.register({ Received: 0 })).not.toHaveProperty("Received");
    bob.send("ack", { Received: 0 });
    expect(await bob.refusal()).toBe("invalid_message");
  });
});

describe("a client that broke off", () => {
  it("keeps its id, and gets what it has not received once and in order", async () => {
    await using s = await scene();
    say(s.alice, "read");
    say(s.alice, "written");
    await s.bob.expect("candidate");
    await drop(s.bob);
    say(s.alice, "queued");
    expect(await s.alice.roundTrip()).toEqual([]);
    expect(s.world.server.stats()).toMatchObject({ registered: 2, away: 1 });
    await using back = await s.world.connect();
    const again = await back.register({ ID: "bob", Resume: s.secret, Received: 1 });
    expect(again).toMatchObject({ ID: "bob", Received: 0, Resumed: true });
    expect(await texts(back)).toEqual(["written", "queued"]);
    expect(s.world.server.stats()).toMatchObject({ registered: 2, away: 0 });
    say(s.alice, "after");
    expect(await texts(back)).toEqual(["after"]);
  });

  it("is kept for 30 s and no longer: then its senders are told of each message, and its id is free", async () => {
    await using s = await scene();
    say(s.alice, "unread");
    await s.alice.roundTrip();
    await drop(s.bob);
    say(s.alice, "queued");
    s.clock.advance(29_999);
    expect(await s.alice.roundTrip()).toEqual([]);
    s.clock.advance(1);
    for (const id of ["unread", "queued"]) {
      const body = { Code: "target_not_found", TargetID: "bob" };
      expect(await s.alice.expect("error")).toMatchObject({ id, body });
    }
    say(s.alice, "late");
    expect(await s.alice.refusal()).toBe("target_not_found");
    await using heir = await s.world.connect();
    const fresh = await heir.register({ ID: "bob", Resume: s.secret, Received: 0 });
    expect(fresh).toMatchObject({ ID: "bob", Received: 0, Resumed: false });
    expect(s.clock.pending).toBe(0);
  });

  it("keeps its id from others, who are told when to try again", async () => {
    await using s = await scene();
    await drop(s.bob);
    s.clock.advance(10_000);
    await using other = await s.world.connect();
    other.send("register", { ID: "bob" });
    const { body } = await other.expect("error");
    expect(body).toMatchObject({ Code: "id_taken", RetryAfterMs: 20_000 });
    other.send("register", { ID: "bob", Resume: "x".repeat(32), Received: 0 });
    expect(await other.refusal()).toBe("id_taken");
  });

  it("is answered what was taken of it, so that it can send the rest", async () => {
    await using s = await scene();
    for (const text of ["1", "2", "3"]) say(s.bob, text, "alice");
    s.bob.sendText("garbage, which counts too");
    await s.bob.roundTrip();
    await drop(s.bob);
    await using back = await s.world.connect();
    const again = await back.register({ ID: "bob", Resume: s.secret, Received: 2 });
    // The three, the garbage, and the frame of the round trip.
    expect(again).toMatchObject({ Received: 5, Resumed: true });
    expect(await texts(s.alice)).toEqual(["1", "2", "3"]);
  });

  it("that never confirmed its secret could not come back: its id is free at once", async () => {
    await using world = await memoryWorld();
    await using bob = await world.connect();
    await bob.register({ ID: "bob", Received: 0 });
    await drop(bob);
    await using again = await world.connect();
    expect(await again.register({ ID: "bob", Received: 0 })).toMatchObject({ Resumed: false });
  });

  it("without a session is unregistered at once, as ever", async () => {
    await using s = await scene();
    await drop(s.alice);
    expect(s.world.server.stats()).toMatchObject({ registered: 1, away: 0 });
    say(s.bob, "hello", "alice");
    expect(await s.bob.refusal()).toBe("target_not_found");
  });
});

describe("a session ends at once", () => {
  const leaves: readonly (readonly [string, (bob: TestClient) => unknown])[] = [
    ["with 1000", (bob) => bob.connection.close()],
    ["with 1001", (bob) => bob.connection.close({ code: 1001 })],
    ["by unregister", (bob) => bob.send("unregister")],
  ];
  it.each(leaves)(
    "when the client leaves %s: what it has not read is reported",
    async (_name, leave) => {
      await using s = await scene();
      say(s.alice, "unread");
      await s.alice.roundTrip();
      await leave(s.bob);
      await turn();
      expect(await s.alice.expect("error")).toMatchObject({ id: "unread" });
      expect(s.world.server.stats()).toMatchObject({ registered: 1, away: 0 });
    },
  );

  it("and reports nothing that was acknowledged", async () => {
    await using s = await scene();
    say(s.alice, "read");
    await s.bob.expect("candidate");
    s.bob.send("ack", { Received: 1 });
    await s.bob.connection.close();
    expect(await s.alice.roundTrip()).toEqual([]);
    expect(s.world.server.stats().registered).toBe(1);
  });

  it("when the client closes with another code, it is kept", async () => {
    await using s = await scene();
    await s.bob.connection.close({ code: 4000 });
    expect(s.world.server.stats()).toMatchObject({ registered: 2, away: 1 });
  });
});

describe("a session whose older connection seems alive", () => {
  it("goes on with the newer one, and nothing is lost that was queued", async () => {
    await using s = await scene();
    say(s.alice, "1");
    say(s.alice, "2");
    await s.alice.roundTrip();
    await using newer = await s.world.connect();
    await newer.register({ ID: "bob", Resume: s.secret, Received: 0 });
    expect(await s.bob.closed).toMatchObject({ code: 4500, reason: "replaced" });
    expect(await texts(newer)).toEqual(["1", "2"]);
    expect(await s.alice.roundTrip()).toEqual([]);
  });

  it("waits for the message of the older one that is being handled, and counts it", async () => {
    const gate = deferred<void>();
    await using s = await scene({ hub: asynchronousHub(() => gate.promise) });
    say(s.bob, "slow", "alice");
    await turn();
    await using newer = await s.world.connect();
    newer.send("register", { ID: "bob", Resume: s.secret, Received: 0 });
    await turn();
    gate.resolve();
    expect((await newer.expect("register_response")).body).toMatchObject({ Received: 1 });
    expect((await s.alice.expect("candidate")).body.Candidate).toBe("slow");
  });

  it("is taken over by a client without sessions: it gets what was queued, senders hear of the rest", async () => {
    await using s = await scene();
    say(s.alice, "written");
    await s.alice.roundTrip();
    await drop(s.bob);
    say(s.alice, "queued");
    await s.alice.roundTrip();
    await using plain = await s.world.connect();
    expect(await plain.register({ ID: "bob", Resume: s.secret })).not.toHaveProperty("Received");
    expect(await texts(plain)).toEqual(["queued"]);
    expect(await s.alice.expect("error")).toMatchObject({ id: "written" });
  });
});

describe("a count that cannot be true", () => {
  it("in an ack is refused; in a register, a new session begins and the senders are told", async () => {
    await using s = await scene();
    say(s.alice, "1");
    await s.bob.expect("candidate");
    s.bob.send("ack", { Received: 2 });
    expect(await s.bob.refusal()).toBe("invalid_message");
    await drop(s.bob);
    await using back = await s.world.connect();
    const answer = await back.register({ ID: "bob", Resume: s.secret, Received: 9 });
    expect(answer).toMatchObject({ Received: 0, Resumed: false });
    expect(await s.alice.expect("error")).toMatchObject({ id: "1" });
  });
});

describe("the secret of a session", () => {
  it("opens it once: after the next one is confirmed, the one before is worth nothing", async () => {
    await using s = await scene();
    await drop(s.bob);
    await using second = await s.world.connect();
    await second.register({ ID: "bob", Resume: s.secret, Received: 0 });
    second.send("ack", { Received: 0 });
    await turn();
    await using thief = await s.world.connect();
    thief.send("register", { ID: "bob", Resume: s.secret, Received: 0 });
    expect(await thief.refusal()).toBe("id_taken");
    expect(second.connection.readyState).toBe("open");
  });

  it("opens it again as long as the answer with the next one may have been lost", async () => {
    await using s = await scene();
    await drop(s.bob);
    for (let i = 0; i < 3; i += 1) {
      await using attempt = await s.world.connect();
      const answer = await attempt.register({ ID: "bob", Resume: s.secret, Received: 0 });
      expect(answer.Resumed).toBe(true);
      await drop(attempt);
    }
  });
});

describe("acknowledgements", () => {
  it("come after 32 frames, or a second", async () => {
    await using s = await scene();
    for (let i = 0; i < 33; i += 1) say(s.bob, String(i), "alice");
    expect((await s.bob.expect("ack")).body).toEqual({ Received: 32 });
    s.clock.advance(1000);
    expect((await s.bob.expect("ack")).body).toEqual({ Received: 33 });
    s.clock.advance(60_000);
    expect(s.clock.pending).toBe(0);
  });

  it("of a client without a session, or without an id, are refused", async () => {
    await using s = await scene();
    s.alice.send("ack", { Received: 0 });
    expect(await s.alice.refusal()).toBe("invalid_message");
    await using nobody = await s.world.connect();
    nobody.send("ack", { Received: 0 });
    expect(await nobody.refusal()).toBe("not_registered");
  });
});

function authenticate({ token }: { readonly token: string | undefined }): void {
  if (token !== "good") throw new ConicError("forbidden", "that token is not good");
}

describe("authentication", () => {
  it("is asked for again by a client that resumes; a refusal leaves the session for a better token", async () => {
    const clock = new FakeClock();
    await using world = await memoryWorld({ authenticate, clock });
    await using bob = await world.connect();
    const first = await bob.register({ ID: "bob", Received: 0, Token: "good" });
    bob.send("ack", { Received: 0 });
    await turn();
    await drop(bob);
    await using back = await world.connect();
    const session = { ID: "bob", Resume: first.Resume, Received: 0 };
    back.send("register", session);
    expect(await back.refusal()).toBe("forbidden");
    expect(await back.register({ ...session, Token: "good" })).toMatchObject({ Resumed: true });
  });
});

describe("closing the server", () => {
  it("waits for nobody who is away, and tells the others what was lost", async () => {
    const s = await scene();
    await drop(s.bob);
    say(s.alice, "queued");
    await s.alice.roundTrip();
    await s.world.server.close();
    expect(await s.alice.expect("error")).toMatchObject({ id: "queued" });
    expect(s.clock.pending).toBe(0);
    expect(s.world.server.stats()).toMatchObject({ registered: 0, away: 0 });
  });

  it("tells each client what was taken before it says goodbye, and calls nothing lost that it wrote", async () => {
    const s = await scene();
    say(s.bob, "1", "alice");
    say(s.alice, "2");
    await s.alice.roundTrip();
    await s.world.server.close();
    expect((await s.bob.expect("candidate")).body.Candidate).toBe("2");
    expect((await s.bob.expect("ack")).body).toEqual({ Received: 1 });
    expect((await s.bob.closed).code).toBe(1001);
    await expect(s.alice.next()).rejects.toThrow("closed with 1001");
  });
});
