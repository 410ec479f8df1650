import { setTimeout as delay } from "node:timers/promises";
import { deferred } from "@conic/domain";
import { describe, expect, it, vi } from "vitest";
import type { PeerConnectionStats } from "../../../src/index.js";
import { createBarePeers } from "../../bare.js";
import { failOnLeaks } from "@conic/internal-testing";
import { createPeers, next, type PeerOverrides } from "../../peers.js";
import { dtlsName, isDtls, UdpPath } from "../../udp-path.js";

type Flights = readonly (readonly [sender: string, name: string])[];

// The answerer, bob, is the DTLS client. werift sends each message in a datagram of its own.
const bareFlights: Flights = [
  ["bob", "ClientHello"],
  ["alice", "HelloVerifyRequest"],
  ["alice", "ServerHello"],
  ["alice", "Certificate"],
  ["alice", "ServerKeyExchange"],
  ["alice", "CertificateRequest"],
  ["alice", "ServerHelloDone"],
  ["bob", "Certificate"],
  ["bob", "ClientKeyExchange"],
  ["bob", "CertificateVerify"],
  ["bob", "ChangeCipherSpec"],
  ["bob", "Finished"],
  ["alice", "ChangeCipherSpec"],
  ["alice", "Finished"],
];

/** Those after which werift alone never opens. */
const fatal = new Set([
  "alice CertificateRequest",
  "bob Certificate",
  "bob ClientKeyExchange",
  "bob CertificateVerify",
  "bob Finished",
]);

/** Ours puts a whole flight into a datagram, which is called after its first message. */
const ownFlights: Flights = [
  ["bob", "ClientHello"],
  ["alice", "ServerHello"],
  ["bob", "Certificate"],
  ["alice", "ChangeCipherSpec"],
  ["alice", "application data"],
  ["bob", "application data"],
];

/** A path that loses the first `count` datagrams of this sender and name. */
async function losing(sender: string, name: string, count = 1): Promise<UdpPath> {
  const path = await UdpPath.create();
  let lost = 0;
  path.filter = (from, datagram) => {
    if (!isDtls(datagram) || from !== sender || dtlsName(datagram) !== name) return true;
    lost += 1;
    return lost > count;
  };
  return path;
}

const end = { hostAddresses: ["127.0.0.1"], handshakeTimeoutMs: 20_000 };

interface Outcome {
  readonly channels: number;
  readonly near: PeerConnectionStats;
  readonly far: PeerConnectionStats;
}

/** Connects over the path, sends a message both ways, and tells what came of it. */
async function connectOver(path: UdpPath, options: PeerOverrides = end): Promise<Outcome> {
  await using peers = createPeers({ a: options, b: options, rewrite: path.rewrite });
  const near = peers.a.createDataChannel("chat");
  const far = await next(peers.b.dataChannels());
  await near.opened;
  near.send("hello");
  expect(await next(far)).toBe("hello");
  far.send("hi");
  expect(await next(near)).toBe("hi");
  await Promise.all([peers.a.connected, peers.b.connected]);
  const [a, b] = await Promise.all([peers.a.getStats(), peers.b.getStats()]);
  return { channels: b.channels.length + b.dataChannelsClosed, near: a, far: b };
}

describe("werift alone, when a datagram of the DTLS handshake is lost", () => {
  // No look for leaks: what never opened keeps timers after close().
  it("never opens, for some of them", async () => {
    const others = Array.from({ length: bareFlights.length - fatal.size }, () => deferred<void>());
    const waiting = others.values();
    const opened = await Promise.all(
      bareFlights.map(async ([sender, name]) => {
        await using path = await losing(sender, name);
        await using peers = createBarePeers({ rewrite: path.rewrite });
        await peers.negotiate();
        if (fatal.has(`${sender} ${name}`)) {
          // Time in which all others came about, and at least 4 s.
          await Promise.all([delay(4000), ...others.map(({ promise }) => promise)]);
        } else {
          await vi.waitUntil(() => peers.opened(), { timeout: 60_000 });
          waiting.next().value?.resolve();
        }
        return peers.opened() ? "" : `${sender} ${name}`;
      }),
    );
    expect(new Set(opened.filter((name) => name !== ""))).toEqual(fatal);
  });
});

describe("a datagram of the DTLS handshake that is lost", () => {
  failOnLeaks(5000);

  it("is repeated at once by ours, whichever it is: nobody starts over", async () => {
    const seen = await Promise.all(
      ownFlights.map(async ([sender, name]) => {
        await using path = await losing(sender, name);
        const { channels, near, far } = await connectOver(path);
        return [`${sender} ${name}`, channels, near.attempts, far.attempts];
      }),
    );
    expect(seen).toEqual(ownFlights.map(([sender, name]) => [`${sender} ${name}`, 1, 1, 1]));
  });

  it.each(ownFlights.slice(0, 4))("may be lost again and again: %s %s", async (sender, name) => {
    await using path = await losing(sender, name, 3);
    const { channels, near, far } = await connectOver(path);
    expect([channels, near.attempts, far.attempts]).toEqual([1, 1, 1]);
  });

  it("ends in a typed error, not in silence, when it is always lost", async () => {
    await using path = await losing("bob", "Certificate", Infinity);
    const quick = { ...end, handshakeTimeoutMs: 150 };
    await using peers = createPeers({ a: quick, b: quick, rewrite: path.rewrite });
    const channel = peers.a.createDataChannel("chat");
    await expect(channel.opened).rejects.toMatchObject({ code: "connection_failed" });
    await expect(peers.a.connected).rejects.toMatchObject({ code: "connection_failed" });
    expect((await peers.a.closed).wasClean).toBe(false);
  });
});

describe("data before the handshake is finished", () => {
  failOnLeaks(5000);

  it("reaches the user of werift alone, though the remote has proved nothing", async () => {
    await using path = await losing("alice", "Finished", Infinity);
    await using peers = createBarePeers({ rewrite: path.rewrite });
    const seen = new Promise<string>((resolve) => {
      peers.b.onDataChannel.subscribe((channel) => {
        resolve(channel.label);
      });
    });
    await peers.negotiate();
    expect(await seen).toBe("chat");
    expect(peers.b.dtlsTransports[0]?.state).toBe("connecting");
  });

  it("does not reach a user of ours", async () => {
    await using path = await losing("alice", "ChangeCipherSpec", Infinity);
    const patient = { ...end, handshakeTimeoutMs: 10_000 };
    await using peers = createPeers({ a: patient, b: patient, rewrite: path.rewrite });
    const near = peers.a.createDataChannel("chat");
    let seen = 0;
    const watching = (async () => {
      for await (const _ of peers.b.dataChannels()) seen += 1;
    })();
    await delay(1500);
    expect(seen).toBe(0);
    expect(near.readyState).toBe("connecting");
    expect(peers.b.connectionState).toBe("connecting");
    await Promise.all([peers.a.close(), peers.b.close()]);
    await watching;
  });
});
