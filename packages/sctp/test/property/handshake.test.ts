import { describe, expect, it } from "vitest";
import type { PathConditions } from "../link/path.js";
import { Random } from "../link/random.js";
import { carries, types } from "../support/packets.js";
import { connectedPair, pair, type Pair, type PairOptions } from "../support/peers.js";
import { checkSeeds, timeLimit } from "../support/seeds.js";

const starts = ["both", "a", "b"] as const;
type Start = (typeof starts)[number];

/** Connects, opens a channel at each side before that, and waits until a message has gone both ways. */
function meet(options: PairOptions, start: Start, withinMs: number): Pair {
  const made = pair(options);
  const { link, a, b } = made;
  const heard: string[] = [];
  for (const peer of [a, b]) {
    peer.onChannel = (channel) => {
      channel.bind({
        open: () => {},
        message: (data) => heard.push(`${peer.side} ${String(data)}`),
        drained: () => {},
        closed: () => {},
      });
    };
    const own = peer.channels.open({ label: "hello" }, link.now);
    own.bind({
      open: () => own.send("hi", link.now),
      message: () => {},
      drained: () => {},
      closed: () => {},
    });
  }
  if (start !== "b") a.channels.connect(link.now);
  if (start !== "a") b.channels.connect(link.now);
  const done = (): boolean => heard.length === 2;
  if (!link.run(done, withinMs)) {
    throw new Error(`after ${link.now} ms: ${a.state}, ${b.state}, heard ${heard.join(", ")}`);
  }
  expect(heard.toSorted()).toEqual(["a hi", "b hi"]);
  // A side that was only asked has nothing to say before it is connected.
  for (const { states } of [a, b]) {
    expect(states.filter((state) => state !== "connecting")).toEqual(["connected"]);
  }
  return made;
}

const kinds = ["init", "initAck", "cookieEcho", "cookieAck"] as const;

describe("the handshake", () => {
  it.each(starts)(
    "takes two round trips at most when %s connects, the first message included",
    (start) => {
      const { link } = meet({ seed: 1, both: { delayMs: 50 } }, start, 10_000);
      expect(link.now).toBeLessThanOrEqual(start === "both" ? 200 : 250);
    },
  );

  describe.each(kinds)("survives that %s", (kind) => {
    const type = types[kind];

    it.each([1, 2, 3])("is lost, the first %d times", (times) => {
      for (const start of starts) {
        let lost = 0;
        const drop = (bytes: Uint8Array): boolean => {
          if (lost >= times || !carries(bytes, type)) return false;
          lost += 1;
          return true;
        };
        const { link } = meet({ seed: 1, both: { delayMs: 20, drop } }, start, 20_000);
        // Data says what COOKIE ACK says: it is not asked for again.
        expect(lost).toBeGreaterThanOrEqual(kind === "cookieAck" ? 1 : times);
        expect(link.now).toBeLessThan([0, 1000, 2500, 6000][times] ?? 0);
      }
    });

    it("comes twice, the second time late", () => {
      for (const start of starts) {
        for (const lateMs of [0, 30, 90, 500]) {
          const options = { seed: 1, both: { delayMs: 20 } };
          const made = pair(options);
          made.link.paths.a.conditions.drop = echoLate(made, "b", type, lateMs);
          made.link.paths.b.conditions.drop = echoLate(made, "a", type, lateMs);
          checkConnects(made, start);
        }
      }
    });
  });

  it("succeeds over any bad path, whoever starts", timeLimit, () => {
    checkSeeds(300, (seed) => {
      const random = new Random(seed);
      const conditions = (): Partial<PathConditions> => ({
        delayMs: random.pick([0, 5, 50, 300]),
        jitterMs: random.pick([0, 10, 200]),
        loss: random.pick([0, 0.03, 0.1, 0.3]),
        duplicate: random.pick([0, 0.3]),
      });
      const start = random.pick(starts);
      const peers = { interleaving: random.chance(0.5) };
      meet({ seed, peers, aToB: conditions(), bToA: conditions() }, start, 120_000);
    });
  });

  it("at 3 % loss takes below 1 s in nine of ten runs, and never 10 s", timeLimit, () => {
    checkSeeds(1, (seed) => {
      const times = Array.from({ length: 300 }, (_, run) => {
        const { link } = meet(
          { seed: seed * 1000 + run, both: { delayMs: 25, loss: 0.03 } },
          "both",
          10_000,
        );
        return link.now;
      });
      times.sort((x, y) => x - y);
      expect(times[Math.floor(times.length * 0.9)]).toBeLessThan(1000);
    });
  });

  it("uses interleaving only when both sides offer it", () => {
    for (const [x, y] of [
      [true, true],
      [true, false],
      [false, true],
      [false, false],
    ] as const) {
      const { a, b } = meet(
        { seed: 1, a: { interleaving: x }, b: { interleaving: y } },
        "both",
        5000,
      );
      expect(a.association.stats().interleaving).toBe(x && y);
      expect(b.association.stats().interleaving).toBe(x && y);
    }
  });

  it("gives up in the end when nobody answers, with an error", () => {
    const { link, a } = pair({ seed: 1, both: { loss: 1 } });
    a.channels.connect(0);
    expect(link.run(() => a.state === "closed", 300_000)).toBe(true);
    expect(a.error?.code).toMatch(/timeout|connection_failed/);
    expect(link.paths.a.stats.packets).toBeLessThanOrEqual(30);
  });
});

