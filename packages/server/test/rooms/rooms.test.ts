import { failOnLeaks } from "@conic/internal-testing";
import { ConicError, type Frame } from "@conic/domain";
import { parseRoomName } from "@conic/protocol";
import { describe, expect, it } from "vitest";
import { memoryPair } from "@conic/transport";
import { ids, TestClient } from "../support/client.js";
import { memoryWorld, worlds, type World } from "../support/host.js";
import { customHub } from "../support/hubs.js";

failOnLeaks();

const Room = parseRoomName("standup");

async function member(world: World, id: string, room: string = Room): Promise<TestClient> {
  const client = await world.connect();
  await client.register({ ID: id });
  client.send("join", { Room: room });
  await client.expect("peers");
  return client;
}

describe.each(worlds)("a room, %s", (_kind, create) => {
  it("tells who joins of the others, and the others of it, each once", async () => {
    await using world = await create();
    const alice = await member(world, "alice");
    const bob = await world.connect();
    await bob.register({ ID: "bob" });
    bob.send("join", { Room, ID: "bob" }, "7");
    const peers = await bob.next();
    expect(peers).toEqual({ type: "peers", id: "7", body: { Room, Peers: ["alice"] } });
    const joined = { type: "peer_joined", body: { Room, ID: "bob" } };
    expect(await alice.next()).toEqual(joined);
    expect(await alice.roundTrip()).toEqual([]);
    expect(await bob.roundTrip()).toEqual([]);
    expect(world.server.stats().rooms).toBe(1);
  });

  it("answers who joins again with who is there now, and tells nobody", async () => {
    await using world = await create();
    const alice = await member(world, "alice");
    const bob = await member(world, "bob");
    await alice.expect("peer_joined");
    alice.send("join", { Room });
    expect((await alice.expect("peers")).body.Peers).toEqual(["bob"]);
    expect(await bob.roundTrip()).toEqual([]);
  });

  it("is left by leave, by unregister, by a close and by a take-over", async () => {
    await using world = await create();
    const alice = await member(world, "alice");
    const left = { type: "peer_left", body: { Room, ID: "bob" } };

    const bob = await member(world, "bob");
    await alice.expect("peer_joined");
    bob.send("leave", { Room }, "8");
    expect(await bob.next()).toEqual({ type: "leave_response", id: "8", body: { Room } });
    expect(await alice.next()).toEqual(left);

    bob.send("join", { Room });
    await bob.expect("peers");
    await alice.expect("peer_joined");
    bob.send("unregister");
    await bob.expect("unregister_response");
    expect(await alice.next()).toEqual(left);

    const { Resume } = await bob.register({ ID: "bob" });
    bob.send("join", { Room });
    await bob.expect("peers");
    await alice.expect("peer_joined");
    const again = await world.connect();
    await again.register({ ID: "bob", Resume });
    expect(await alice.next()).toEqual(left);
    again.send("join", { Room });
    expect((await again.expect("peers")).body.Peers).toEqual(["alice"]);
    await alice.expect("peer_joined");
    await again.connection.close();
    expect(await alice.next()).toEqual(left);
    expect(world.server.stats().rooms).toBe(1);
  });

  it("is left when the connection breaks off", async () => {
    await using world = await create();
    const alice = await member(world, "alice");
    const bob = await member(world, "bob");
    await alice.expect("peer_joined");
    bob.connection.abort(new ConicError("aborted", "gone"));
    expect((await alice.expect("peer_left")).body.ID).toBe("bob");
  });
});

describe("a room", () => {
  it("does not exist any more when the last one has left", async () => {
    await using world = await memoryWorld();
    const alice = await member(world, "alice");
    alice.send("leave", { Room });
    await alice.expect("leave_response");
    expect(world.server.stats().rooms).toBe(0);
  });

  it("asks for a registration, and for the own id", async () => {
    await using world = await memoryWorld();
    const alice = await world.connect();
    for (const type of ["join", "leave"]) {
      alice.send(type, { Room });
      expect(await alice.refusal()).toBe("not_registered");
    }
    await alice.register({ ID: "alice" });
    for (const type of ["join", "leave"]) {
      alice.send(type, { Room, ID: "bob" });
      expect(await alice.refusal()).toBe("forbidden");
    }
    expect(world.server.stats().rooms).toBe(0);
  });

  it("tells members of other rooms nothing", async () => {
    await using world = await memoryWorld();
    const alice = await member(world, "alice", "a");
    await member(world, "bob", "b");
    expect(await alice.roundTrip()).toEqual([]);
  });

  it("hands one frame to all members", async () => {
    const frames: Frame[] = [];
    const hub = customHub((inner) => ({
      send: (to, frame) => {
        frames.push(frame);
        return inner.send(to, frame);
      },
    }));
    await using world = await memoryWorld({ hub });
    for (let i = 0; i < 5; i += 1) await member(world, `member-${i}`);
    frames.length = 0;
    await member(world, "last");
    expect(frames).toHaveLength(5);
    expect(new Set(frames).size).toBe(1);
  });

  it("tells the others when one of them cannot be told", async () => {
    const hub = customHub((inner) => ({
      send: (to, frame) => {
        if (to === ids.bob) throw new ConicError("internal", "broken");
        if (to === ids.carol) return Promise.reject(new ConicError("internal", "broken later"));
        return inner.send(to, frame);
      },
    }));
    await using world = await memoryWorld({ hub });
    await member(world, "bob");
    await member(world, "carol");
    const alice = await member(world, "alice");
    await member(world, "dave");
    expect((await alice.expect("peer_joined")).body.ID).toBe("dave");
  });

  it("is not entered by who cannot be answered: the others are told neither that it came nor that it left", async () => {
    await using world = await memoryWorld();
    const alice = await member(world, "alice");
    const [near, far] = memoryPair();
    const deaf = new Proxy(far, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key, target);
        if (key === "send") {
          return (frame: Frame): boolean => {
            if (frame.text.includes('"peers"'))
              throw new ConicError("closed", "it has just closed");
            return target.send(frame);
          };
        }
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
    world.server.handleConnection(deaf);
    const bob = new TestClient(near);
    await bob.register({ ID: "bob" });
    bob.send("join", { Room });
    await bob.closed;
    expect(await alice.roundTrip()).toEqual([]);
    alice.send("leave", { Room });
    await alice.expect("leave_response");
    expect(world.server.stats().rooms).toBe(0);
  });

  it("tells nobody of the others when the server closes", async () => {
    const sent: Frame[] = [];
    const hub = customHub((inner) => ({
      send: (to, frame) => {
        sent.push(frame);
        return inner.send(to, frame);
      },
    }));
    await using world = await memoryWorld({ hub });
    await member(world, "alice");
    await member(world, "bob");
    sent.length = 0;
    await world.server.close();
    expect(sent).toEqual([]);
    expect(world.server.stats().rooms).toBe(0);
  });

  it("is not inherited by who gets the id of a client that the hub has let go of", async () => {
    const held = new Map<string, Disposable>();
    const hub = customHub((inner) => ({
      register: (client) => {
        const registration = inner.register(client);
        held.set(client.id, registration);
        return registration;
      },
    }));
    await using world = await memoryWorld({ hub });
    const alice = await member(world, "alice");
    await member(world, "bob");
    await alice.expect("peer_joined");
    held.get("bob")?.[Symbol.dispose]();
    const other = await world.connect();
    await other.register({ ID: "bob" });
    expect((await alice.expect("peer_left")).body.ID).toBe("bob");
    await member(world, "carol");
    expect(await other.roundTrip()).toEqual([]);
  });
});
