import { ConicError, Frame, type Hub, type Registration } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { evict, FakeConnection } from "../fake-connection.js";
import { clientOf, codeOf, id, settle } from "../helpers.js";

const names = (hub: Hub): string[] => Array.from(hub.clients(), (client) => client.id);
const gone = new ConicError("closed", "gone");

function closeInstead(connection: FakeConnection): never {
  void connection.close();
  throw new ConicError("invalid_state", "closing");
}

/** Every way in which a connection ends. */
const endings: readonly (readonly [string, (connection: FakeConnection) => void])[] = [
  ["closes", (connection) => void connection.close()],
  [
    "is closed by the other end",
    (c) => {
      c.end({ code: 1001, reason: "", wasClean: true });
    },
  ],
  [
    "vanishes",
    (c) => {
      c.end({ code: 1006, reason: "", wasClean: false });
    },
  ],
  [
    "is aborted",
    (connection) => {
      connection.abort(gone);
    },
  ],
];

export function describeRegistration(makeHub: () => Hub): void {
  describe("a registration", () => {
    it("makes a client addressable at once", async () => {
      await using hub = makeHub();
      const client = clientOf("alice");
      const registration = hub.register(client);
      expect(registration).toMatchObject({ client, active: true });
      expect(hub.get(id("alice"))).toBe(client);
      expect(Array.from(hub.clients())).toStrictEqual([client]);
      expect(hub.stats().connectedClients).toBe(1);
    });

    it("of an id that is held is refused at once, for the same connection too", async () => {
      await using hub = makeHub();
      const connection = new FakeConnection();
      const first = hub.register(clientOf("alice", connection));
      expect(codeOf(() => hub.register(clientOf("alice")))).toBe("id_taken");
      expect(codeOf(() => hub.register(clientOf("alice", connection)))).toBe("id_taken");
      expect(first.active).toBe(true);
      expect(hub.get(id("alice"))?.connection).toBe(connection);
    });

    it("is won by exactly one of thousands who ask for it at the same time", async () => {
      await using hub = makeHub();
      const outcomes = await Promise.all(
        Array.from({ length: 5000 }, async (_, i) => {
          await Promise.resolve();
          const client = clientOf(`contested-${i % 5}`);
          return [codeOf(() => hub.register(client)), client] as const;
        }),
      );
      const winners = outcomes.filter(([code]) => code === undefined);
      expect(winners).toHaveLength(5);
      expect(outcomes.filter(([code]) => code === "id_taken")).toHaveLength(4995);
      for (const [, client] of winners) expect(hub.get(client.id)).toBe(client);
    });

    it("ends when it is disposed, and a second time does nothing", async () => {
      await using hub = makeHub();
      const registration = hub.register(clientOf("alice"));
      registration[Symbol.dispose]();
      expect(registration.active).toBe(false);
      expect(hub.get(id("alice"))).toBeUndefined();
      expect(hub.stats().connectedClients).toBe(0);
      const next = hub.register(clientOf("alice"));
      registration[Symbol.dispose]();
      expect(next.active).toBe(true);
      expect(hub.get(id("alice"))).toBe(next.client);
    });

    it.each(endings)("ends when its connection %s", async (_name, end) => {
      await using hub = makeHub();
      const connection = new FakeConnection();
      const registration = hub.register(clientOf("alice", connection));
      const other = hub.register(clientOf("bob"));
      end(connection);
      await settle();
      expect(registration.active).toBe(false);
      expect(names(hub)).toStrictEqual(["bob"]);
      expect(other.active).toBe(true);
    });

    it.each([
      ["evicts it as a slow consumer", evict],
      [
        "says that it is closed",
        () => {
          throw gone;
        },
      ],
    ])("ends at once when sending %s", async (_name, send) => {
      await using hub = makeHub();
      const registration = hub.register(clientOf("alice", new FakeConnection({ send })));
      void hub.send(id("alice"), Frame.fromText("1"));
      expect(registration.active).toBe(false);
      expect(names(hub)).toStrictEqual([]);
    });

    it("ends at once when sending shows that the connection is closing", async () => {
      await using hub = makeHub();
      const connection = new FakeConnection({ send: closeInstead, close: "hang" });
      const registration = hub.register(clientOf("alice", connection));
      await hub.send(id("alice"), Frame.fromText("1"));
      expect(registration.active).toBe(false);
      connection.abort(gone);
    });

    it("is not ended by the late close of the connection that held the id before", async () => {
      await using hub = makeHub();
      const old = new FakeConnection();
      const first = hub.register(clientOf("alice", old));
      first[Symbol.dispose]();
      const next = hub.register(clientOf("alice"));
      old.abort(gone);
      await settle();
      expect(next.active).toBe(true);
      expect(hub.get(id("alice"))).toBe(next.client);
    });

    it("succeeds in the very turn in which the connection that held the id ended", async () => {
      await using hub = makeHub();
      const old = new FakeConnection();
      const first = hub.register(clientOf("alice", old));
      old.abort(gone);
      const next = hub.register(clientOf("alice"));
      await settle();
      expect([first.active, next.active]).toStrictEqual([false, true]);
    });

    it("of a connection that is closing or closed is refused", async () => {
      await using hub = makeHub();
      const closing = new FakeConnection({ close: "hang" });
      void closing.close();
      const closed = new FakeConnection();
      closed.abort(gone);
      expect(codeOf(() => hub.register(clientOf("alice", closing)))).toBe("closed");
      expect(codeOf(() => hub.register(clientOf("alice", closed)))).toBe("closed");
      expect(names(hub)).toStrictEqual([]);
      closing.abort(gone);
    });

    it("leaves nothing behind on a connection that registers again and again", async () => {
      await using hub = makeHub();
      const connection = new FakeConnection();
      let last: Registration | undefined;
      for (let i = 0; i < 1000; i += 1) {
        last?.[Symbol.dispose]();
        last = hub.register(clientOf(i % 2 === 0 ? "alice" : "bob", connection));
      }
      expect(connection.closedReads).toBe(1);
      connection.abort(gone);
      await settle();
      expect(last?.active).toBe(false);
    });
  });
}
