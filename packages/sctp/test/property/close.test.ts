import { describe, expect, it } from "vitest";
import type { SctpChannel } from "../../src/channels/types.js";
import { Random } from "../link/random.js";
import { connectedPair, type Pair, type Peer } from "../support/peers.js";
import { checkSeeds, timeLimit } from "../support/seeds.js";
import { Arrivals, Departures, receive, type Flow } from "../support/traffic.js";

const silent = { open: () => {}, message: () => {}, drained: () => {}, closed: () => {} };

interface Churn {
  readonly made: Pair;
  readonly random: Random;
  readonly flows: Map<number, Arrivals>;
  readonly ids: Map<string, number>;
  closedHere: number;
  opened: number;
}

/** Opens a channel, sends on it, closes it at once; and once it is closed opens the next one. */
function churn(state: Churn, peer: Peer, rounds: number): void {
  if (rounds === 0) return;
  const { made, random, flows } = state;
  const key = (state.opened += 1);
  const sizes = Array.from({ length: random.below(12) }, () => 12 + random.below(3000));
  const flow: Flow = { key, init: { label: String(key) }, sizes, text: random.chance(0.3) };
  flows.set(key, new Arrivals(flow));
  const channel = peer.channels.open(flow.init, made.link.now);
  channel.bind({
    ...silent,
    closed: () => {
      state.closedHere += 1;
      churn(state, peer, rounds - 1);
    },
  });
  const id = `${peer.side} ${channel.id}`;
  state.ids.set(id, (state.ids.get(id) ?? 0) + 1);
  new Departures(flow, channel).pump(made.link.now);
  const how = random.below(3);
  // Closed by this side at once, by this side later, or by the remote once it has everything.
  if (how === 0) channel.close(made.link.now);
  if (how === 1) {
    made.link.at(made.link.now + random.below(200), (now) => {
      channel.close(now);
    });
  }
  if (how === 2) closeWhenComplete(state, channel, key);
}

function closeWhenComplete(state: Churn, channel: SctpChannel, key: number): void {
  const { link } = state.made;
  const look = (now: number): void => {
    if (channel.state !== "open") return;
    const remote = state.made[channel.id !== null && channel.id % 2 === 0 ? "b" : "a"];
    const theirs = remote.incoming.find(
      (one) => one.init.label === String(key) && one.state === "open",
    );
    if (theirs !== undefined && state.flows.get(key)?.isComplete === true) theirs.close(now);
    else link.at(now + 20, look);
  };
  link.at(link.now + 20, look);
}

describe("channels that come and go", () => {
  it("deliver all that was sent before close, and their streams are used again", timeLimit, () => {
    checkSeeds(150, (seed) => {
      const random = new Random(seed);
      const made = connectedPair({
        seed,
        both: {
          delayMs: random.pick([0, 10, 50]),
          loss: random.pick([0, 0.05, 0.2]),
          jitterMs: random.pick([0, 20]),
          duplicate: random.pick([0, 0.1]),
        },
        peers: { interleaving: random.chance(0.5) },
      });
      const { link, a, b } = made;
      const state: Churn = {
        made,
        random,
        flows: new Map(),
        ids: new Map(),
        closedHere: 0,
        opened: 0,
      };
      for (const peer of [a, b]) {
        peer.onChannel = (channel) => {
          const flow = state.flows.get(Number(channel.init.label));
          if (flow === undefined) throw new Error(`nobody opened ${channel.init.label}`);
          receive(channel, flow);
        };
      }
      const rounds = 5;
      for (const peer of [a, b, a, b]) churn(state, peer, rounds);
      if (!link.run(() => state.closedHere === 4 * rounds, 300_000)) {
        throw new Error(`${state.closedHere} of ${4 * rounds} closed after ${link.now} ms`);
      }
      link.runFor(20_000);
      for (const flow of state.flows.values()) {
        flow.check();
        expect([flow.flow.key, flow.closed]).toEqual([flow.flow.key, true]);
      }
      expect(Math.max(...state.ids.values())).toBeGreaterThan(1);
      expect(Math.max(...[...state.ids.keys()].map((id) => Number(id.split(" ")[1])))).toBeLessThan(
        12,
      );
      for (const { faults, incoming } of [a, b]) {
        expect(faults).toEqual([]);
        for (const { state: end } of incoming) expect(end).toBe("closed");
      }
    });
  });

  it("may be closed inside the event that tells of them", () => {
    const { link, a, b } = connectedPair({ seed: 1 });
    b.onChannel = (channel) => {
      channel.bind(silent);
      channel.close(link.now);
    };
    let closed = 0;
    for (let count = 0; count < 100; count += 1) {
      const channel = a.channels.open({ label: "x" }, link.now);
      channel.bind({ ...silent, closed: () => (closed += 1) });
    }
    expect(link.run(() => closed === 100, 10_000)).toBe(true);
    link.runFor(1000);
    expect(b.incoming.every(({ state }) => state === "closed")).toBe(true);
    expect([a.faults, b.faults]).toEqual([[], []]);
  });

  it("negotiated ones too, closed by both sides at once", timeLimit, () => {
    checkSeeds(40, (seed) => {
      const both = { delayMs: 10, loss: 0.1, jitterMs: 10 };
      const { link, a, b } = connectedPair({ seed, both });
      const init = { label: "n", negotiatedId: 7 };
      for (let round = 0; round < 3; round += 1) {
        const heard: string[] = [];
        let closed = 0;
        const [x, y] = [a, b].map((peer) => {
          const channel = peer.channels.open(init, link.now);
          channel.bind({
            ...silent,
            message: (data) => heard.push(`${peer.side} ${String(data)}`),
            closed: () => (closed += 1),
          });
          return channel;
        });
        x?.send(`x${round}`, link.now);
        y?.send(`y${round}`, link.now);
        x?.close(link.now);
        y?.close(link.now);
        expect(link.run(() => closed === 2, 60_000)).toBe(true);
        expect(heard.toSorted()).toEqual([`a y${round}`, `b x${round}`]);
      }
    });
  });
});

