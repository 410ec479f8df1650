import { ConicError, Frame, type Hub } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { evict, FakeConnection, type FakeBehaviour } from "../fake-connection.js";
import { clientOf, id, rejectionOf } from "../helpers.js";

const frame = Frame.fromText("é1");

function join(hub: Hub, name: string, behaviour: FakeBehaviour = {}): FakeConnection {
  const connection = new FakeConnection(behaviour);
  hub.register(clientOf(name, connection));
  return connection;
}

const refuse = (code: ConstructorParameters<typeof ConicError>[0]) => (): never => {
  throw new ConicError(code, "no");
};

export function describeDelivery(makeHub: () => Hub): void {
  describe("a delivery", () => {
    it("reaches its target and nobody else", async () => {
      await using hub = makeHub();
      const alice = join(hub, "alice");
      const bob = join(hub, "bob");
      expect(await hub.send(id("alice"), frame)).toStrictEqual({ status: "sent" });
      expect([alice.received, bob.received]).toStrictEqual([["é1"], []]);
    });

    it("keeps the order of what is sent", async () => {
      await using hub = makeHub();
      const alice = join(hub, "alice");
      const texts = Array.from({ length: 100 }, (_, i) => String(i));
      await Promise.all(texts.map(async (text) => hub.send(id("alice"), Frame.fromText(text))));
      expect(alice.received).toStrictEqual(texts);
    });

    it("to nobody is undeliverable", async () => {
      await using hub = makeHub();
      const delivery = await hub.send(id("nobody"), frame);
      expect(delivery).toStrictEqual({ status: "undeliverable", reason: "target_not_found" });
    });

    it.each([
      ["slow_consumer", "slow_consumer"],
      ["buffer_full", "slow_consumer"],
      ["closed", "closed"],
      ["invalid_state", "closed"],
    ] as const)("that a connection refuses with %s is undeliverable", async (code, reason) => {
      await using hub = makeHub();
      join(hub, "alice", { send: refuse(code) });
      const delivery = await hub.send(id("alice"), frame);
      expect(delivery).toStrictEqual({ status: "undeliverable", reason });
    });

    it("succeeds again once a full buffer has room", async () => {
      await using hub = makeHub();
      const alice = join(hub, "alice", { send: refuse("buffer_full") });
      await hub.send(id("alice"), frame);
      alice.behaviour = {};
      expect(await hub.send(id("alice"), frame)).toStrictEqual({ status: "sent" });
    });

    it("to a slow consumer says so once, then that nobody is there", async () => {
      await using hub = makeHub();
      join(hub, "alice", { send: evict });
      expect(await hub.send(id("alice"), frame)).toHaveProperty("reason", "slow_consumer");
      expect(await hub.send(id("alice"), frame)).toHaveProperty("reason", "target_not_found");
    });

    it("of a frame that is at fault itself throws, and the target stays", async () => {
      await using hub = makeHub();
      join(hub, "alice", { send: refuse("too_large") });
      const error = await rejectionOf((async () => hub.send(id("alice"), frame))());
      expect(error.code).toBe("too_large");
      expect(hub.get(id("alice"))).toBeDefined();
      expect(hub.stats().messagesDropped).toBe(1);
    });
  });

  describe("sending to many", () => {
    it("reaches each once, whatever becomes of the others", async () => {
      await using hub = makeHub();
      const alice = join(hub, "alice");
      join(hub, "bob", { send: evict });
      const carol = join(hub, "carol");
      const targets = ["alice", "bob", "nobody", "carol", "alice"].map(id);
      const deliveries = await hub.sendMany(targets, frame);
      expect(Array.from(deliveries)).toStrictEqual([
        ["alice", { status: "sent" }],
        ["bob", { status: "undeliverable", reason: "slow_consumer" }],
        ["nobody", { status: "undeliverable", reason: "target_not_found" }],
        ["carol", { status: "sent" }],
      ]);
      expect([alice.received, carol.received]).toStrictEqual([["é1"], ["é1"]]);
    });

    it("tries all of them before it throws", async () => {
      await using hub = makeHub();
      join(hub, "alice", { send: refuse("too_large") });
      const bob = join(hub, "bob");
      const error = await rejectionOf(hub.sendMany(["alice", "bob"].map(id), frame));
      expect(error.code).toBe("too_large");
      expect(bob.received).toStrictEqual(["é1"]);
    });
  });

  describe("a broadcast", () => {
    it("reaches everybody but one, and returns to how many", async () => {
      await using hub = makeHub();
      const everybody = ["alice", "bob", "carol"].map((name) => join(hub, name));
      expect(await hub.broadcast(frame, { except: id("bob") })).toBe(2);
      expect(await hub.broadcast(Frame.fromText("2"))).toBe(3);
      const received = everybody.map((connection) => connection.received);
      expect(received).toStrictEqual([["é1", "2"], ["2"], ["é1", "2"]]);
    });

    it("is not held up by those who cannot be reached", async () => {
      await using hub = makeHub();
      join(hub, "alice", { send: evict });
      const bob = join(hub, "bob");
      join(hub, "carol", { send: refuse("buffer_full") });
      expect(await hub.broadcast(frame)).toBe(1);
      expect(bob.received).toStrictEqual(["é1"]);
      expect(Array.from(hub.clients(), (client) => client.id)).toStrictEqual(["bob", "carol"]);
    });

    it("tries all of them before it throws", async () => {
      await using hub = makeHub();
      join(hub, "alice", { send: refuse("too_large") });
      const bob = join(hub, "bob");
      expect((await rejectionOf(hub.broadcast(frame))).code).toBe("too_large");
      expect(bob.received).toStrictEqual(["é1"]);
    });

    it("to an empty hub reaches nobody", async () => {
      await using hub = makeHub();
      expect(await hub.broadcast(frame)).toBe(0);
    });
  });

  describe("the statistics", () => {
    it("count each frame for each client, in UTF-8 bytes", async () => {
      await using hub = makeHub();
      join(hub, "alice");
      join(hub, "bob", { send: refuse("buffer_full") });
      await hub.send(id("alice"), frame);
      await hub.send(id("nobody"), frame);
      await hub.sendMany(["alice", "bob"].map(id), frame);
      await hub.broadcast(frame);
      expect(hub.stats()).toMatchObject({
        connectedClients: 2,
        messagesIn: 6,
        messagesOut: 3,
        messagesDropped: 3,
        bytesIn: 18,
        bytesOut: 9,
      });
    });
  });
}
