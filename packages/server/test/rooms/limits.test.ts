import { failOnLeaks } from "@conic/internal-testing";
import { parseClientId } from "@conic/domain";
import { parseRoomName, type RoomName } from "@conic/protocol";
import { describe, expect, it } from "vitest";
import { createSignalingServer, type Grant } from "../../src/index.js";
import { resolveRoomLimits } from "../../src/rooms/limits.js";
import { RoomRegistry } from "../../src/rooms/registry.js";
import type { TestClient } from "../support/client.js";
import { memoryWorld } from "../support/host.js";

failOnLeaks();

const room = (i: number): RoomName => parseRoomName(`room-${i}`);
const client = (i: number) => parseClientId(`client-${i}`);

async function refusal(from: TestClient, Room: string): Promise<unknown> {
  from.send("join", { Room });
  return (await from.expect("error")).body;
}

describe("the limits of rooms", () => {
  it("are 10,000 rooms, 16 of one client, 256 members", () => {
    expect(resolveRoomLimits({}, 65_536)).toEqual({
      maxRooms: 10_000,
      maxRoomsPerClient: 16,
      maxRoomMembers: 256,
    });
    const registry = new RoomRegistry(resolveRoomLimits({}, 65_536));
    for (let i = 0; i < 16; i += 1) registry.join(client(0), room(i));
    expect(registry.join(client(0), room(16)).status).toBe("refused");
    for (let i = 1; i < 256; i += 1) {
      expect(registry.join(client(i), room(0)).status).toBe("joined");
    }
    expect(registry.join(client(256), room(0)).status).toBe("refused");
    for (let i = 16; i < 10_000; i += 1) {
      expect(registry.join(client(i), room(i)).status).toBe("joined");
    }
    expect(registry.size).toBe(10_000);
    expect(registry.join(client(10_000), room(10_000)).status).toBe("refused");
    expect(registry.join(client(10_000), room(9_999)).status).toBe("joined");
  });

  it.each([
    { maxRooms: 0 },
    { maxRoomsPerClient: 1.5 },
    { maxRoomMembers: -1 },
    { maxRoomMembers: Number.NaN },
  ])("%j is none", (options) => {
    expect(() => createSignalingServer(options)).toThrowError(
      expect.objectContaining({ code: "invalid_argument" }) as Error,
    );
  });

  it("have members fit in a frame, all with the longest ids", () => {
    const limits = { maxFrameBytes: 2_000 };
    const { maxRoomMembers } = resolveRoomLimits({}, 2_000);
    expect(maxRoomMembers).toBeGreaterThan(10);
    createSignalingServer({ limits, maxRoomMembers });
    expect(() => createSignalingServer({ limits, maxRoomMembers: maxRoomMembers + 1 })).toThrow(
      `maxRoomMembers must be at most ${maxRoomMembers}`,
    );
  });

  it("of a client: another room is refused until it leaves one", async () => {
    await using world = await memoryWorld({ maxRoomsPerClient: 2 });
    const alice = await world.connect();
    await alice.register();
    for (const Room of ["a", "b"]) {
      alice.send("join", { Room });
      await alice.expect("peers");
    }
    expect(await refusal(alice, "c")).toEqual({
      Code: "forbidden",
      Message: "you are in 2 rooms, and may be in no more; leave one first",
    });
    // One that it is in already is no further one.
    alice.send("join", { Room: "a" });
    await alice.expect("peers");
    alice.send("leave", { Room: "a" });
    await alice.expect("leave_response");
    alice.send("join", { Room: "c" });
    await alice.expect("peers");
  });

  it("of members and of rooms are refused in the same words, so that nobody learns which rooms exist", async () => {
    await using world = await memoryWorld({ maxRoomMembers: 1, maxRooms: 1 });
    const alice = await world.connect();
    await alice.register();
    alice.send("join", { Room: "full" });
    await alice.expect("peers");
    const bob = await world.connect();
    await bob.register();
    const full = await refusal(bob, "full");
    expect(full).toMatchObject({ Code: "rate_limited" });
    expect(await refusal(bob, "no-such-room")).toEqual(full);
    alice.send("leave", { Room: "full" });
    await alice.expect("leave_response");
    bob.send("join", { Room: "full" });
    await bob.expect("peers");
  });

  it("leaving a room that one is not in is answered as if there were none", async () => {
    await using world = await memoryWorld();
    const alice = await world.connect();
    await alice.register({ ID: "alice" });
    alice.send("join", { Room: "there" });
    await alice.expect("peers");
    const bob = await world.connect();
    await bob.register();
    for (const Room of ["there", "nowhere"]) {
      bob.send("leave", { Room }, "1");
      const answer = await bob.next();
      expect(answer).toEqual({ type: "leave_response", id: "1", body: { Room } });
    }
    expect(await alice.roundTrip()).toEqual([]);
  });
});

describe("S23 a token that names rooms", () => {
  it("lets into these alone, whether they exist or not", async () => {
    const grants: Record<string, Grant> = {
      some: { rooms: ["lobby", "team:*"] },
      none: { may: ["call"] },
    };
    await using world = await memoryWorld({ authenticate: ({ token = "" }) => grants[token] });
    const alice = await world.connect();
    await alice.register();
    alice.send("join", { Room: "secret" });
    await alice.expect("peers");
    const bob = await world.connect();
    await bob.register({ Token: "some" });
    for (const Room of ["lobby", "team:a"]) {
      bob.send("join", { Room });
      expect((await bob.expect("peers")).body.Peers).toEqual([]);
    }
    const refused = await refusal(bob, "secret");
    expect(refused).toMatchObject({ Code: "forbidden" });
    expect(await refusal(bob, "no-such-room")).toEqual(refused);
    const carol = await world.connect();
    await carol.register({ Token: "none" });
    expect(await refusal(carol, "lobby")).toMatchObject({ Code: "forbidden" });
  });

  it("takes its holder out of the rooms that the next token does not name", async () => {
    const grants: Record<string, Grant> = { wide: { rooms: ["a", "b"] }, narrow: { rooms: ["b"] } };
    await using world = await memoryWorld({ authenticate: ({ token = "" }) => grants[token] });
    const clients: TestClient[] = [];
    for (const ID of ["alice", "bob"]) {
      const next = await world.connect();
      await next.register({ ID, Token: "wide" });
      for (const Room of ["a", "b"]) {
        next.send("join", { Room });
        await next.expect("peers");
      }
      clients.push(next);
    }
    const [alice, bob] = clients;
    if (alice === undefined || bob === undefined) throw new Error("there are two");
    await alice.expect("peer_joined");
    await alice.expect("peer_joined");
    await bob.register({ Token: "narrow" });
    expect(await bob.next()).toEqual({ type: "leave_response", body: { Room: "a" } });
    expect(await alice.next()).toEqual({ type: "peer_left", body: { Room: "a", ID: "bob" } });
    expect(await alice.roundTrip()).toEqual([]);
  });
});
