import * as fc from "fast-check";
import { seededRandom } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { describe as tell, isMirrored, World, type Host, type HostOptions } from "./world.js";

const four = { a: ["10.0.0.1", "10.0.0.2"], b: ["10.0.1.1", "10.0.1.2"] } as const;

interface Call {
  readonly world: World;
  readonly a: Host;
  readonly b: Host;
}

function call(a: Partial<HostOptions> = {}, b: Partial<HostOptions> = {}): Call {
  const world = new World();
  return {
    world,
    a: world.host({ addresses: ["10.0.0.1"], controlling: true, seed: 1, ...a }),
    b: world.host({ addresses: ["10.0.1.1"], controlling: false, seed: 2, ...b }),
  };
}

/** The answerer learns of the offerer first; the answer takes one way back. */
function join({ world, a, b }: Call): void {
  tell(a, b);
  world.clock.schedule(10, () => {
    tell(b, a);
  });
}

function close({ world, a, b }: Call): void {
  a.agent.close();
  b.agent.close();
  // Datagrams that are on their way arrive at nobody.
  world.clock.advance(100);
  expect(world.clock.pending).toBe(0);
}

function joined(): Call {
  const run = call({ addresses: four.a }, { addresses: four.b });
  join(run);
  run.world.clock.advance(1000);
  return run;
}

describe("two ICE agents", () => {
  it("have a path one round trip after the answerer knew of the offer", () => {
    const run = call();
    join(run);
    const at = { a: NaN, b: NaN };
    for (let now = 0; now < 100; now += 1) {
      if (Number.isNaN(at.b) && run.b.agent.canSend) at.b = now;
      if (Number.isNaN(at.a) && run.a.agent.canSend) at.a = now;
      run.world.clock.advance(1);
    }
    // The check of b arrives with the answer, so that a sends its own at once.
    expect(at).toEqual({ a: 30, b: 20 });
    expect(run.world.sent).toBeLessThan(12);
    close(run);
  });

  it("choose the same pair of several, the best that works, and nominate it once", () => {
    const run = call({ addresses: four.a }, { addresses: four.b });
    run.world.weather = (from, to) =>
      [from.address, to.address].includes("10.0.0.1") ? "lost" : 10;
    join(run);
    run.world.clock.advance(2000);
    expect(isMirrored(run.a, run.b)).toBe(true);
    expect(run.a.agent.selected).toMatchObject({
      isNominated: true,
      link: { base: { address: "10.0.0.2" } },
      remote: { address: "10.0.1.1" },
    });
    expect(run.b.agent.selected?.isNominated).toBe(true);
    close(run);
  });

  it("find it however datagrams are lost, delayed and turned around, and agree on it", () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 0, max: 50 }),
        fc.boolean(),
        fc.boolean(),
        (seed, loss, aControls, bControls) => {
          const random = seededRandom(seed);
          const run = call(
            { addresses: four.a, controlling: aControls, seed },
            { addresses: four.b, controlling: bControls, seed: seed + 1 },
          );
          let isCalm = false;
          run.world.weather = () => {
            if (!isCalm && random() * 100 < loss) return "lost";
            return isCalm ? 10 : random() * 80;
          };
          join(run);
          run.world.clock.advance(6000);
          isCalm = true;
          run.world.clock.advance(20_000);
          expect([run.a.agent.canSend, run.b.agent.canSend]).toEqual([true, true]);
          expect(isMirrored(run.a, run.b)).toBe(true);
          expect(run.a.agent.controlling).toBe(!run.b.agent.controlling);
          close(run);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("report that there is none when every check came to nothing, once", () => {
    const run = call({ addresses: four.a }, { addresses: four.b });
    run.world.weather = () => "lost";
    join(run);
    run.world.clock.advance(4900);
    expect([run.a.failures, run.b.failures]).toEqual([0, 0]);
    run.world.clock.advance(1000);
    expect([run.a.failures, run.b.failures]).toEqual([1, 1]);
    close(run);
  });

  it("wait for a remote that no check of ours reaches to reach us", () => {
    const run = call();
    const { world, a, b } = run;
    // The remote announces nothing that we could ask.
    a.agent.setRemote(b.agent.local);
    a.agent.endOfRemoteCandidates();
    world.clock.advance(3000);
    expect(a.failures).toBe(0);
    tell(a, b);
    world.clock.advance(1000);
    expect(isMirrored(a, b)).toBe(true);
    expect(a.agent.selected?.remote.kind).toBe("prflx");
    close(run);
  });

  it("take the candidate of an address over when it comes after the check from there", () => {
    const run = call();
    const { world, a, b } = run;
    a.agent.setRemote(b.agent.local);
    tell(a, b);
    world.clock.advance(1000);
    expect(a.agent.selected?.remote.kind).toBe("prflx");
    tell(b, a);
    expect(a.agent.selected?.remote.kind).toBe("host");
    close(run);
  });
});

