import { ConicError, type Hub } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { FakeConnection, type FakeBehaviour } from "../fake-connection.js";
import { clientOf, codeOf, rejectionOf, settle } from "../helpers.js";

const gone = new ConicError("closed", "gone");

function join(hub: Hub, name: string, behaviour: FakeBehaviour = {}): FakeConnection {
  const connection = new FakeConnection(behaviour);
  hub.register(clientOf(name, connection));
  return connection;
}

/** Whether the promise is settled, once all that can happen now has happened. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const set = (): void => {
    settled = true;
  };
  promise.then(set, set);
  await settle();
  return settled;
}

export function describeDrain(makeHub: () => Hub): void {
  describe("draining", () => {
    it("closes every connection once with 1001, and leaves nobody registered", async () => {
      const hub = makeHub();
      const alice = join(hub, "alice");
      const bob = join(hub, "bob");
      hub.register(clientOf("second-id-of-bob", bob));
      await hub.drain();
      expect(
        [alice, bob].map(({ closeCalls }) => closeCalls.map(({ code }) => code)),
      ).toStrictEqual([[1001], [1001]]);
      expect(Array.from(hub.clients())).toStrictEqual([]);
    });

    it("closes with the code and reason it is given", async () => {
      const hub = makeHub();
      const alice = join(hub, "alice");
      await hub.drain({ code: 4000, reason: "moving" });
      expect(alice.closeCalls[0]).toMatchObject({ code: 4000, reason: "moving" });
    });

    it("refuses new clients from the moment it is called", async () => {
      const hub = makeHub();
      const draining = hub.drain();
      expect(codeOf(() => hub.register(clientOf("alice")))).toBe("shutting_down");
      await draining;
      expect(codeOf(() => hub.register(clientOf("alice")))).toBe("shutting_down");
    });

    it("waits for all connections, also when it is called again", async () => {
      const hub = makeHub();
      join(hub, "alice");
      const slow = join(hub, "bob", { close: "hang" });
      const first = hub.drain();
      // Whoever unregisters meanwhile is still connected.
      const second = (async () => {
        await settle();
        await hub.drain();
      })();
      expect(await isSettled(first)).toBe(false);
      expect(await isSettled(second)).toBe(false);
      slow.abort(gone);
      await Promise.all([first, second]);
      expect(slow.closeCalls).toHaveLength(1);
    });

    it("waits for a connection whose registration is disposed meanwhile", async () => {
      const hub = makeHub();
      const connection = new FakeConnection({ close: "hang" });
      const registration = hub.register(clientOf("alice", connection));
      const first = hub.drain();
      registration[Symbol.dispose]();
      const second = hub.drain();
      expect([await isSettled(first), await isSettled(second)]).toStrictEqual([false, false]);
      connection.abort(gone);
      await Promise.all([first, second]);
    });

    it("stops waiting when its signal fires, while the closing goes on", async () => {
      const hub = makeHub();
      const slow = join(hub, "alice", { close: "hang" });
      const controller = new AbortController();
      const draining = hub.drain({ signal: controller.signal });
      controller.abort();
      expect((await rejectionOf(draining)).code).toBe("aborted");
      expect(slow.readyState).toBe("closing");
      slow.abort(gone);
      await hub.drain();
    });

    it("does not begin when its signal has fired", async () => {
      await using hub = makeHub();
      const alice = join(hub, "alice");
      const error = await rejectionOf(hub.drain({ signal: AbortSignal.abort() }));
      expect(error.code).toBe("aborted");
      expect(alice.closeCalls).toStrictEqual([]);
      expect(hub.register(clientOf("bob")).active).toBe(true);
    });

    it("cuts off a connection that fails to close", async () => {
      const hub = makeHub();
      const broken = join(hub, "alice", { close: "reject" });
      await hub.drain();
      expect((await broken.closed).error).toMatchObject({ code: "internal" });
    });

    it("waits for the end of a connection that it cut off", async () => {
      const hub = makeHub();
      const broken = join(hub, "alice", { close: "reject", abort: "late" });
      const draining = hub.drain();
      expect(await isSettled(draining)).toBe(false);
      broken.end({ code: 1006, reason: "", wasClean: false });
      await draining;
      expect(Array.from(hub.clients())).toStrictEqual([]);
    });

    it("leaves an unregistered connection to its owner", async () => {
      const hub = makeHub();
      const connection = new FakeConnection();
      hub.register(clientOf("alice", connection))[Symbol.dispose]();
      await hub.drain();
      expect(connection.closeCalls).toStrictEqual([]);
    });

    it("is what disposing does", async () => {
      const hub = makeHub();
      const alice = join(hub, "alice");
      await hub[Symbol.asyncDispose]();
      expect(alice.closeCalls).toHaveLength(1);
      expect(codeOf(() => hub.register(clientOf("bob")))).toBe("shutting_down");
    });
  });
}
