import type { ConicError } from "@conic/domain";
import { failOnLeaks } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import type { Room, RoomEvent } from "../../src/index.js";
import { next, untilState, World } from "../world.js";

const named = (event: RoomEvent): string => `${event.type} ${event.id}`;

async function peersOf(room: Room, ids: readonly string[]): Promise<void> {
  await expect.poll(() => [...room.peers].toSorted(), { interval: 5 }).toEqual(ids);
}

describe("a room", () => {
  failOnLeaks();

  it("tells who is there, who comes and who goes", async () => {
    await using world = await World.start();
    const alice = await world.client("alice");
    const bob = await world.client("bob");
    const first = await bob.room("standup");
    expect([first.name, first.state, first.peers]).toEqual(["standup", "joined", []]);
    const room = await alice.room("standup");
    expect(room.peers).toEqual(["bob"]);
    const events = room[Symbol.asyncIterator]();
    const event = async (): Promise<string> => {
      const { value } = await events.next();
      return value === undefined ? "the end" : named(value);
    };
    expect(await event()).toBe("joined bob");
    const carol = await world.client("carol");
    await carol.room("standup");
    expect(await event()).toBe("joined carol");
    await first.leave();
    expect(await event()).toBe("left bob");
    await carol.close();
    expect(await event()).toBe("left carol");
    await room.leave();
    expect(await event()).toBe("the end");
    expect(world.rooms).toBe(0);
  });

  it("is left by disposing it, twice too, and can be joined again", async () => {
    await using world = await World.start();
    const alice = await world.client("alice");
    {
      await using room = await alice.room("standup");
      await expect(alice.room("standup")).rejects.toMatchObject({ code: "invalid_state" });
      expect(world.rooms).toBe(1);
      await room.leave();
      expect(world.rooms).toBe(0);
    }
    const leaving = (await alice.room("standup")).leave();
    const again = await alice.room("standup");
    await leaving;
    expect([again.state, world.rooms]).toEqual(["joined", 1]);
  });

  it("is refused with what the server says, and leaves nothing behind", async () => {
    await using world = await World.start({ maxRoomsPerClient: 1 });
    const alice = await world.client("alice");
    const faults: ConicError[] = [];
    alice.on("fault", (fault) => faults.push(fault));
    await expect(alice.room("no spaces")).rejects.toMatchObject({ code: "invalid_id" });
    const one = await alice.room("one");
    await expect(alice.room("two")).rejects.toMatchObject({ code: "forbidden" });
    await one.leave();
    expect((await alice.room("two")).state).toBe("joined");
    expect(faults).toEqual([]);
  });

  it("is not joined when the signal fires first", async () => {
    await using world = await World.start();
    const alice = await world.client("alice");
    await world.stopServer();
    await untilState(alice, "reconnecting");
    const stop = new AbortController();
    const joining = alice.room("standup", { signal: stop.signal });
    stop.abort();
    await expect(joining).rejects.toMatchObject({ code: "aborted" });
    await world.startServer();
    await untilState(alice, "registered");
    expect((await alice.room("other")).state).toBe("joined");
    expect(world.rooms).toBe(1);
  });

  it("is joined again by itself when the server was away; who did not come back has left", async () => {
    await using world = await World.start();
    const alice = await world.client("alice");
    const bob = await world.client("bob");
    const carol = await world.client("carol");
    const room = await alice.room("standup");
    const other = await bob.room("standup");
    await carol.room("standup");
    await peersOf(room, ["bob", "carol"]);
    await world.stopServer();
    await Promise.all([alice, bob, carol].map((client) => untilState(client, "reconnecting")));
    expect(room.state).toBe("rejoining");
    expect(room.peers).toEqual(["bob", "carol"]);
    const joining = bob.room("while-away");
    await carol.close();
    await world.startServer();
    await expect.poll(() => [room.state, other.state]).toEqual(["joined", "joined"]);
    await peersOf(room, ["bob"]);
    await peersOf(other, ["alice"]);
    expect((await joining).state).toBe("joined");
    const view = new Set<string>();
    for await (const event of room) {
      if (event.type === "joined") view.add(event.id);
      else view.delete(event.id);
      if (view.size === room.peers.length) break;
    }
    expect([...view]).toEqual(["bob"]);
  });

  it("is over when the server does not let the client in again", async () => {
    await using world = await World.start();
    const alice = await world.client("alice");
    const room = await alice.room("standup");
    const fault = new Promise<ConicError>((resolve) => {
      alice.on("fault", (error) => {
        if (error.code === "forbidden") resolve(error);
      });
    });
    await world.stopServer();
    await untilState(alice, "reconnecting");
    await world.startServer({ authenticate: () => ({ rooms: ["others"] }) });
    await fault;
    await expect(next(room)).rejects.toMatchObject({ code: "forbidden" });
    expect(room.state).toBe("left");
    expect((await alice.room("others")).state).toBe("joined");
  });

  it("leaves members above maxRoomPeers out, with a fault", async () => {
    await using world = await World.start();
    await (await world.client("bob")).room("standup");
    const alice = await world.client("alice", { maxRoomPeers: 1 });
    const room = await alice.room("standup");
    expect(room.peers).toEqual(["bob"]);
    const fault = new Promise<ConicError>((resolve) => {
      alice.on("fault", resolve);
    });
    await (await world.client("carol")).room("standup");
    expect((await fault).code).toBe("buffer_full");
    expect(room.peers).toEqual(["bob"]);
  });

  it("ends with the client", async () => {
    await using world = await World.start();
    const alice = await world.client("alice");
    const room = await alice.room("standup");
    const end = room[Symbol.asyncIterator]().next();
    await alice.close();
    expect((await end).done).toBe(true);
    expect(room.state).toBe("left");
    await room.leave();
    expect(() => room.callAll()).toThrow(/the room is left/);
    await expect(alice.room("standup")).rejects.toMatchObject({ code: "closed" });
  });
});
