import type { ConicError } from "@conic/domain";
import { failOnLeaks } from "@conic/internal-testing";
import type { PeerConnection } from "@conic/webrtc";
import { describe, expect, it } from "vitest";
import type { ConicClient, RoomCalls } from "../../src/index.js";
import { next, untilState, World } from "../world.js";

/** Whom a client has a connection to, or is setting one up. */
function callsOf(client: ConicClient): string[] {
  return client.peers().map(({ remoteId }) => remoteId);
}

async function take(calls: RoomCalls, count: number): Promise<PeerConnection[]> {
  const taken: PeerConnection[] = [];
  if (count === 0) return taken;
  for await (const connection of calls) if (taken.push(connection) === count) break;
  return taken;
}

describe("calling all of a room", () => {
  failOnLeaks();

  it("connects each member with each other, once, in whatever order they come", async () => {
    await using world = await World.start();
    const members: { client: ConicClient; calls: RoomCalls }[] = [];
    for (const id of ["bob", "alice", "carol"]) {
      const client = await world.client(id);
      members.push({ client, calls: (await client.room("standup")).callAll() });
    }
    const taken = await Promise.all(members.map(({ calls }) => take(calls, 2)));
    for (const [i, connections] of taken.entries()) {
      const own = members[i]?.client;
      const others = members.flatMap(({ client }) => (client === own ? [] : [client.id]));
      const remote = connections.map(({ remoteId }) => remoteId);
      expect(remote.toSorted()).toEqual(others.toSorted());
      expect(own?.peers()).toHaveLength(2);
      expect(connections.every((one) => one.connectionState === "connected")).toBe(true);
    }
    const [first] = taken[0] ?? [];
    const channel = first?.createDataChannel("chat");
    await channel?.opened;
    channel?.send("to all");
    const far = taken
      .flat()
      .find((one) => one.localId === first?.remoteId && one.remoteId === "bob");
    if (far === undefined) throw new Error("there is the other end");
    expect(await next(await next(far.dataChannels()))).toBe("to all");
  });

  it("has who came later call, and the other one wait", async () => {
    await using world = await World.start();
    const alice = await world.client("alice");
    const bob = await world.client("bob");
    const here = (await alice.room("standup")).callAll();
    await bob.room("standup");
    await here.settled();
    expect(callsOf(alice)).toEqual([]);
    expect(callsOf(bob)).toEqual([]);
    const room = await bob.room("other");
    await room.leave();
    const [there] = await Promise.all([bob.call("alice"), take(here, 1)]);
    expect(there.connectionState).toBe("connected");
  });

  it("settles on one connection when two who are in the room begin at once", async () => {
    await using world = await World.start();
    const clients = [await world.client("alice"), await world.client("bob")];
    const rooms = await Promise.all(clients.map((client) => client.room("standup")));
    await expect.poll(() => rooms.map(({ peers }) => peers.length)).toEqual([1, 1]);
    const calls = rooms.map((room) => room.callAll());
    await Promise.all(calls.map((each) => take(each, 1)));
    await Promise.all(calls.map((each) => each.settled()));
    expect(clients.map(callsOf)).toEqual([["bob"], ["alice"]]);
  });

  it("leaves the calls of others to incoming()", async () => {
    await using world = await World.start();
    const alice = await world.client("alice");
    (await alice.room("standup")).callAll();
    const bob = await world.client("bob");
    const calling = bob.call("alice");
    const call = await next(alice.incoming());
    expect(call.remoteId).toBe("bob");
    call.accept();
    await calling;
  });

  it("keeps a connection while the server is away, and gives it once", async () => {
    await using world = await World.start();
    const alice = await world.client("alice");
    const bob = await world.client("bob");
    const room = await alice.room("standup");
    const here = room.callAll();
    const other = await bob.room("standup");
    const there = other.callAll();
    const [connection] = await take(here, 1);
    await take(there, 1);
    await world.stopServer();
    await Promise.all([untilState(alice, "reconnecting"), untilState(bob, "reconnecting")]);
    await world.startServer();
    await expect.poll(() => [room.peers, other.peers]).toEqual([["bob"], ["alice"]]);
    await Promise.all([here.settled(), there.settled()]);
    expect(alice.peers()).toEqual([connection]);
    await room.leave();
    // Nothing else came before the end.
    for await (const again of here) expect(again).toBe(undefined);
    expect(connection?.connectionState).toBe("connected");
  });

  it("connects again with a member that was started anew, at once", async () => {
    await using world = await World.start();
    const alice = await world.client("alice");
    const here = (await alice.room("standup")).callAll();
    const bob = await world.client("bob");
    await take((await bob.room("standup")).callAll(), 1);
    const [before] = await take(here, 1);
    await bob.close();
    const again = await world.client("bob");
    await take((await again.room("standup")).callAll(), 1);
    const [after] = await take(here, 1);
    expect(after).not.toBe(before);
    expect(alice.peers()).toEqual([after]);
  });

  it("tells of a member that cannot be reached, and stops with the signal", async () => {
    await using world = await World.start();
    const bob = await world.client("bob");
    await bob.room("standup");
    const alice = await world.client("alice", { peer: { connectTimeoutMs: 50 } });
    const fault = new Promise<ConicError>((resolve) => {
      alice.on("fault", resolve);
    });
    const stop = new AbortController();
    const room = await alice.room("standup");
    const calls = room.callAll({ signal: stop.signal });
    expect(() => room.callAll()).toThrow(/goes on already/);
    const { code, message, details } = await fault;
    expect([code, details["peer"]]).toEqual(["timeout", "bob"]);
    expect(message).toContain("no connection to bob");
    await calls.settled();
    stop.abort();
    for await (const connection of calls) expect(connection).toBe(undefined);
    room.callAll();
    await room.leave();
    (await next(bob.incoming())).reject();
  });
});
