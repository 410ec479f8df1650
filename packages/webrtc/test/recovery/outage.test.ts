import { callFailureReason, ConicError, deferred, type CallPath } from "@conic/domain";
import { collectAll, failOnLeaks } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { createPeers, next, openChannel, type PeerOverrides, type Peers } from "../peers.js";
import type { PairOptions } from "../signaling-pair.js";
import { turnServer } from "../turn-server.js";
import { UdpPath } from "../udp-path.js";

const hasty: PeerOverrides = {
  hostAddresses: ["127.0.0.1"],
  disconnectedTimeoutMs: 800,
  iceRestartBackoffMs: 600,
};

const states = ({ a, b }: Peers): string[] => [a.connectionState, b.connectionState];
const bothConnected = ["connected", "connected"];

/**
 * Resolves when a side notices from now on that nothing passes. A new path may be there a moment later: whoever only
 * looked now and then would miss it.
 */
function noticed({ a, b }: Peers): Promise<void> {
  return new Promise((resolve) => {
    for (const peer of [a, b]) {
      peer.on("connectionstatechange", (state) => {
        if (state === "disconnected") resolve();
      });
    }
  });
}

async function untilWhole(peers: Peers): Promise<void> {
  await expect.poll(() => states(peers)).toEqual(bothConnected);
}

describe("a path that dies", () => {
  failOnLeaks();

  it("is replaced by itself; what was sent meanwhile arrives, once and in order", async () => {
    await using old = await UdpPath.create();
    await using fresh = await UdpPath.create();
    let path = old;
    const rewrite: PairOptions["rewrite"] = (from, signal) => path.rewrite(from, signal);
    await using peers = createPeers({ a: hasty, b: hasty, rewrite });
    const [near, far] = await openChannel(peers);
    path = fresh;
    const cut = noticed(peers);
    old.filter = () => false;
    for (let n = 0; n < 50; n += 1) near.send(`to bob ${n}`);
    for (let n = 0; n < 50; n += 1) far.send(`to alice ${n}`);
    await cut;
    await untilWhole(peers);
    await peers.a.close();
    expect(await collectAll(far)).toEqual(Array.from({ length: 50 }, (_, n) => `to bob ${n}`));
    expect(await collectAll(near)).toEqual(Array.from({ length: 50 }, (_, n) => `to alice ${n}`));
  });

  it("is replaced when the first offers of a restart get lost", async () => {
    await using old = await UdpPath.create();
    await using fresh = await UdpPath.create();
    let path = old;
    let offers = 0;
    await using peers = createPeers({
      a: hasty,
      b: hasty,
      rewrite: (from, signal) => path.rewrite(from, signal),
      pass: (_from, signal) => {
        if (path === old || signal.kind !== "description") return true;
        if (signal.description.type === "offer") offers += 1;
        return offers > 2;
      },
    });
    const [near, far] = await openChannel(peers);
    path = fresh;
    const cut = noticed(peers);
    old.filter = () => false;
    await cut;
    await untilWhole(peers);
    expect(offers).toBeGreaterThan(2);
    near.send("after all");
    expect(await next(far)).toBe("after all");
  });

  it("is replaced once the signaling server is back", async () => {
    await using old = await UdpPath.create();
    await using fresh = await UdpPath.create();
    let path = old;
    const back = deferred<void>();
    await using peers = createPeers({
      a: hasty,
      b: { ...hasty, maxIceRestarts: 0 },
      rewrite: (from, signal) => path.rewrite(from, signal),
    });
    const [near, far] = await openChannel(peers);
    const [channel] = peers.signaling;
    const send = channel.send.bind(channel);
    let waiting = 0;
    channel.send = async (signal) => {
      waiting += 1;
      await back.promise;
      await send(signal);
    };
    path = fresh;
    old.filter = () => false;
    await expect.poll(() => waiting).toBeGreaterThan(0);
    expect(peers.a.connectionState).toBe("disconnected");
    back.resolve();
    await untilWhole(peers);
    near.send("after all");
    expect(await next(far)).toBe("after all");
  });

  it("is replaced though the server would not take the first restart", async () => {
    await using old = await UdpPath.create();
    await using fresh = await UdpPath.create();
    let path = old;
    await using peers = createPeers({
      a: hasty,
      b: { ...hasty, maxIceRestarts: 0 },
      rewrite: (from, signal) => path.rewrite(from, signal),
    });
    const [near, far] = await openChannel(peers);
    const [channel] = peers.signaling;
    const send = channel.send.bind(channel);
    channel.send = () => {
      channel.send = send;
      return Promise.reject(new ConicError("buffer_full", "too much waits"));
    };
    path = fresh;
    const cut = noticed(peers);
    old.filter = () => false;
    await cut;
    await untilWhole(peers);
    near.send("after all");
    expect(await next(far)).toBe("after all");
  });

  it("is left as soon as its address is gone from this host", async () => {
    await using path = await UdpPath.create();
    const addresses = ["127.0.0.1"];
    // So long that silence alone would not be noticed.
    const end = { ...hasty, disconnectedTimeoutMs: 60_000, failedTimeoutMs: 90_000 };
    await using peers = createPeers({
      a: { ...end, hostAddresses: addresses },
      b: end,
      rewrite: path.rewrite,
    });
    const [near, far] = await openChannel(peers);
    addresses.splice(0, 1, "127.0.0.2");
    path.filter = () => false;
    await expect
      .poll(async () => (await peers.a.getStats()).transport.local?.address)
      .toBe("127.0.0.2");
    near.send("from elsewhere");
    expect(await next(far)).toBe("from elsewhere");
    await untilWhole(peers);
  });

  it("is replaced by a relay, and said so", async () => {
    await using turn = await turnServer();
    await using direct = await UdpPath.create();
    const { url: urls, username, credential } = turn;
    const end = { ...hasty, iceServers: [{ urls, username, credential }] };
    await using peers = createPeers({
      a: end,
      b: end,
      rewrite: (from, signal) =>
        signal.kind === "candidate" && signal.candidate.candidate.includes("typ relay")
          ? signal
          : direct.rewrite(from, signal),
    });
    const paths: CallPath[][] = [peers.a, peers.b].map((peer) => {
      const seen: CallPath[] = [];
      peer.on("pathchange", (path) => seen.push(path));
      return seen;
    });
    const [near, far] = await openChannel(peers);
    expect(peers.a.path).toBe("direct");
    const cut = noticed(peers);
    direct.filter = () => false;
    await cut;
    await untilWhole(peers);
    near.send("the long way");
    expect(await next(far)).toBe("the long way");
    expect(paths).toEqual([
      ["direct", "relayed"],
      ["direct", "relayed"],
    ]);
    expect((await peers.a.getStats()).path).toBe("relayed");
  });
});

