import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EventQueue } from "./event-queue.js";
import { Link, type Endpoint, type LinkOptions, type Side } from "./link.js";
import { Random } from "./random.js";

/** Notes what arrives and when; a timer when asked. */
class Recorder implements Endpoint {
  readonly arrivals: { readonly at: number; readonly bytes: readonly number[] }[] = [];
  readonly flushes: number[] = [];
  timer: number | undefined;
  fired: number[] = [];

  receive(packet: Uint8Array, now: number): void {
    this.arrivals.push({ at: now, bytes: [...packet] });
  }

  flush(now: number): void {
    this.flushes.push(now);
  }

  advance(now: number): void {
    this.fired.push(now);
    this.timer = undefined;
  }

  nextTimeout(): number | undefined {
    return this.timer;
  }
}

function linked(options: LinkOptions): { link: Link; a: Recorder; b: Recorder } {
  const [link, a, b] = [new Link(options), new Recorder(), new Recorder()];
  link.attach("a", a);
  link.attach("b", b);
  return { link, a, b };
}

function sendNumbered(link: Link, count: number, from: Side = "a", bytes = 1): void {
  for (let index = 0; index < count; index += 1) {
    link.send(from, new Uint8Array(bytes).fill(index));
  }
}

const firstBytes = ({ arrivals }: Recorder): (number | undefined)[] =>
  arrivals.map(({ bytes }) => bytes[0]);

function history(seed: number): string {
  const both = { loss: 0.2, jitterMs: 30, duplicate: 0.1, corrupt: 0.1 };
  const { link, b } = linked({ seed, both });
  sendNumbered(link, 200, "a", 20);
  link.runFor(1000);
  return JSON.stringify(b.arrivals);
}

