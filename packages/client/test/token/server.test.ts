import type { ConicError } from "@conic/domain";
import { failOnLeaks, FakeClock, openTcpProxy, whileItLasts } from "@conic/internal-testing";
import { createTokenAuthenticator, mintToken } from "@conic/server";
import { createWeriftEngine, type Engine, type IceServerSource } from "@conic/webrtc";
import { describe, expect, it } from "vitest";
import { connect, type ConicClient, type TokenReason } from "../../src/index.js";
import { next, untilState, World } from "../world.js";

const secret = new TextEncoder().encode("a secret of thirty-two bytes, and a little more");
const turn = { urls: ["turn:127.0.0.1:9"], secret: "shared", ttlS: 60 };

const brief = (): Promise<string> => mintToken({ secret, ttlS: 2 });

/** A server that wants tokens; they end so many seconds late. */
function strict(clockToleranceS = 0): Promise<World> {
  const authenticate = createTokenAuthenticator({ keys: { secret }, clockToleranceS });
  return World.start({ authenticate, turn });
}

/** Resolves when the client has been given other TURN credentials than these. */
async function otherThan(client: ConicClient, servers: ConicClient["iceServers"]): Promise<void> {
  await expect.poll(() => client.iceServers).not.toBe(servers);
}

describe("a server that wants tokens", () => {
  failOnLeaks();

  it("keeps id, room and data channel of a client through three renewals", async () => {
    await using world = await strict(5);
    const reasons: TokenReason[] = [];
    const alice = await world.client("alice", {
      token: ({ reason }) => {
        reasons.push(reason);
        return mintToken({ secret, ttlS: 2, id: "alice" as ConicClient["id"] });
      },
    });
    const ttlS = 60;
    const bob = await world.client("bob", { token: () => mintToken({ secret, ttlS }) });
    const states: string[] = [];
    alice.on("statechange", (state) => states.push(state));
    const there = await bob.room("standup");
    const here = await alice.room("standup");
    const calling = alice.call("bob");
    const far = (await next(bob.incoming())).accept();
    const channel = (await calling).createDataChannel("chat");
    const heard = await next(far.dataChannels());
    await channel.opened;
    for (let round = 1; round <= 3; round += 1) {
      await otherThan(alice, alice.iceServers);
      channel.send(`round ${round}`);
      expect(await next(heard)).toBe(`round ${round}`);
    }
    // On a slow machine, one more may have come by now.
    expect(reasons.slice(0, 4)).toEqual(["connect", "renew", "renew", "renew"]);
    expect([states, alice.id, here.state, here.peers, there.peers]).toEqual([
      [],
      "alice",
      "joined",
      ["bob"],
      ["alice"],
    ]);
    expect(far.connectionState).toBe("connected");
    // They end with the token, and not in a minute.
    const [user] = alice.iceServers.map(({ username = "" }) => username);
    expect(Number(user?.split(":")[0]) * 1000 - Date.now()).toBeLessThanOrEqual(7_000);
  });

  it("counts renewals among the messages of a session: a drop behind one loses nothing", async () => {
    await using world = await strict(5);
    await using proxy = await openTcpProxy(Number(new URL(world.url).port));
    const backoff = { initialMs: 5, maxMs: 20 };
    const url = `ws://127.0.0.1:${proxy.port}/ws`;
    await using alice = await connect(url, { id: "alice", token: brief, backoff });
    const bob = await world.client("bob", { token: () => mintToken({ secret, ttlS: 60 }) });
    const faults: ConicError[] = [];
    alice.on("fault", (error) => faults.push(error));
    let sent = 0;
    const say = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i += 1, sent += 1) {
        await alice.relay("bob", String(sent), new Uint8Array());
        await bob.relay("alice", String(sent), new Uint8Array());
      }
    };
    for (let round = 0; round < 2; round += 1) {
      await say(3);
      await otherThan(alice, alice.iceServers);
      await say(3);
      const away = untilState(alice, "reconnecting");
      proxy.cut();
      await away;
      await say(3);
      await untilState(alice, "registered");
    }
    for (const client of [alice, bob]) {
      for (let i = 0; i < sent; i += 1)
        expect((await next(client.relayed())).label).toBe(String(i));
    }
    expect(faults.map(({ code }) => code).filter((code) => code !== "closed")).toEqual([]);
  });

  it("ends a client whose one token has ended, and says so", () =>
    whileItLasts([1_000, 10_000], async (validity) => {
      await using world = await strict();
      validity.begin();
      const token = await mintToken({ secret, ttlS: validity.ms / 1000 });
      const alice = await world.client("alice", { token });
      validity.done();
      const { error } = await alice.closed;
      expect(error).toMatchObject({ code: "unauthorized", details: { reason: "token_ended" } });
      expect(error?.message).toContain("expired");
    }));

  it("has a client back whose function gives a new one, after the old one has ended", () =>
    whileItLasts([1_000, 10_000], async (validity) => {
      await using world = await strict();
      let calls = 0;
      validity.begin();
      const alice = await world.client("alice", {
        token: ({ reason }) => {
          calls += 1;
          if (calls === 2) throw new Error(`nobody is there to ${reason}`);
          return mintToken({ secret, ttlS: calls === 1 ? validity.ms / 1000 : 60 });
        },
      });
      validity.done();
      await untilState(alice, "reconnecting");
      await untilState(alice, "registered");
      expect([alice.id, calls, world.registered]).toEqual(["alice", 3, 1]);
    }));

  it("refuses a wrong token, and one that is for another id", async () => {
    await using world = await strict();
    let calls = 0;
    const guess = (): string => {
      calls += 1;
      return "guess";
    };
    await expect(world.client("alice", { token: guess })).rejects.toMatchObject({
      code: "unauthorized",
      details: { reason: "token_refused" },
    });
    expect(calls).toBe(2);
    const token = await mintToken({ secret, ttlS: 60, id: "bob" as ConicClient["id"] });
    await expect(world.client("alice", { token })).rejects.toMatchObject({ code: "forbidden" });
    await expect(world.client("alice")).rejects.toMatchObject({
      details: { reason: "token_missing" },
    });
  });
});

