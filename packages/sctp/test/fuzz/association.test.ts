import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { Random } from "../link/random.js";
import type { Lab } from "../support/lab.js";
import { readPacket, types } from "../support/packets.js";
import { connectedPair } from "../support/peers.js";
import { checkSeeds, timeLimit } from "../support/seeds.js";
import { situations, subject } from "../support/subject.js";
import { readCorpus } from "./corpus.js";
import { anyBytes, hostilePacket, strangersPacket } from "./mutate.js";

const corpus = readCorpus();
/** `CONIC_SCTP_FUZZ_PACKETS=10000000` for a night of it. */
const packets = Number(process.env["CONIC_SCTP_FUZZ_PACKETS"] ?? 60_000);
const seed = Number(process.env["CONIC_SCTP_SEED"] ?? 1);
const packetsPerSubject = 300;

// What one packet may cause at most, whatever it says.
const maxPacketsOut = 80;
const maxBytesOut = 150_000;
const maxEventsOut = 1500;

/** Gives one packet, and holds the association to what it may do because of it. */
function give(lab: Lab, bytes: Uint8Array): void {
  lab.forget();
  const events = lab.log.length + lab.faults.length + lab.states.length;
  const before = lab.state;
  lab.giveBytes(bytes);
  const told = lab.log.length + lab.faults.length + lab.states.length - events;
  let out = 0;
  for (const { length } of lab.sentBytes) out += length;
  const timeout = lab.channels.nextTimeout();
  if (
    told > maxEventsOut ||
    out > maxBytesOut ||
    lab.sent.length > maxPacketsOut ||
    Number.isNaN(timeout) ||
    (before === "closed" && lab.state !== "closed")
  ) {
    throw new Error(`${told} events, ${out} bytes, ${lab.sent.length} packets, timeout ${timeout}`);
  }
}

function collectGarbage(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  return process.memoryUsage().heapUsed;
}

/** Packets given to one association after the other; the seed of the one that failed is in the error. */
function fuzz(count: number): void {
  for (let done = 0, run = seed; done < count; run += 1) {
    const random = new Random(run);
    const situation = random.pick(situations);
    const lab = subject(situation, random);
    let last: Uint8Array = new Uint8Array(0);
    try {
      for (let index = 0; index < packetsPerSubject && done < count; index += 1, done += 1) {
        last = hostilePacket(lab, corpus, random);
        give(lab, last);
        if (random.chance(0.05)) lab.wait(random.below(3000));
        if (random.chance(0.02)) for (const channel of lab.incoming) channel.close(lab.now);
        // One more round in "closed", then another association.
        if (lab.state === "closed" && random.chance(0.2)) index = packetsPerSubject;
      }
    } catch (error) {
      const hex = Buffer.from(last).toString("hex");
      throw new Error(`seed ${run}, ${situation}, ${lab.state}: ${hex}`, { cause: error });
    }
  }
}

describe("the corpus", () => {
  it("has every chunk type, and packets that are whole and broken", () => {
    const read = corpus.map((bytes) => readPacket(bytes));
    const seen = new Set(read.flatMap((one) => one?.chunks.map(({ type }) => type) ?? []));
    expect(Object.values(types).filter((type) => !seen.has(type))).toEqual([]);
    expect(read.filter((one) => one === undefined).length).toBeGreaterThan(5);
  });

  it("does no harm in any state", () => {
    for (const situation of situations) {
      for (const bytes of corpus) {
        const lab = subject(situation, new Random(1));
        const own = bytes.slice();
        give(lab, bytes);
        if (own.length >= 8) new DataView(own.buffer).setUint32(4, lab.localTag);
        give(lab, own);
        lab.wait(1000);
        expect(["new", "connecting", "connected", "closing", "closed"]).toContain(lab.state);
      }
    }
  });
});

describe("an association", () => {
  it(
    "takes hostile packets in every state: no throw, no hang, no growth",
    { timeout: 60_000 + packets },
    () => {
      fuzz(Math.min(packets, 20_000));
      const before = collectGarbage();
      const start = performance.now();
      fuzz(packets);
      const seconds = (performance.now() - start) / 1000;
      expect(collectGarbage() - before).toBeLessThan(24 * 1024 * 1024);
      if (packets > 60_000) {
        const rate = Math.round(packets / seconds);
        process.stdout.write(`${packets} packets from seed ${seed}, ${rate} a second\n`);
      }
    },
  );

  it("is not disturbed by strangers: two honest ends finish all the same", timeLimit, () => {
    checkSeeds(30, (run) => {
      const random = new Random(run);
      const { link, a, b } = connectedPair({ seed: run, both: { delayMs: 10, loss: 0.05 } });
      let heard = 0;
      b.onChannel = (channel) => {
        channel.bind({
          open: () => {},
          message: (data) => {
            expect(data).toHaveLength(1000);
            heard += 1;
          },
          drained: () => {},
          closed: () => {},
        });
      };
      for (let count = 0; count < 300; count += 1) {
        const side = random.pick(["a", "b"] as const);
        link.inject(side, strangersPacket(corpus, random), link.now + random.below(2000));
      }
      const channel = a.channels.open({ label: "x" }, link.now);
      for (let count = 0; count < 50; count += 1) channel.send(new Uint8Array(1000), link.now);
      expect(link.run(() => heard === 50, 60_000)).toBe(true);
      link.runFor(5000);
      expect([a.state, b.state, a.faults, b.faults]).toEqual(["connected", "connected", [], []]);
    });
  });

  it("survives any bytes at all, of any length", timeLimit, () => {
    checkSeeds(200, (run) => {
      const random = new Random(run);
      const lab = subject(random.pick(situations), random);
      const before = lab.state;
      for (let count = 0; count < 20; count += 1) {
        give(lab, anyBytes(random, random.pick([4, 20, 200, 65_000])));
      }
      expect(lab.state).toBe(before);
    });
  });
});
