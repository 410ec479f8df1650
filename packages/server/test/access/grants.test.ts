import { ConicError, parseClientId } from "@conic/domain";
import { failOnLeaks, FakeClock } from "@conic/internal-testing";
import type { ServerMessage } from "@conic/protocol";
import { describe, expect, it } from "vitest";
import { allowsRoom, resolveGrant } from "../../src/access/grant.js";
import { createTokenAuthenticator, type Grant } from "../../src/index.js";
import { ids, offer } from "../support/client.js";
import { memoryWorld, worlds } from "../support/host.js";
import { hs256, secret } from "./support/tokens.js";

failOnLeaks();

/** A hook that gives what the token says in plain JSON. */
const plain = ({ token }: { readonly token: string | undefined }): Grant => {
  if (token === undefined) throw new ConicError("unauthorized", "no token");
  return JSON.parse(token) as Grant;
};
const grant = (value: Grant): string => JSON.stringify(value);
const inOneHour = (): number => Date.now() + 3_600_000;

describe.each(worlds)("a grant, %s", (_name, createWorld) => {
  it("gives its id, asked for or not, and no other", async () => {
    await using world = await createWorld({ authenticate: plain });
    await using alice = await world.connect();
    const Token = grant({ id: ids.alice });
    alice.send("register", { ID: "bob", Token });
    expect(await alice.refusal()).toBe("forbidden");
    expect((await alice.register({ Token })).ID).toBe("alice");
    alice.send("unregister");
    await alice.expect("unregister_response");
    expect((await alice.register({ ID: "alice", Token })).ID).toBe("alice");
  });

  it("without an id lets the client choose", async () => {
    await using world = await createWorld({ authenticate: plain });
    await using bob = await world.connect();
    expect((await bob.register({ ID: "bob", Token: "{}" })).ID).toBe("bob");
  });

  it.each([
    [["call"], ["sdp", "candidate"]],
    [["relay"], ["data_channel"]],
    [["rooms"], []],
    [[], []],
    [undefined, ["sdp", "candidate", "data_channel"]],
  ] as const)("of %j lets %j through, and nothing else", async (may, allowed) => {
    await using world = await createWorld({ authenticate: plain });
    await using alice = await world.connect();
    await using bob = await world.connect();
    await bob.register({ ID: "bob", Token: "{}" });
    await alice.register({ Token: grant(may === undefined ? {} : { may }) });
    const messages = {
      sdp: { TargetID: "bob", SessionDescription: offer },
      candidate: { TargetID: "bob", Candidate: "" },
      data_channel: { TargetID: "bob", Label: "x", Data: "" },
    };
    for (const [type, raw] of Object.entries(messages)) alice.send(type, raw, type);
    const refused = Object.keys(messages).filter(
      (type) => !(allowed as readonly string[]).includes(type),
    );
    const errors = (await alice.roundTrip()) as ServerMessage<"error">[];
    expect(errors.map(({ id, body }) => [id, body.Code])).toEqual(
      refused.map((type) => [type, "forbidden"]),
    );
    expect((await bob.roundTrip()).map(({ type }) => type)).toEqual(allowed);
  });
});