describe("a conflict of ICE roles", () => {
  it.each([
    ["controlling", 1n, 2n],
    ["controlling", 2n, 1n],
    ["controlled", 1n, 2n],
    ["controlled", 2n, 1n],
  ] as const)(
    "of two that are %s, with tie-breakers %d and %d, is settled",
    (role, mine, theirs) => {
      const controlling = role === "controlling";
      const run = call(
        { controlling, tieBreaker: mine, addresses: four.a },
        { controlling, tieBreaker: theirs, addresses: four.b },
      );
      join(run);
      run.world.clock.advance(1000);
      expect(run.a.agent.controlling).toBe(mine > theirs);
      expect(run.b.agent.controlling).toBe(theirs > mine);
      expect(isMirrored(run.a, run.b)).toBe(true);
      expect([run.a.agent.selected?.isNominated, run.b.agent.selected?.isNominated]).toEqual([
        true,
        true,
      ]);
      close(run);
    },
  );

  it("costs no more than one round trip", () => {
    const times = [true, false].map((conflict) => {
      const run = call({ tieBreaker: 2n }, { tieBreaker: 1n, controlling: conflict });
      join(run);
      let now = 0;
      while (!(run.a.agent.canSend && run.b.agent.canSend) && now < 1000) {
        run.world.clock.advance(1);
        now += 1;
      }
      close(run);
      return now;
    });
    const [withConflict = NaN, without = NaN] = times;
    expect(withConflict - without).toBeLessThanOrEqual(20);
  });
});

describe("a selected pair", () => {
  it("carries data both ways and counts it", () => {
    const run = joined();
    const { world, a, b } = run;
    const before = b.agent.selected?.packetsReceived ?? NaN;
    a.agent.send(Buffer.from([20, 1, 2]));
    a.agent.send([Buffer.from([20]), Buffer.from([3, 4])]);
    world.clock.advance(10);
    expect(b.got).toEqual([Buffer.from([20, 1, 2]), Buffer.from([20, 3, 4])]);
    expect(a.agent.selected).toMatchObject({ packetsSent: 2, bytesSent: 6 });
    expect(b.agent.selected?.packetsReceived).toBe(before + 2);
    close(run);
  });

  it("is measured", () => {
    const run = joined();
    expect(run.a.agent.selected?.rttMs).toBe(20);
    run.world.weather = () => 30;
    run.world.clock.advance(7000);
    expect(run.a.agent.selected?.rttMs).toBe(60);
    close(run);
  });

  it("is asked for consent every 4 to 6 s, and given up 30 s after the last answer", () => {
    const run = joined();
    const { world, a } = run;
    const asked: number[] = [];
    world.weather = (from) => {
      if (from.address.startsWith("10.0.0.")) asked.push(world.clock.now());
      return "lost";
    };
    const since = world.clock.now();
    while (a.failures === 0 && world.clock.now() - since < 40_000) world.clock.advance(10);
    const silence = world.clock.now() - since;
    expect(silence).toBeGreaterThan(24_000);
    expect(silence).toBeLessThan(30_050);
    expect(a.agent.canSend).toBe(false);
    const before = world.sent;
    a.agent.send(Buffer.from([20]));
    expect(world.sent).toBe(before);
    expect(asked.length).toBeGreaterThanOrEqual(5);
    close(run);
  });

  it("lasts as long as the remote answers", () => {
    const run = joined();
    run.world.clock.advance(600_000);
    expect([run.a.failures, run.b.failures, run.a.agent.canSend]).toEqual([0, 0, true]);
    close(run);
  });

  it("outlives a process that was stopped for an hour", () => {
    const run = joined();
    const { world, a, b } = run;
    const now = world.clock.now.bind(world.clock);
    world.clock.now = () => now() + 3_600_000;
    world.clock.advance(20_000);
    expect([a.failures, b.failures, a.agent.canSend]).toEqual([0, 0, true]);
    close(run);
  });

  it("is probed on demand: an answer, or none in time", async () => {
    const run = joined();
    const answered = run.a.agent.probe(1000);
    run.world.clock.advance(50);
    expect(await answered).toBe(true);
    run.world.weather = () => "lost";
    const lost = run.a.agent.probe(1000);
    run.world.clock.advance(1000);
    expect(await lost).toBe(false);
    run.a.agent.close();
    expect(await run.a.agent.probe(1000)).toBe(false);
    close(run);
  });
});
