import { seededRandom } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import type { DtlsRole } from "../src/index.js";
import { Link, oneWayMs, type LinkOptions, type Path } from "./support/link.js";

const cleanMs = 4 * oneWayMs;
const initialTimeoutMs = 100;

/** Loses the n-th datagrams of one side. */
function losing(sender: DtlsRole, ...lost: readonly number[]): Path {
  return (from, _, index) => (from === sender && lost.includes(index) ? [] : [oneWayMs]);
}

/** Loses three datagrams of ten, doubles one of ten; up to 80 ms on the way. */
function roughPath(seed: number): Path {
  const random = seededRandom(seed);
  const delay = (): number => 1 + Math.floor(random() * 80);
  return () => {
    const luck = random();
    if (luck < 0.3) return [];
    return luck < 0.4 ? [delay(), delay()] : [delay()];
  };
}

/** Both ways, after the handshake: the keys are the same. */
function expectData(link: Link): void {
  link.path = () => [oneWayMs];
  link.client.send("from the client");
  link.server.send("from the server");
  link.run();
  expect(link.server.received.at(-1)).toBe("from the client");
  expect(link.client.received.at(-1)).toBe("from the server");
}

/** Datagrams that each side sends when nothing is lost. */
function datagramsOf(options: LinkOptions): [DtlsRole, number][] {
  const link = new Link(options);
  expect(link.connect()).toBe(cleanMs);
  return (["client", "server"] as const).flatMap((role) =>
    link.end(role).sent.map((_, index): [DtlsRole, number] => [role, index]),
  );
}

const tiny = { maxDatagramBytes: 100 };
const sizes: readonly (readonly [string, LinkOptions])[] = [
  ["of four datagrams", {}],
  ["of many small datagrams", { client: tiny, server: tiny }],
];

describe.each(sizes)("a handshake %s", (_, options) => {
  it("takes two round trips", () => {
    expect(datagramsOf(options).length).toBeGreaterThanOrEqual(4);
  });

  it("recovers from the loss of any of them within one timeout", () => {
    for (const [role, index] of datagramsOf(options)) {
      const link = new Link({ ...options, path: losing(role, index) });
      const tookMs = link.connect();
      expect(link.isConnected, `${role} ${index}`).toBe(true);
      expect(tookMs, `${role} ${index}`).toBeLessThanOrEqual(cleanMs + initialTimeoutMs);
      expectData(link);
    }
  });
});

describe("a handshake of which a datagram is lost twice", () => {
  it("recovers from the loss of any, and of its repetition", () => {
    for (const [role, index] of datagramsOf({})) {
      const link = new Link({ path: losing(role, index, index + 1) });
      const tookMs = link.connect();
      expect(link.isConnected, `${role} ${index}`).toBe(true);
      expect(tookMs).toBeLessThanOrEqual(cleanMs + 3 * initialTimeoutMs);
      expectData(link);
    }
  });
});

describe("a lost last flight of the server", () => {
  it("is repeated when the client repeats its own, though the server is connected", () => {
    const link = new Link({ path: losing("server", 1) });
    link.start().run(() => link.server.state === "connected");
    expect(link.client.state).toBe("connecting");
    expect(link.server.connection.nextTimeout()).toBe(undefined);
    link.run(() => link.isConnected);
    expect(link.now).toBe(cleanMs + initialTimeoutMs);
    expectData(link);
  });

  it("does not lose data that overtakes it; it waits until the server is verified", () => {
    const link = new Link({ path: losing("server", 1) });
    link.start().run(() => link.server.state === "connected");
    link.server.send("early");
    link.run(() => link.now >= cleanMs + 1);
    expect(link.client.state).toBe("connecting");
    expect(link.client.received).toEqual([]);
    link.run(() => link.client.state === "connected");
    expect(link.client.received).toEqual(["early"]);
  });
});

describe("what comes before its turn", () => {
  it("waits for it: a flight that arrives backwards costs no repetition", () => {
    const options = { client: tiny, server: tiny };
    const link = new Link({ ...options, path: (_, __, index) => [40 - index] });
    link.connect();
    expect(link.isConnected).toBe(true);
    const sent = link.client.sent.length + link.server.sent.length;
    // Signatures differ in length by a byte or two, which may take a datagram more or less; a repetition is a flight.
    const clean = datagramsOf(options).length;
    expect(sent).toBeGreaterThan(clean - 3);
    expect(sent).toBeLessThan(clean + 3);
    expectData(link);
  });
});

describe("a remote that repeats its flight", () => {
  it("has not received ours, which is repeated before it is due", () => {
    const server = { initialTimeoutMs: 190 };
    const link = new Link({ server, path: losing("server", 0) });
    expect(link.connect()).toBe(cleanMs + initialTimeoutMs);
  });

  it("has received it when its own was only doubled on the way", () => {
    const link = new Link({ path: () => [oneWayMs, oneWayMs + 1, oneWayMs + 2] });
    link.connect();
    expect([link.client.sent.length, link.server.sent.length]).toEqual([2, 2]);
  });
});

describe("a path that loses, doubles and turns around", () => {
  it.each([1200, 200])("is crossed by each of 300 handshakes (%i bytes)", (maxDatagramBytes) => {
    const took: number[] = [];
    for (let seed = 1; seed <= 300; seed += 1) {
      const size = { maxDatagramBytes };
      const link = new Link({ client: size, server: size, path: roughPath(seed) });
      took.push(link.connect());
      expect(link.isConnected, `seed ${seed}`).toBe(true);
      expectData(link);
    }
    took.sort((a, b) => a - b);
    expect(took[150]).toBeLessThan(maxDatagramBytes === 1200 ? 400 : 1_000);
    expect(took.at(-1)).toBeLessThan(10_000);
  });
});

describe("time", () => {
  it("doubles between repetitions, up to half a second", () => {
    const link = new Link({ path: () => [] });
    link.start();
    const at: number[] = [];
    for (let sent = 1; link.now < 5_000;) {
      link.run(() => link.client.sent.length > sent);
      sent = link.client.sent.length;
      at.push(link.now);
    }
    expect(at.slice(0, 6)).toEqual([100, 300, 700, 1_200, 1_700, 2_200]);
  });

  it("starts shorter where the round trip is known", () => {
    const link = new Link({ client: { roundTripMs: 20 } });
    link.client.connection.start(0);
    expect(link.client.connection.nextTimeout()).toBe(80);
  });

  it("ends a handshake that nobody answers", () => {
    const link = new Link({ client: { handshakeTimeoutMs: 5_000 }, path: () => [] });
    link.start().run(() => link.client.state === "failed");
    expect(link.now).toBe(5_000);
    expect(link.client.error?.code).toBe("timeout");
    expect(link.client.connection.nextTimeout()).toBe(undefined);
  });

  it("is waited for by a server that nobody talks to", () => {
    const link = new Link({ server: { handshakeTimeoutMs: 5_000 } });
    link.server.connection.start(0);
    expect(link.server.connection.nextTimeout()).toBe(5_000);
    link.server.connection.advance(4_999);
    expect(link.server.state).toBe("connecting");
    link.server.connection.advance(5_000);
    expect(link.server.error?.code).toBe("timeout");
  });
});
