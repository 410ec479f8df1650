import { AsyncQueue, ConicError, deferred, parseClientId } from "@conic/domain";
import type { RoomEvent } from "@conic/client";
import type { PeerConnection } from "@conic/webrtc";
import { describe, expect, it } from "vitest";
import type { ChatEvent } from "../src/chat/events.js";
import { ChatRooms, type ChatRoom } from "../src/chat/rooms.js";

/** A connection as far as a room looks at it. */
function connectionTo(id: string): PeerConnection & { readonly ended: () => boolean } {
  const closed = deferred<unknown>();
  const connection: unknown = {
    remoteId: parseClientId(id),
    closed: closed.promise,
    ended: () => closed.settled,
    close: () => {
      closed.resolve(undefined);
      return Promise.resolve();
    },
  };
  return connection as PeerConnection & { readonly ended: () => boolean };
}

class FakeRoom {
  readonly peers: ReturnType<typeof parseClientId>[] = [];
  readonly events = new AsyncQueue<RoomEvent>({ maxItems: 16 });
  readonly connections = new AsyncQueue<PeerConnection>({ maxItems: 16 });
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  join(connection: PeerConnection): void {
    const { remoteId: id } = connection;
    this.peers.push(id);
    this.events.push({ type: "joined", id });
    this.connections.push(connection);
  }

  get room(): ChatRoom {
    return {
      name: this.#name as ChatRoom["name"],
      peers: this.peers,
      callAll: () => ({
        settled: () => Promise.resolve(),
        [Symbol.asyncIterator]: () => this.connections[Symbol.asyncIterator](),
      }),
      leave: () => {
        this.events.end();
        this.connections.end();
        return Promise.resolve();
      },
      [Symbol.asyncIterator]: () => this.events[Symbol.asyncIterator](),
    };
  }
}

function chat(): {
  readonly rooms: ChatRooms;
  readonly events: ChatEvent[];
  readonly met: string[];
  readonly a: FakeRoom;
  readonly b: FakeRoom;
} {
  const fakes = { a: new FakeRoom("a"), b: new FakeRoom("b") };
  const events: ChatEvent[] = [];
  const met: string[] = [];
  const rooms = new ChatRooms({
    client: {
      id: "bob",
      room: (name) =>
        name === "a" || name === "b"
          ? Promise.resolve(fakes[name].room)
          : Promise.reject(new ConicError("forbidden", "not that one")),
    },
    report: (event) => void events.push(event),
    connected: ({ remoteId }, opens) => void met.push(`${remoteId}${opens ? " opens" : ""}`),
  });
  return { rooms, events, met, ...fakes };
}

describe("the rooms of a chat", () => {
  it("take plain lines: the one that was joined or turned to last", async () => {
    const { rooms } = chat();
    expect(rooms.current).toBe(undefined);
    await rooms.join("a", {});
    await rooms.join("b", {});
    expect(rooms.current).toBe("b");
    await rooms.join("a", {});
    expect([rooms.current, rooms.names]).toEqual(["a", ["a", "b"]]);
    await expect(rooms.join("c", {})).rejects.toMatchObject({ code: "forbidden" });
    expect(rooms.current).toBe("a");
    rooms.turnAway();
    expect([rooms.current, rooms.members()]).toEqual([undefined, []]);
    await rooms.leave("b", {});
    await expect(rooms.leave("b", {})).rejects.toMatchObject({ code: "invalid_argument" });
  });

  it("have one of two open the channel", async () => {
    const { rooms, a, met, events } = chat();
    await rooms.join("a", {});
    a.join(connectionTo("alice"));
    a.join(connectionTo("carol"));
    await rooms.settled({});
    expect(met).toEqual(["alice", "carol opens"]);
    expect(rooms.members()).toEqual(["alice", "carol"]);
    expect(events).toEqual([
      { event: "room", room: "a", state: "joined" },
      { event: "member", room: "a", peer: "alice", state: "joined" },
      { event: "member", room: "a", peer: "carol", state: "joined" },
    ]);
  });

  it("end the connections that were there for the room alone when it is left", async () => {
    const { rooms, a, b, events } = chat();
    await rooms.join("a", {});
    await rooms.join("b", {});
    const [alice, carol] = [connectionTo("alice"), connectionTo("carol")];
    a.join(alice);
    a.join(carol);
    b.join(carol);
    await rooms.settled({});
    await rooms.leave("a", {});
    expect([alice.ended(), carol.ended()]).toEqual([true, false]);
    expect(rooms.rows()).toEqual([{ room: "b", peer: "carol" }]);
    expect(events.at(-1)).toEqual({ event: "room", room: "a", state: "left" });
  });

  it("are over when the server does not let this side in again", async () => {
    const { rooms, a, events } = chat();
    await rooms.join("a", {});
    a.events.end(new ConicError("forbidden", "no more"));
    await expect.poll(() => events.at(-1)).toEqual({ event: "room", room: "a", state: "left" });
    expect(events.at(-2)).toEqual({ event: "error", code: "forbidden", message: "no more" });
    expect([rooms.current, rooms.names]).toEqual([undefined, []]);
  });
});
