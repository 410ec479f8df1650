import { deferred, Frame, isConicError, type IceServer } from "@conic/domain";
import { memoryPair } from "@conic/transport";
import { describe, expect, it } from "vitest";
import { createSignalingServer } from "../src/index.js";
import { asynchronousHub } from "./support/hubs.js";
import { offer, TestClient } from "./support/client.js";
import { memoryWorld, worlds } from "./support/host.js";
import { failOnLeaks } from "@conic/internal-testing";

failOnLeaks();

describe("a hub that sends asynchronously", () => {
  it("keeps the order of each sender, and answers what could not be delivered", async () => {
    let turn = 0;
    // Every third send takes longer: order is the server's doing, not luck.
    const hub = asynchronousHub(async () => {
      turn += 1;
      if (turn % 3 === 0) await new Promise(setImmediate);
    });
    await using world = await memoryWorld({ hub });
    await using alice = await world.connect();
    await using bob = await world.connect();
    await alice.register({ ID: "alice" });
    await bob.register({ ID: "bob" });
    for (let i = 0; i < 30; i += 1) {
      alice.send("candidate", { TargetID: "bob", Candidate: String(i) }, String(i));
      alice.send("candidate", { TargetID: "nobody", Candidate: "" }, `x${i}`);
    }
    for (let i = 0; i < 30; i += 1) {
      expect((await bob.expect("candidate")).body.Candidate).toBe(String(i));
      expect(await alice.expect("error")).toMatchObject({
        id: `x${i}`,
        body: { Code: "target_not_found", TargetID: "nobody" },
      });
    }
  });

  it("is not flooded: one message of a connection is under way at a time", async () => {
    const gate = deferred<void>();
    let sends = 0;
    const hub = asynchronousHub(() => {
      sends += 1;
      return gate.promise;
    });
    await using world = await memoryWorld({ hub });
    await using alice = await world.connect();
    await alice.register({ ID: "alice" });
    for (let i = 0; i < 1000; i += 1) {
      alice.send("candidate", { TargetID: "alice", Candidate: String(i) });
    }
    await new Promise(setImmediate);
    expect(sends).toBe(1);
    gate.resolve();
    for (let i = 0; i < 1000; i += 1) await alice.expect("candidate");
    expect(world.server.stats().errorsSent).toEqual({});
  });

  it("that fails is an internal error, and the sender may try again", async () => {
    const hub = asynchronousHub(() => Promise.reject(new Error("no route to 10.0.0.7")));
    await using world = await memoryWorld({ hub });
    await using alice = await world.connect();
    await alice.register({ ID: "alice" });
    alice.send("sdp", { TargetID: "bob", SessionDescription: offer }, "1");
    const error = await alice.expect("error");
    expect(error).toMatchObject({ id: "1", body: { Code: "internal" } });
    expect(JSON.stringify(error)).not.toContain("10.0.0.7");
    expect((await alice.closed).code).toBe(1011);
  });
});

function candidate(fill: number): string {
  const raw = JSON.stringify({ TargetID: "bob", Candidate: "x".repeat(fill) });
  return JSON.stringify({ type: "candidate", raw });
}

/** A message to bob without ID whose frame, once stamped with alice's, has this size. */
function growingTo(stampedBytes: number): string {
  const stamp = String.raw`\"ID\":\"alice\",`.length;
  return candidate(stampedBytes - stamp - candidate(0).length);
}

describe.each(worlds)("a message that grows by its sender's ID, %s", (_name, createWorld) => {
  it("goes through at 64 KiB", async () => {
    await using world = await createWorld();
    await using alice = await world.connect();
    await using bob = await world.connect();
    await alice.register({ ID: "alice" });
    await bob.register({ ID: "bob" });
    alice.sendText(growingTo(65_536));
    expect((await bob.nextFrame()).byteLength).toBe(65_536);
  });

  it("closes its sender with 1009 at one byte more", async () => {
    await using world = await createWorld();
    await using alice = await world.connect();
    await using bob = await world.connect();
    await alice.register({ ID: "alice" });
    await bob.register({ ID: "bob" });
    alice.sendText(growingTo(65_537));
    expect(await alice.refusal()).toBe("too_large");
    expect((await alice.closed).code).toBe(1009);
    expect(await bob.roundTrip()).toEqual([]);
  });
});