describe("a path that is dead for good ends the connection, with the reason", () => {
  failOnLeaks();
  const short = { ...hasty, failedTimeoutMs: 1800, maxIceRestarts: 2 };

  /** Why alice's side ended, once no datagram passes any more. */
  async function reasonOf(
    meanwhile: (peers: Peers) => void,
    options: PairOptions & { a?: PeerOverrides } = {},
  ): Promise<string> {
    await using path = await UdpPath.create();
    await using peers = createPeers({ a: short, b: short, rewrite: path.rewrite, ...options });
    const [near] = await openChannel(peers);
    path.filter = () => false;
    meanwhile(peers);
    const { error } = await peers.a.closed;
    expect(error?.code).toBe("connection_failed");
    expect((await near.closed).error).toBe(error);
    await peers.b.close();
    return callFailureReason(error);
  }

  it("no_candidate_pair when the peer answers each restart, and no datagram passes", async () => {
    expect(await reasonOf(() => undefined)).toBe("no_candidate_pair");
  });

  it("timeout when the peer does not answer the restarts", async () => {
    let isCut = false;
    const reason = await reasonOf(
      () => {
        isCut = true;
      },
      { pass: () => !isCut },
    );
    expect(reason).toBe("timeout");
  });

  it("peer_gone when the server does not know the peer any more", async () => {
    let isCut = false;
    const faults: string[] = [];
    const reason = await reasonOf(
      ({ a, signaling: [near] }) => {
        isCut = true;
        // It will be told once, with the end.
        a.on("fault", (fault) => faults.push(fault.code));
        const off = a.on("connectionstatechange", (state) => {
          if (state !== "disconnected") return;
          off();
          const error = new ConicError("target_not_found", "nobody is bob");
          setImmediate(() => {
            near.inject({ kind: "error", error });
          });
        });
      },
      { pass: () => !isCut },
    );
    expect(reason).toBe("peer_gone");
    expect(faults).toEqual([]);
  });

  it("server_unreachable when the restarts wait for the server", async () => {
    const never = deferred<void>();
    const reason = await reasonOf(({ signaling }) => {
      for (const channel of signaling) channel.send = () => never.promise;
    });
    expect(reason).toBe("server_unreachable");
  });
});
