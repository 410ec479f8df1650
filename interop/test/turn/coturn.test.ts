import { connect, type ConicClient } from "@conic/client";
import type { IceServer } from "@conic/domain";
import { createSignalingServer, type SignalingServer, type TurnOptions } from "@conic/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startCoturn, type Coturn } from "../../src/turn/coturn.js";
import { iceServersFor, line } from "../../src/turn/line.js";
import { allocate } from "../../src/turn/stun.js";
import { whileItLasts } from "../../../internal/testing/src/haste.js";

const secret = "north of the river";
const otherSecret = "south of the river";
let coturn: Coturn;
let turn: TurnOptions;

beforeAll(async () => {
  coturn = await startCoturn(secret);
  turn = { urls: [coturn.url], secret };
});
afterAll(() => coturn[Symbol.asyncDispose]());

/** What a server tells a client that registers. */
async function minted(server: SignalingServer, id: string): Promise<IceServer> {
  const [first] = await iceServersFor(server, id);
  if (first === undefined) throw new Error("no TURN server was named");
  return first;
}

const ask = ({ username = "", credential = "" }: IceServer): ReturnType<typeof allocate> =>
  allocate(coturn.port, username, credential);

describe("S18 coturn, given the credentials that a registration brings", () => {
  it.each(["alice", "1:2:3", "a.b_c~d@e-f:g", "x".repeat(64)])(
    "allocates a relay for %s",
    async (id) => {
      await using server = createSignalingServer({ turn });
      expect(await ask(await minted(server, id))).toBe("allocated");
    },
  );

  it("refuses them for another id", async () => {
    await using server = createSignalingServer({ turn });
    const { username = "", ...rest } = await minted(server, "alice");
    expect(await ask({ ...rest, username: username.replace("alice", "mallory") })).toBe(401);
    expect(await ask({ ...rest, username: `${username}x` })).toBe(401);
  });

  it("refuses them for a longer time", async () => {
    await using server = createSignalingServer({ turn });
    const { username = "", ...rest } = await minted(server, "alice");
    const [expiry, id] = username.split(":");
    expect(await ask({ ...rest, username: `${Number(expiry) + 1}:${id}` })).toBe(401);
  });

  it("refuses them when they have expired, though they were good", () =>
    // The seconds of a user name are whole.
    whileItLasts([2_000, 29_000], async (validity) => {
      validity.begin();
      // They end with the grant.
      const expiresAt = Date.now() + validity.ms + 1_000;
      await using server = createSignalingServer({ turn, authenticate: () => ({ expiresAt }) });
      const credentials = await minted(server, "alice");
      expect(credentials.username).toBe(`${Math.floor(expiresAt / 1000)}:alice`);
      expect(await ask(credentials)).toBe("allocated");
      validity.done();
      await expect.poll(() => ask(credentials), { interval: 500 }).toBe(401);
    }));

  it("refuses those of a server with another secret", async () => {
    await using server = createSignalingServer({ turn: { ...turn, secret: otherSecret } });
    expect(await ask(await minted(server, "alice"))).toBe(401);
  });
});

interface Pair extends AsyncDisposable {
  readonly alice: ConicClient;
  readonly bob: ConicClient;
}

/** Two clients that learn of each other's relays, and of nothing else. */
async function pair(server: SignalingServer, connectTimeoutMs = 30_000): Promise<Pair> {
  const client = (id: string): Promise<ConicClient> =>
    connect("ws://in-memory/ws", {
      id,
      dial: () => line(server),
      peer: { hostAddresses: ["127.0.0.1"], connectTimeoutMs },
    });
  const [alice, bob] = await Promise.all([client("alice"), client("bob")]);
  return {
    alice,
    bob,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([alice.close(), bob.close()]);
    },
  };
}

/** Accepts the first call and sends the first message back. */
async function echo(client: ConicClient): Promise<void> {
  for await (const call of client.incoming()) {
    for await (const channel of call.accept().dataChannels()) {
      for await (const message of channel) {
        channel.send(message);
        return;
      }
    }
  }
}

describe("two peers that only reach each other over a relay", () => {
  it("talk over coturn, each with the credentials that it was given", async () => {
    await using server = createSignalingServer({ turn });
    await using peers = await pair(server);
    const echoed = echo(peers.bob);
    const call = await peers.alice.call("bob");
    const channel = call.createDataChannel("chat");
    await channel.opened;
    channel.send("over there");
    await echoed;
    for await (const message of channel) {
      expect(message).toBe("over there");
      break;
    }
    const { transport } = await call.getStats();
    expect([transport.local?.type, transport.remote?.type]).toContain("relay");
  });

  it("do not when coturn has another secret: the call says that it refused", async () => {
    await using server = createSignalingServer({ turn: { ...turn, secret: otherSecret } });
    // The call above needs a fraction of that; a little later, ICE would give up by itself.
    await using peers = await pair(server, 4000);
    const echoed = echo(peers.bob);
    const failure: unknown = await peers.alice.call("bob").catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: "timeout",
      details: { reason: "no_candidate_pair", turnErrorCode: 401 },
      message: expect.stringContaining(
        `the TURN server ${coturn.url} refused with 401: the credentials are wrong`,
      ) as string,
    });
    await peers.bob.close();
    await echoed;
  });
});

/** Alice's call, when she has nothing but a relay; bob never answers. */
async function callOverRelayAlone(server: SignalingServer): Promise<unknown> {
  await using alice = await connect("ws://in-memory/ws", {
    id: "alice",
    dial: () => line(server),
    peer: { hostAddresses: [] },
  });
  await using bob = await connect("ws://in-memory/ws", { id: "bob", dial: () => line(server) });
  return await alice.call(bob.id).catch((error: unknown) => error);
}

describe("a peer that has nothing but a relay", () => {
  it("is told at once that coturn takes its credentials for wrong", async () => {
    await using server = createSignalingServer({ turn: { ...turn, secret: otherSecret } });
    expect(await callOverRelayAlone(server)).toMatchObject({
      code: "connection_failed",
      details: { reason: "no_candidates", turnErrorCode: 401 },
    });
  });

  it("is told that its quota is used up", async () => {
    await using full = await startCoturn(secret, ["--allow-loopback-peers", "--user-quota=1"]);
    await using server = createSignalingServer({ turn: { urls: [full.url], secret } });
    const { username = "", credential = "" } = await minted(server, "alice");
    // It lasts for ten minutes.
    expect(await allocate(full.port, username, credential)).toBe("allocated");
    expect(await callOverRelayAlone(server)).toMatchObject({
      code: "connection_failed",
      details: { reason: "no_candidates", turnErrorCode: 486 },
    });
  });
});

describe("two peers whose relays may not reach each other", () => {
  it("are told that coturn forbids it", async () => {
    await using strict = await startCoturn(secret, []);
    await using server = createSignalingServer({ turn: { urls: [strict.url], secret } });
    await using peers = await pair(server, 4000);
    const echoed = echo(peers.bob);
    const failure: unknown = await peers.alice.call("bob").catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: "timeout",
      details: { reason: "no_candidate_pair", turnErrorCode: 403 },
    });
    await peers.bob.close();
    await echoed;
  });
});