describe("a server that makes TURN credentials and wants no token", () => {
  failOnLeaks();

  it("gives new ones to a client that stays, for a restart of ICE in calls that stand, too", async () => {
    await using world = await World.start({ turn });
    const clock = new FakeClock();
    const sources: IceServerSource[] = [];
    const engine: Engine = {
      open: (options, events) => {
        sources.push(options.iceServers);
        return createWeriftEngine().open({ ...options, iceServers: [] }, events);
      },
    };
    const alice = await world.client("alice", { clock, peer: { engine } });
    const bob = await world.client("bob", { peer: { engine } });
    const calling = alice.call("bob");
    (await next(bob.incoming())).accept();
    await calling;
    const first = alice.iceServers;
    expect(first[0]).toMatchObject({ username: expect.stringMatching(/^\d+:alice$/) as string });
    clock.advance(52_000);
    await otherThan(alice, first);
    expect(alice.iceServers[0]).toMatchObject({ urls: turn.urls });
    expect([alice.state, world.registered]).toEqual(["registered", 2]);
    const [source] = sources;
    expect(typeof source === "function" ? source() : source).toBe(alice.iceServers);
  });

  it("gives none of its own to whoever renews for nothing: without them nothing is asked", async () => {
    await using world = await World.start({ iceServers: [{ urls: "stun:127.0.0.1:9" }] });
    const clock = new FakeClock();
    const alice = await world.client("alice", { clock, token: "not asked for" });
    await alice.relay("alice", "self", new Uint8Array());
    await next(alice.relayed());
    // The acknowledgement of that message is the one thing that is due.
    expect(clock.pending).toBe(1);
  });
});
