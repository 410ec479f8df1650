import type { Signal } from "@conic/domain";
import { failOnLeaks } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { createPeers, next, openChannel } from "../peers.js";
import { refusingTurnServer } from "../stun.js";
import { turnServer } from "../turn-server.js";

/** As if no host could be reached from outside: only relayed candidates are told. */
function relayedOnly(_from: string, signal: Signal): boolean {
  return signal.kind !== "candidate" || !signal.candidate.candidate.includes("typ host");
}

describe("two peers that cannot reach each other", () => {
  failOnLeaks();

  it("talk over a relay, and over a restart of ICE there", async () => {
    await using turn = await turnServer();
    const { url: urls, username, credential } = turn;
    const end = { iceServers: [{ urls, username, credential }], hostAddresses: ["127.0.0.1"] };
    await using peers = createPeers({ a: end, b: end, pass: relayedOnly });
    const [near, far] = await openChannel(peers);
    near.send("over there");
    expect(await next(far)).toBe("over there");
    const stats = await Promise.all([peers.a.getStats(), peers.b.getStats()]);
    const kinds = stats.flatMap(({ transport }) => [transport.local?.type, transport.remote?.type]);
    expect(kinds).toContain("relay");
    expect(turn.relayed).toBeGreaterThan(10);
    expect(turn.allocations).toBe(2);

    peers.a.restartIce();
    await expect.poll(() => peers.a.signalingState).toBe("stable");
    far.send("and back");
    expect(await next(near)).toBe("and back");
    // The allocation is used on.
    expect(turn.allocations).toBe(2);
  });

  it("use the newest credentials for a restart of ICE, and talk on meanwhile", async () => {
    await using turn = await turnServer();
    const { url: urls, credential } = turn;
    let username = "1:old";
    const iceServers = () => [{ urls, username, credential }];
    const end = { iceServers, hostAddresses: ["127.0.0.1"] };
    await using peers = createPeers({ a: end, b: end, pass: relayedOnly });
    const [near, far] = await openChannel(peers);
    expect(turn.users).toEqual(["1:old", "1:old"]);
    for (const user of ["2:new", "3:newer", "4:newest"]) {
      username = user;
      peers.a.restartIce();
      await expect.poll(() => turn.users.filter((one) => one === user)).toHaveLength(2);
      await expect.poll(() => peers.a.signalingState).toBe("stable");
      near.send(user);
      expect(await next(far)).toBe(user);
    }
    expect(turn.users).toHaveLength(8);
    expect(peers.a.connectionState).toBe("connected");
  });

  it("talk on when the server takes their nonce for stale", async () => {
    await using turn = await turnServer({ forgetsNonces: true });
    const { url: urls, username, credential } = turn;
    const end = { iceServers: [{ urls, username, credential }], hostAddresses: ["127.0.0.1"] };
    await using peers = createPeers({ a: end, b: end, pass: relayedOnly });
    const [near, far] = await openChannel(peers);
    near.send("over there");
    expect(await next(far)).toBe("over there");
    expect(peers.a.path).toBe("relayed");
  });

  it("are told so when there is no relay, before the time to connect is over", async () => {
    await using turn = await refusingTurnServer();
    const servers = [{ urls: turn.url, username: "u", credential: "c" }];
    const end = { iceServers: servers, hostAddresses: ["127.0.0.1"], pathTimeoutMs: 20_000 };
    await using peers = createPeers({ a: end, b: end, pass: relayedOnly });
    const channel = peers.a.createDataChannel("chat");
    await expect(channel.opened).rejects.toThrow(/no network path .*STUN or TURN/);
    expect((await peers.a.closed).error?.code).toBe("connection_failed");
  });
});
