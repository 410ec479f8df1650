import { FakeClock, seededRandom } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { Keepalive, type Watch, type Watched } from "../../src/connection/keepalive.js";

class Peer implements Watched {
  listening = true;
  readonly pings: number[] = [];
  deadAt: number | undefined;
  readonly watch: Watch;
  readonly #clock: FakeClock;

  constructor(clock: FakeClock, keepalive: Keepalive) {
    this.#clock = clock;
    this.watch = keepalive.watch(this);
  }

  ping(): void {
    this.pings.push(this.#clock.now());
  }

  onDead(): void {
    this.deadAt = this.#clock.now();
    this.watch.stop();
  }
}

const options = { pingIntervalMs: 25_000, pongTimeoutMs: 10_000 };

describe("S14 keepalive", () => {
  it("watches 1 000 connections with one timer, and has none when nobody is watched", () => {
    const clock = new FakeClock();
    const keepalive = new Keepalive(clock, options);
    const random = seededRandom(4);
    const peers: Peer[] = [];
    for (let index = 0; index < 1000; index += 1) {
      clock.advance(random() * 20);
      peers.push(new Peer(clock, keepalive));
      expect(clock.pending).toBe(1);
    }
    for (const peer of peers) peer.watch.stop();
    expect(clock.pending).toBe(0);
    clock.advance(1_000_000);
    expect(peers.every((peer) => peer.pings.length === 0 && peer.deadAt === undefined)).toBe(true);
  });

  it("pings and gives up at most a fiftieth of the pong time late", () => {
    const clock = new FakeClock();
    const keepalive = new Keepalive(clock, options);
    const random = seededRandom(5);
    const born: (readonly [Peer, number])[] = [];
    for (let index = 0; index < 100; index += 1) {
      clock.advance(random() * 300);
      born.push([new Peer(clock, keepalive), clock.now()]);
    }
    clock.advance(60_000);
    for (const [peer, at] of born) {
      const [ping = 0] = peer.pings;
      expect(ping - at).toBeGreaterThanOrEqual(25_000);
      expect(ping - at).toBeLessThanOrEqual(25_200);
      expect((peer.deadAt ?? 0) - ping).toBeGreaterThanOrEqual(10_000);
      expect((peer.deadAt ?? 0) - ping).toBeLessThanOrEqual(10_200);
    }
    expect(clock.pending).toBe(0);
  });

  it("keeps those who answer and drops those who do not", () => {
    const clock = new FakeClock();
    const keepalive = new Keepalive(clock, options);
    const answering = new Peer(clock, keepalive);
    const silent = new Peer(clock, keepalive);
    const deaf = new Peer(clock, keepalive);
    deaf.listening = false;
    for (let second = 0; second < 600; second += 1) {
      clock.advance(1000);
      if (answering.pings.length > 0) answering.watch.seen();
    }
    expect(answering.deadAt).toBeUndefined();
    expect(silent.deadAt).toBeGreaterThanOrEqual(35_000);
    expect(silent.deadAt).toBeLessThanOrEqual(35_400);
    expect(deaf.deadAt).toBeUndefined();
    expect(deaf.pings.length).toBeGreaterThan(20);
  });

  it("does not bring back a watch that another one stops in the same turn", () => {
    const clock = new FakeClock();
    const keepalive = new Keepalive(clock, options);
    const second: { peer?: Peer } = {};
    const first = new Peer(clock, keepalive);
    first.onDead = () => {
      first.watch.stop();
      second.peer?.watch.stop();
    };
    second.peer = new Peer(clock, keepalive);
    clock.advance(200_000);
    expect(clock.pending).toBe(0);
    expect(second.peer.deadAt).toBeUndefined();
  });

  it("works with times of a few milliseconds", () => {
    const clock = new FakeClock();
    const keepalive = new Keepalive(clock, { pingIntervalMs: 3, pongTimeoutMs: 2 });
    const peer = new Peer(clock, keepalive);
    clock.advance(10);
    expect(peer.pings).toEqual([3]);
    expect(peer.deadAt).toBe(5);
  });
});
