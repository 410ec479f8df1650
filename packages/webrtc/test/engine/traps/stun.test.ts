import dgram from "node:dgram";
import dns from "node:dns";
import { syncBuiltinESMExports } from "node:module";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { defaultHostAddresses } from "../../../src/engine/werift/ice/config.js";
import { createBarePeers } from "../../bare.js";
import { failOnLeaks, quickest } from "@conic/internal-testing";
import { createPeers, openChannel } from "../../peers.js";
import { closedPort, mappedAddress, refusingTurnServer, stunServer } from "../../stun.js";

/** Names that this process looks up, and where its sockets send to, from now until `stop`. */
function watchNetwork(): { names: string[]; targets: Set<string>; stop: () => void } {
  const names: string[] = [];
  const targets = new Set<string>();
  const { lookup } = dns.promises;
  const send: unknown = Reflect.get(dgram.Socket.prototype, "send");
  const record = (name: string): Promise<never> => {
    names.push(name);
    return Promise.reject(new Error("no name is resolved in this test"));
  };
  Reflect.set(dns.promises, "lookup", record);
  Reflect.set(
    dgram.Socket.prototype,
    "send",
    function (this: dgram.Socket, ...args: unknown[]): unknown {
      const address = args.findLast((arg) => typeof arg === "string");
      if (address !== undefined) targets.add(address);
      return Reflect.apply(send as (...all: unknown[]) => unknown, this, args);
    },
  );
  syncBuiltinESMExports();
  return {
    names,
    targets,
    stop: () => {
      Reflect.set(dns.promises, "lookup", lookup);
      Reflect.set(dgram.Socket.prototype, "send", send);
      syncBuiltinESMExports();
    },
  };
}

describe("without ICE servers", () => {
  failOnLeaks();
  let network: ReturnType<typeof watchNetwork> | undefined;
  afterEach(() => {
    network?.stop();
  });

  it("werift alone looks up a server of a third party", async () => {
    network = watchNetwork();
    await using peers = createBarePeers({ config: { iceServers: [] } });
    await peers.a.setLocalDescription(await peers.a.createOffer());
    expect(network.names).toContain("stun.l.google.com");
  });

  it.each(["no option", "an empty list", "relays only"])(
    "a connection of ours looks up no name and sends to nobody else: %s",
    async (which) => {
      await using turn = await refusingTurnServer();
      const relays = [{ urls: turn.url, username: "u", credential: "c" }];
      const iceServers = which === "relays only" ? relays : [];
      const options = which === "no option" ? {} : { iceServers };
      network = watchNetwork();
      await using peers = createPeers({ a: options, b: options });
      await openChannel(peers);
      expect(network.names).toEqual([]);
      const own = new Set(["127.0.0.1", ...defaultHostAddresses()]);
      expect([...network.targets].filter((address) => !own.has(address))).toEqual([]);
    },
  );
});

describe("a STUN server that is not there", () => {
  failOnLeaks(6000);

  it("holds a description of werift alone up for more than 4 s", async () => {
    await using silent = await stunServer(undefined);
    const waits = [await closedPort(), silent.url].map(async (urls) => {
      await using peers = createBarePeers({ config: { iceServers: [{ urls }] } });
      const start = performance.now();
      await peers.a.setLocalDescription(await peers.a.createOffer());
      return performance.now() - start;
    });
    for (const waited of await Promise.all(waits)) expect(waited).toBeGreaterThan(4000);
  });
});

describe.each([
  ["a port that is closed", undefined],
  ["one that swallows packets", stunServer],
])("a STUN server that is not there: %s", (_, make) => {
  failOnLeaks(6000);

  async function server(): Promise<{ url: string } & AsyncDisposable> {
    if (make !== undefined) return make(undefined);
    return { url: await closedPort(), [Symbol.asyncDispose]: () => Promise.resolve() };
  }

  it("holds neither the offer nor the connection up", async () => {
    await using stun = await server();
    const options = { iceServers: [{ urls: stun.url }] };
    // Keys and certificate of the process are made once, by the first connection.
    await using warm = createPeers();
    await openChannel(warm);
    const connect = async (): Promise<number> => {
      const start = performance.now();
      let offeredAfter = Infinity;
      await using peers = createPeers({
        a: options,
        b: options,
        pass: (_from, signal) => {
          const isOffer = signal.kind === "description" && signal.description.type === "offer";
          if (isOffer) offeredAfter = performance.now() - start;
          return true;
        },
      });
      await openChannel(peers);
      return Math.max(offeredAfter, (performance.now() - start) / 2);
    };
    // Waiting for the server takes 5 s on either side: 2 s until the offer, 4 s for all.
    expect(await quickest(2000, connect)).toBeLessThan(2000);
  });

  it("does not hold closing up, at any moment of gathering", async () => {
    await using stun = await server();
    const options = { iceServers: [{ urls: stun.url }] };
    for (const afterMs of [0, 5, 50, 300]) {
      const close = async (): Promise<number> => {
        const peers = createPeers({ a: options, b: options, pass: () => false });
        peers.a.createDataChannel("chat");
        await delay(afterMs);
        const start = performance.now();
        await peers[Symbol.asyncDispose]();
        return performance.now() - start;
      };
      expect(await quickest(4000, close)).toBeLessThan(4000);
    }
  });
});

describe("a STUN server that is slow", () => {
  failOnLeaks();

  it("has its candidate trickled when it answers, and the end of candidates after that", async () => {
    await using stun = await stunServer(300);
    const lines: string[] = [];
    await using peers = createPeers({
      a: { iceServers: [{ urls: stun.url }] },
      pass: (from, signal) => {
        if (from !== "alice" || signal.kind !== "candidate") return true;
        lines.push(signal.candidate.candidate);
        return true;
      },
    });
    await openChannel(peers);
    await expect.poll(() => lines.some((line) => line.includes("srflx"))).toBe(true);
    const reflexive = lines.find((line) => line.includes("srflx"));
    expect(reflexive).toContain(`${mappedAddress.address} ${mappedAddress.port}`);
    expect(stun.requests).toBeGreaterThan(0);
    await expect.poll(() => lines.at(-1), { interval: 200 }).toBe("");
    expect(lines.filter((line) => line === "")).toHaveLength(1);
  });
});