describe("a link", () => {
  it("delivers in order after the delay of the direction", () => {
    const { link, a, b } = linked({ seed: 1, aToB: { delayMs: 5 }, bToA: { delayMs: 7 } });
    sendNumbered(link, 3);
    sendNumbered(link, 1, "b");
    link.runFor(100);
    expect(firstBytes(b)).toEqual([0, 1, 2]);
    expect(b.arrivals.map(({ at }) => at)).toEqual([5, 5, 5]);
    expect(a.arrivals.map(({ at }) => at)).toEqual([7]);
    expect(link.now).toBe(100);
  });

  it("flushes an endpoint once for the packets of one instant", () => {
    const { link, b } = linked({ seed: 1, both: { delayMs: 5 } });
    sendNumbered(link, 10);
    link.runFor(10);
    expect(b.flushes.filter((at) => at === 5)).toHaveLength(1);
  });

  it("repeats itself for a seed, and not for another", () => {
    expect(history(7)).toBe(history(7));
    expect(history(7)).not.toBe(history(8));
  });

  it("loses about as many packets as it is told to", () => {
    const { link } = linked({ seed: 3, both: { loss: 0.3 } });
    sendNumbered(link, 10_000);
    link.runFor(100);
    expect(link.paths.a.stats.lost / 10_000).toBeCloseTo(0.3, 1);
    expect(link.paths.a.stats.delivered).toBe(10_000 - link.paths.a.stats.lost);
  });

  it("loses packets in bursts", () => {
    const { link, b } = linked({ seed: 3, both: { burst: { enter: 0.02, maxMs: 20 } } });
    for (let at = 0; at < 250; at += 1) link.at(at, () => link.send("a", Uint8Array.of(at)));
    link.runFor(1000);
    const seen = firstBytes(b);
    const gaps = seen.slice(1).filter((value, at) => (value ?? 0) - (seen[at] ?? 0) > 1).length;
    const lost = 250 - seen.length;
    expect(gaps).toBeGreaterThan(0);
    expect(gaps).toBeLessThan(lost / 3);
  });

  it("drops what the predicate picks", () => {
    const { link, b } = linked({ seed: 1, aToB: { drop: (_packet, index) => index === 2 } });
    sendNumbered(link, 4);
    link.runFor(100);
    expect(firstBytes(b)).toEqual([0, 1, 3]);
  });

  it("reorders by jitter, and loses nothing by it", () => {
    const { link, b } = linked({ seed: 2, both: { jitterMs: 50 } });
    sendNumbered(link, 100);
    link.runFor(100);
    const seen = firstBytes(b).map(Number);
    expect(seen).not.toEqual(seen.toSorted((x, y) => x - y));
    expect(seen.toSorted((x, y) => x - y)).toEqual(Array.from({ length: 100 }, (_, at) => at));
  });

  it("delivers some packets twice, each copy on memory of its own", () => {
    const { link } = linked({ seed: 2, both: { duplicate: 1 } });
    const received: Uint8Array[] = [];
    const b = new Recorder();
    b.receive = (packet) => received.push(packet);
    link.attach("b", b);
    link.send("a", Uint8Array.of(9));
    link.runFor(100);
    expect(received).toEqual([Uint8Array.of(9), Uint8Array.of(9)]);
    expect(received[0]?.buffer).not.toBe(received[1]?.buffer);
  });

  it("changes a byte of a corrupted packet, not the sender's", () => {
    const { link, b } = linked({ seed: 2, both: { corrupt: 1 } });
    const packet = new Uint8Array(8);
    link.send("a", packet);
    link.runFor(100);
    expect(packet).toEqual(new Uint8Array(8));
    expect(b.arrivals[0]?.bytes.filter((byte) => byte !== 0)).toHaveLength(1);
  });

  it("takes the time that the bandwidth asks for, and drops what its queue cannot hold", () => {
    const both = { delayMs: 5, bytesPerMs: 100, queueBytes: 1000 };
    const { link, b } = linked({ seed: 1, both });
    sendNumbered(link, 12, "a", 100);
    link.runFor(100);
    expect(b.arrivals.map(({ at }) => at)).toEqual([6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
    expect(link.paths.a.stats).toMatchObject({ overflowed: 2, largestQueueBytes: 1000 });
    sendNumbered(link, 1, "a", 100);
    link.runFor(100);
    expect(b.arrivals.at(-1)?.at).toBe(106);
  });

  it("swallows packets above its size, which may change", () => {
    const { link, b } = linked({ seed: 1, aToB: { maxPacketBytes: 100 } });
    link.send("a", new Uint8Array(100));
    link.send("a", new Uint8Array(101));
    link.paths.a.conditions.maxPacketBytes = 99;
    link.send("a", new Uint8Array(100));
    link.runFor(100);
    expect(b.arrivals.map(({ bytes }) => bytes.length)).toEqual([100]);
    expect(link.paths.a.stats.tooBig).toBe(2);
  });

  it("runs timers and calls at their time", () => {
    const { link, a } = linked({ seed: 1 });
    a.timer = 33;
    const calls: number[] = [];
    link.at(20, (now) => calls.push(now));
    link.at(40, (now) => calls.push(now));
    expect(link.run(() => calls.length === 2, 1000)).toBe(true);
    expect(a.fired).toEqual([33]);
    expect(calls).toEqual([20, 40]);
    expect(link.now).toBe(40);
  });

  it("says that time ran out, and that nothing can happen any more", () => {
    const { link, a } = linked({ seed: 1 });
    a.timer = 5000;
    expect(link.run(() => false, 1000)).toBe(false);
    expect(link.now).toBe(1000);
    a.timer = undefined;
    expect(link.run(() => false, 1000)).toBe(false);
  });

  it("finds an endpoint that is never done with an instant", () => {
    const { link, a } = linked({ seed: 1 });
    a.timer = 5;
    a.advance = () => {};
    expect(() => link.run(() => false, 1000)).toThrow("busy loop");
  });
});

describe("the event queue", () => {
  it("gives by time, then by order", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 200 }), (times) => {
        const queue = new EventQueue<number>();
        for (const [index, at] of times.entries()) queue.add(at, index);
        const taken: number[] = [];
        for (let value = queue.take(20); value !== undefined; value = queue.take(20)) {
          taken.push(value);
        }
        const expected = [...times.entries()].toSorted(([i, x], [j, y]) => x - y || i - j);
        expect(taken).toEqual(expected.map(([index]) => index));
        expect(queue.size).toBe(0);
      }),
    );
  });

  it("keeps what is not due", () => {
    const queue = new EventQueue<string>();
    queue.add(5, "five");
    expect(queue.take(4)).toBeUndefined();
    expect(queue.nextAt).toBe(5);
    expect(queue.take(5)).toBe("five");
  });
});

describe("the generator", () => {
  it("is even enough, and a fork does not depend on what is drawn later", () => {
    const random = new Random(5);
    const counts = Array.from({ length: 10 }, () => 0);
    for (let draw = 0; draw < 10_000; draw += 1) {
      const value = random.below(10);
      counts[value] = (counts[value] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(850);
    expect(new Random(6).fork().uint32()).toBe(new Random(6).fork().uint32());
    expect(() => random.pick([])).toThrow(RangeError);
  });
});