describe("the end", () => {
  it(
    "by shutdown first delivers what was sent, from either side or both at once",
    timeLimit,
    () => {
      checkSeeds(100, (seed) => {
        const random = new Random(seed);
        const both = { delayMs: 20, loss: random.pick([0, 0.05, 0.2]), bytesPerMs: 500 };
        const { link, a, b } = connectedPair({ seed, both });
        const flow: Flow = {
          key: 1,
          init: { label: "1" },
          sizes: Array.from({ length: 30 }, () => 12 + random.below(10_000)),
          text: false,
        };
        const arrivals = new Arrivals(flow);
        b.onChannel = (channel) => receive(channel, arrivals);
        const channel = a.channels.open(flow.init, link.now);
        channel.bind(silent);
        new Departures(flow, channel).pump(link.now);
        const who = random.pick(["a", "b", "both"]);
        if (who !== "b") a.channels.shutdown(link.now);
        link.at(link.now + random.below(100), (now) => {
          if (who !== "a") b.channels.shutdown(now);
        });
        expect(link.run(() => a.state === "closed" && b.state === "closed", 120_000)).toBe(true);
        expect([a.error, b.error]).toEqual([undefined, undefined]);
        expect(channel.state).toBe("closed");
        // A side that is leaving takes no new channel.
        expect(arrivals.closed).toBe(b.incoming.length > 0);
        if (arrivals.closed) arrivals.check();
        expect([a.channels.nextTimeout(), b.channels.nextTimeout()]).toEqual([
          undefined,
          undefined,
        ]);
      });
    },
  );

  it("by shutdown of both at the same instant needs no repetition", () => {
    const { link, a, b } = connectedPair({ seed: 1, both: { delayMs: 20 } });
    a.channels.shutdown(link.now);
    b.channels.shutdown(link.now);
    const before = link.now;
    expect(link.run(() => a.state === "closed" && b.state === "closed", 10_000)).toBe(true);
    expect(link.now - before).toBeLessThanOrEqual(60);
    expect([a.error, b.error]).toEqual([undefined, undefined]);
  });

  it("by abort is at once here, and there when the packet arrives", timeLimit, () => {
    checkSeeds(20, (seed) => {
      const { link, a, b } = connectedPair({ seed, both: { delayMs: 20 } });
      const channel = a.channels.open({ label: "x" }, link.now);
      let ended: string | undefined = "not yet";
      channel.bind({ ...silent, closed: (error) => (ended = error?.code) });
      link.runFor(seed * 7);
      a.channels.abort(link.now, "enough");
      expect(a.state).toBe("closed");
      expect(ended).not.toBe("not yet");
      link.runFor(100);
      expect([b.state, b.error?.code]).toEqual(["closed", "closed"]);
      expect([a.channels.nextTimeout(), b.channels.nextTimeout()]).toEqual([undefined, undefined]);
    });
  });

  it("of a remote that vanished is noticed, and not at once", () => {
    const { link, a } = connectedPair({ seed: 1 });
    const channel = a.channels.open({ label: "x" }, link.now);
    channel.bind(silent);
    link.paths.a.conditions.loss = 1;
    channel.send("is anybody there", link.now);
    const before = link.now;
    expect(link.run(() => a.state === "closed", 600_000)).toBe(true);
    expect(link.now - before).toBeGreaterThan(10_000);
    expect(channel.state).toBe("closed");
    expect(a.error?.code).toMatch(/timeout|connection_failed/);
  });
});