describe("a transport with a higher limit than the protocol's", () => {
  it("does not lift that of the protocol", async () => {
    await using server = createSignalingServer();
    const limits = { maxFrameBytes: 1_000_000 };
    await using alice = TestClient.inMemory(server, { limits });
    await using bob = TestClient.inMemory(server, { limits });
    await alice.register({ ID: "alice" });
    await bob.register({ ID: "bob" });
    alice.sendText(growingTo(65_537));
    expect(await alice.refusal()).toBe("too_large");
    expect(await bob.roundTrip()).toEqual([]);
  });
});

function iceServersOf(fill: number): IceServer[] {
  return [{ urls: "stun:s", username: "x".repeat(fill) }];
}

function fits(fill: number): boolean {
  try {
    createSignalingServer({ iceServers: iceServersOf(fill) });
    return true;
  } catch (error) {
    if (isConicError(error, "invalid_argument")) return false;
    throw error;
  }
}

describe("ICE servers", () => {
  it("must fit in the answer to every register, whatever its ids", async () => {
    let [most, tooMany] = [0, 65_536];
    while (tooMany - most > 1) {
      const middle = Math.floor((most + tooMany) / 2);
      if (fits(middle)) most = middle;
      else tooMany = middle;
    }
    await using server = createSignalingServer({ iceServers: iceServersOf(most) });
    await using alice = TestClient.inMemory(server);
    // The longest id, and the correlation id that takes most bytes in JSON.
    alice.send("register", { ID: "a".repeat(64), Received: 0 }, "\u0001".repeat(64));
    // The count of a new session has 1 digit; the largest has 16.
    expect((await alice.nextFrame()).byteLength).toBe(65_536 - 15);
  });
});

describe("a receiver that does not read", () => {
  it("is closed as a slow consumer; its senders get target_not_found, others notice nothing", async () => {
    const limits = { maxBufferedBytes: 20_000, maxReceiveQueueFrames: 1 };
    await using server = createSignalingServer();
    await using alice = TestClient.inMemory(server);
    await using carol = TestClient.inMemory(server);
    const [near, far] = memoryPair({ limits });
    server.handleConnection(far);
    near.send(Frame.fromText('{"type":"register","raw":"{\\"ID\\":\\"bob\\"}"}'));
    await alice.register({ ID: "alice" });
    await carol.register({ ID: "carol" });
    const Data = "A".repeat(4000);
    let refused = 0;
    for (let i = 0; i < 20; i += 1) {
      alice.send("data_channel", { TargetID: "bob", Label: "l", Data });
      alice.send("candidate", { TargetID: "carol", Candidate: String(i) });
      expect((await carol.expect("candidate")).body.Candidate).toBe(String(i));
      for (const answer of await alice.roundTrip()) {
        expect(answer).toMatchObject({ body: { Code: "target_not_found", TargetID: "bob" } });
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThanOrEqual(14);
    expect((await far.closed).code).toBe(4001);
    expect(server.stats()).toMatchObject({ connections: 2, registered: 2 });
  });

  it("of the answers to its own messages is not read either, and loses none of them", async () => {
    const limits = { highWaterMarkBytes: 1024, maxReceiveQueueFrames: 4 };
    await using server = createSignalingServer();
    await using flooder = TestClient.inMemory(server, { limits });
    const total = 2000;
    for (let i = 0; i < total; i += 1) flooder.send("nonsense", undefined, String(i));
    await new Promise(setImmediate);
    // The rest waits where it came from.
    expect(server.stats().framesReceived).toBeLessThan(total / 2);
    expect(flooder.connection.readyState).toBe("open");
    for (let i = 0; i < total; i += 1) {
      expect(await flooder.expect("error")).toMatchObject({ id: String(i) });
    }
  });
});