describe("a peer that starts over", () => {
  it("with the other side none the wiser does not break what is connected", () => {
    // Over DTLS a new association comes with a new DTLS connection: an INIT here is old, or an attack.
    const old: Uint8Array[] = [];
    const made = pair({ seed: 3, both: { delayMs: 20 } });
    const { link, a, b } = made;
    link.paths.a.conditions.drop = (bytes) => {
      old.push(bytes.slice());
      return false;
    };
    checkConnects(made, "both");
    for (const packet of old) link.inject("b", packet.slice());
    link.runFor(2000);
    expect([a.state, b.state]).toEqual(["connected", "connected"]);
    expectEcho(made);
  });

  it("by packets of the handshake that were delayed, at any time", timeLimit, () => {
    checkSeeds(100, (seed) => {
      const random = new Random(seed);
      const seen: { readonly to: "a" | "b"; readonly bytes: Uint8Array }[] = [];
      const made = pair({ seed, both: { delayMs: 20, jitterMs: 10 } });
      for (const side of ["a", "b"] as const) {
        made.link.paths[side].conditions.drop = (bytes) => {
          if (kinds.some((kind) => carries(bytes, types[kind]))) {
            seen.push({ to: side === "a" ? "b" : "a", bytes: bytes.slice() });
          }
          return false;
        };
      }
      checkConnects(made, "both");
      for (const { to, bytes } of seen.slice()) {
        made.link.inject(to, bytes, made.link.now + random.below(3000));
      }
      made.link.runFor(4000);
      expectEcho(made);
    });
  });
});

function checkConnects(made: Pair, start: Start): void {
  const { link, a, b } = made;
  if (start !== "b") a.channels.connect(link.now);
  if (start !== "a") b.channels.connect(link.now);
  expect(link.run(() => a.state === "connected" && b.state === "connected", 20_000)).toBe(true);
  link.runFor(2000);
  expectEcho(made);
}

/** A message still goes both ways, on a new channel. */
function expectEcho({ link, a, b }: Pair): void {
  const heard: string[] = [];
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    to.onChannel = (channel) => {
      channel.bind({
        open: () => {},
        message: (data) => heard.push(String(data)),
        drained: () => {},
        closed: () => {},
      });
    };
    const channel = from.channels.open({ label: "again" }, link.now);
    channel.send(`from ${from.side}`, link.now);
  }
  expect(link.run(() => heard.length === 2, 20_000)).toBe(true);
}

function echoLate(
  { link }: Pair,
  to: "a" | "b",
  type: number,
  lateMs: number,
): (bytes: Uint8Array, index: number, now: number) => boolean {
  return (bytes, _index, now) => {
    if (carries(bytes, type)) link.inject(to, bytes.slice(), now + 20 + lateMs);
    return false;
  };
}

it("a pair that connects is what the other suites start from", () => {
  expect(() => connectedPair({ seed: 1, both: { loss: 1 } }, 1000)).toThrow("not connected");
});