describe("the end of a grant", () => {
  it("closes the connection: told unauthorized, closed with 4501, the id free", async () => {
    const clock = new FakeClock();
    await using world = await memoryWorld({ authenticate: plain, clock });
    await using alice = await world.connect();
    await alice.register({ ID: "alice", Token: grant({ expiresAt: inOneHour() }) });
    clock.advance(3_599_000);
    expect(await alice.roundTrip()).toEqual([]);
    clock.advance(1000);
    expect(await alice.refusal()).toBe("unauthorized");
    expect(await alice.closed).toMatchObject({ code: 4501, reason: "unauthorized" });
    expect(world.server.stats()).toMatchObject({ registered: 0, errorsSent: { unauthorized: 1 } });
    expect(clock.pending).toBe(0);
  });

  it("is put off by another token: same id, same secret, nothing lost", async () => {
    const clock = new FakeClock();
    await using world = await memoryWorld({ authenticate: plain, clock });
    await using alice = await world.connect();
    const expiresAt = inOneHour();
    const first = await alice.register({ Token: grant({ id: ids.alice, may: [], expiresAt }) });
    const later = grant({ id: ids.alice, may: ["relay"], expiresAt: expiresAt + 3_600_000 });
    expect(await alice.register({ Token: later })).toEqual(first);
    alice.send("data_channel", { TargetID: "alice", Label: "x", Data: "" });
    await alice.expect("data_channel");
    clock.advance(3_600_000);
    expect(await alice.roundTrip()).toEqual([]);
    clock.advance(3_600_000);
    expect((await alice.closed).code).toBe(4501);
  });

  it("is not put off by a token for another id, nor by asking for one", async () => {
    await using world = await memoryWorld({ authenticate: plain });
    await using alice = await world.connect();
    await alice.register({ Token: grant({ id: ids.alice }) });
    alice.send("register", { Token: grant({ id: ids.bob }) });
    expect(await alice.refusal()).toBe("forbidden");
    alice.send("register", { ID: "bob", Token: grant({ id: ids.bob }) });
    expect(await alice.refusal()).toBe("already_registered");
    alice.send("register", {});
    expect(await alice.refusal()).toBe("already_registered");
    expect(world.server.stats().registered).toBe(1);
  });

  it("comes at once with a wrong token, in spite of the good one before", async () => {
    await using world = await memoryWorld({
      authenticate: createTokenAuthenticator({ keys: { secret } }),
    });
    await using alice = await world.connect();
    const exp = Math.floor(Date.now() / 1000) + 60;
    await alice.register({ Token: hs256({ sub: "alice", exp }) });
    alice.send("register", { Token: "guess" });
    expect(await alice.refusal()).toBe("unauthorized");
    expect((await alice.closed).code).toBe(4501);
  });

  it("that is past already is no grant", async () => {
    await using world = await memoryWorld({ authenticate: plain });
    await using alice = await world.connect();
    alice.send("register", { Token: grant({ expiresAt: Date.now() }) });
    expect(await alice.refusal()).toBe("unauthorized");
    expect((await alice.closed).code).toBe(4501);
  });

  it("may be further off than a timer can wait", async () => {
    const clock = new FakeClock();
    await using world = await memoryWorld({ authenticate: plain, clock });
    await using alice = await world.connect();
    const days = 86_400_000;
    await alice.register({ Token: grant({ expiresAt: Date.now() + 60 * days }) });
    // A busy machine may be late to hear of it.
    clock.advance(60 * days - 60_000);
    expect(await alice.roundTrip()).toEqual([]);
    clock.advance(60_000);
    expect((await alice.closed).code).toBe(4501);
  });

  it("leaves no timer behind, however the connection ends", async () => {
    const clock = new FakeClock();
    await using world = await memoryWorld({ authenticate: plain, clock });
    await using alice = await world.connect();
    await using bob = await world.connect();
    for (const client of [alice, bob]) {
      await client.register({ Token: grant({ expiresAt: inOneHour() }) });
    }
    expect(clock.pending).toBe(2);
    await bob.connection.close();
    expect(clock.pending).toBe(1);
    alice.send("unregister");
    await alice.expect("unregister_response");
    clock.advance(10_000);
    expect((await alice.closed).code).toBe(4002);
    expect(clock.pending).toBe(0);
  });
});

describe("TURN credentials", () => {
  const turn = { urls: ["turn:turn.example.net:3478"], secret: "shared" };
  const iceServers = [{ urls: "stun:stun.example.net:3478" }];

  it("are for one client each, beside the servers of all", async () => {
    await using world = await memoryWorld({ turn, iceServers });
    await using alice = await world.connect();
    await using bob = await world.connect();
    const [a, b] = [await alice.register({ ID: "alice" }), await bob.register({ ID: "bob" })];
    for (const { ID, ICEServers } of [a, b]) {
      expect(ICEServers).toEqual([
        ...iceServers,
        {
          urls: turn.urls,
          username: expect.stringMatching(new RegExp(`^\\d{10}:${ID}$`)) as string,
          credential: expect.stringMatching(/^[\w+/]{27}=$/) as string,
        },
      ]);
    }
    expect(a.ICEServers[1]?.credential).not.toBe(b.ICEServers[1]?.credential);
  });

  it("end with the grant, and are not for those who may not call", async () => {
    await using world = await memoryWorld({ authenticate: plain, turn });
    await using alice = await world.connect();
    const expiresAt = (Math.floor(Date.now() / 1000) + 60) * 1000;
    const { ICEServers } = await alice.register({ Token: grant({ expiresAt, id: ids.alice }) });
    expect(ICEServers[0]?.username).toBe(`${expiresAt / 1000}:alice`);
    const none = await alice.register({ Token: grant({ may: ["relay", "rooms"] }) });
    expect(none.ICEServers).toEqual([]);
  });
});

describe("rooms", () => {
  it.each<[Grant, string, boolean]>([
    [{}, "hall", true],
    [{ may: ["rooms"] }, "hall", true],
    [{ may: ["call"] }, "hall", false],
    [{ may: [], rooms: ["hall"] }, "hall", false],
    [{ rooms: [] }, "hall", false],
    [{ rooms: ["hall"] }, "hall", true],
    [{ rooms: ["hall"] }, "hall2", false],
    [{ rooms: ["hall"] }, "Hall", false],
    [{ rooms: ["team-*"] }, "team-7", true],
    [{ rooms: ["team-*"] }, "team-", true],
    [{ rooms: ["team-*"] }, "team", false],
    [{ rooms: ["te*m"] }, "team", false],
    [{ rooms: ["*"] }, "anything", true],
  ])("with %j, %s: %s", (value, room, allowed) => {
    expect(allowsRoom(resolveGrant(value), room)).toBe(allowed);
  });
});

it("an id of the longest and oddest kind fits in a TURN user", async () => {
  const id = parseClientId(`room:a@b~.-_${"x".repeat(52)}`);
  await using world = await memoryWorld({ turn: { urls: ["turn:h"], secret: "s" } });
  await using alice = await world.connect();
  const { ICEServers } = await alice.register({ ID: id });
  expect(ICEServers[0]?.username?.slice(11)).toBe(id);
});
