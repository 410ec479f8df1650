import { describe, expect, it } from "vitest";
import { decodeStun, encodeStun } from "../../../src/engine/werift/ice/stun/message.js";
import { describe as tell, isMirrored, World, type Host } from "./world.js";

const both = ["10.0.0.1", "10.0.0.2"] as const;

interface Scene {
  readonly world: World;
  readonly a: Host;
  readonly b: Host;
}

function scene(): Scene {
  const world = new World();
  const a = world.host({ addresses: both, controlling: true, seed: 1, tieBreaker: 2n });
  const b = world.host({ addresses: ["10.0.1.1"], controlling: false, seed: 2, tieBreaker: 1n });
  return { world, a, b };
}

/** The local address of a that b sends to. */
function target({ b }: Scene): string | undefined {
  return b.agent.selected?.remote.address;
}

let ids = 0;
/** A check of a, from one of its links, that asks for the pair. */
function ask({ world, a, b }: Scene, from: number, useCandidate = true): void {
  const transactionId = Buffer.alloc(12, 7);
  transactionId.writeUInt32BE((ids += 1));
  const message = {
    class: "request",
    transactionId,
    username: `${b.agent.local.ufrag}:${a.agent.local.ufrag}`,
    priority: 110 * 2 ** 24 + (65_535 - from) * 256 + 255,
    role: { controlling: true, tieBreaker: 2n },
    useCandidate,
  } as const;
  const [mine, theirs] = [a.links[from]?.base, b.links[0]?.base];
  if (mine === undefined || theirs === undefined) throw new Error("no such link");
  world.inject(mine, theirs, encodeStun(message, b.agent.local.password));
}

function controlled(): Scene {
  const run = scene();
  tell(run.a, run.b);
  // The checks of b are answered; all that a asks for comes from the test.
  run.a.agent.setRemote(run.b.agent.local);
  run.world.clock.advance(500);
  return run;
}

describe("the controlling side", () => {
  it("does not wait for a better pair that never answers, and does not go back to it", () => {
    const run = scene();
    const { world, a, b } = run;
    world.weather = (from, to) => ([from.address, to.address].includes(both[0]) ? "lost" : 10);
    tell(a, b);
    tell(b, a);
    world.clock.advance(250);
    expect(a.agent.selected).toMatchObject({
      isNominated: true,
      link: { base: { address: both[1] } },
    });
    world.weather = () => 10;
    world.clock.advance(10_000);
    expect(a.agent.selected?.link.base.address).toBe(both[1]);
    expect(isMirrored(a, b)).toBe(true);
  });

  it("sends data before it nominates, over the best of the pairs that work", () => {
    const run = scene();
    const { world, a, b } = run;
    // The better pair takes longer.
    world.weather = (from, to) => ([from.address, to.address].includes(both[0]) ? 30 : 5);
    tell(a, b);
    tell(b, a);
    world.clock.advance(31);
    expect(a.agent.selected).toMatchObject({
      isNominated: false,
      link: { base: { address: both[1] } },
    });
    expect(a.agent.canSend).toBe(true);
    world.clock.advance(300);
    expect(a.agent.selected).toMatchObject({
      isNominated: true,
      link: { base: { address: both[0] } },
    });
    expect(isMirrored(a, b)).toBe(true);
  });

  it("asks for a pair again when the nomination was lost", () => {
    const run = scene();
    const { world, a, b } = run;
    let lost = 0;
    world.weather = (_from, _to, datagram) => {
      const isNomination = decodeStun(datagram)?.useCandidate === true;
      if (!isNomination || lost >= 2) return 10;
      lost += 1;
      return "lost";
    };
    tell(a, b);
    tell(b, a);
    world.clock.advance(3000);
    expect(lost).toBe(2);
    expect([a, b].map(({ agent }) => agent.selected?.isNominated)).toEqual([true, true]);
    expect(isMirrored(a, b)).toBe(true);
  });
});

describe("the controlled side", () => {
  it("takes the best of the pairs that a remote asks for all at once", () => {
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const run = controlled();
      for (const from of order) ask(run, from);
      expect(target(run)).toBe(both[0]);
    }
  });

  it("follows a remote that asks for another pair later, and back", () => {
    const run = controlled();
    ask(run, 0);
    run.world.clock.advance(2000);
    ask(run, 1);
    expect(target(run)).toBe(both[1]);
    ask(run, 0);
    expect(target(run)).toBe(both[0]);
  });

  it("does not follow a check that asks for nothing, nor one pair while the other is asked for still", () => {
    const run = controlled();
    ask(run, 0);
    run.world.clock.advance(2000);
    ask(run, 1, false);
    expect(target(run)).toBe(both[0]);
    ask(run, 0);
    ask(run, 1);
    expect(target(run)).toBe(both[0]);
  });
});
