import { describe, expect, it } from "vitest";
import { decodeStun } from "../../../src/engine/werift/ice/stun/message.js";
import { describe as tell, isMirrored, World, type Host } from "./world.js";

interface Scene {
  readonly world: World;
  readonly a: Host;
  readonly b: Host;
}

function joined(): Scene {
  const world = new World();
  const a = world.host({ addresses: ["10.0.0.1"], controlling: true, seed: 1 });
  const b = world.host({ addresses: ["10.0.1.1"], controlling: false, seed: 2 });
  tell(a, b);
  tell(b, a);
  world.clock.advance(1000);
  return { world, a, b };
}

/** Data of a that arrives at b, one datagram every 10 ms. */
function stream({ world, a, b }: Scene, forMs: number): number {
  const before = b.got.length;
  for (let at = 0; at < forMs; at += 10) {
    a.agent.send(Buffer.from([20]));
    world.clock.advance(10);
  }
  return b.got.length - before;
}

describe("credentials", () => {
  it("have more than the 24 and 128 bits that they need, and the characters that they may have", () => {
    const { agent } = joined().a;
    const seen = new Set<string>();
    for (let turn = 0; turn < 100; turn += 1) {
      const { ufrag, password } = agent.local;
      expect(ufrag).toMatch(/^[\w+/]{8}$/);
      expect(password).toMatch(/^[\w+/]{24}$/);
      seen.add(ufrag).add(password);
      agent.restart();
      agent.setRemote({ ufrag: `remote${turn}`, password: "x".repeat(22) });
    }
    expect(seen.size).toBe(200);
  });
});

describe("an ICE restart", () => {
  it("has data on the old path until the new one is there, and loses none", () => {
    const scene = joined();
    const { world, a, b } = scene;
    const old = a.agent.selected;
    a.agent.restart();
    expect(stream(scene, 200)).toBe(20);
    expect(a.agent.selected).toBe(old);
    b.agent.restart();
    tell(a, b);
    // The answer takes its time.
    expect(stream(scene, 200)).toBe(20);
    tell(b, a);
    expect(stream(scene, 200)).toBe(20);
    world.clock.advance(10);
    expect(a.agent.selected).not.toBe(old);
    expect(isMirrored(a, b)).toBe(true);
    expect([a, b].map(({ agent }) => agent.selected?.isNominated)).toEqual([true, true]);
    expect([a, b].map(({ agent }) => agent.isRestarting)).toEqual([false, false]);
  });

  it("that is taken back leaves the old credentials and the old path", () => {
    const scene = joined();
    const { world, a } = scene;
    const { local, selected } = a.agent;
    a.agent.restart();
    expect(a.agent.local).not.toBe(local);
    a.agent.rollback();
    expect(a.agent.local).toBe(local);
    // Nothing else can be taken back.
    a.agent.rollback();
    expect(a.agent.local).toBe(local);
    world.clock.advance(60_000);
    expect([a.agent.selected, a.failures]).toEqual([selected, 0]);
  });

  it("before there was a path is taken back too, and the first checks go on", () => {
    const world = new World();
    const a = world.host({ addresses: ["10.0.0.1"], controlling: true, seed: 1 });
    const b = world.host({ addresses: ["10.0.1.1"], controlling: false, seed: 2 });
    const { local } = a.agent;
    world.weather = () => 100;
    tell(a, b);
    tell(b, a);
    a.agent.restart();
    world.clock.advance(150);
    a.agent.rollback();
    expect(a.agent.local).toBe(local);
    world.clock.advance(1000);
    expect(isMirrored(a, b)).toBe(true);
  });

  it("keeps a remote that answers with its old credentials", () => {
    const scene = joined();
    const { a, b } = scene;
    a.agent.restart();
    tell(a, b);
    tell(b, a);
    expect(stream(scene, 500)).toBe(50);
    expect(isMirrored(a, b)).toBe(true);
    expect(a.agent.isRestarting).toBe(false);
  });

  it("answers the remote on the old path for as long as that may be in use, and then no more", () => {
    const scene = joined();
    const { world, a, b } = scene;
    const before = b.agent.local;
    for (const { agent } of [a, b]) agent.restart();
    tell(a, b);
    tell(b, a);
    world.clock.advance(1000);
    const answers = (): number => {
      let answered = 0;
      world.weather = (from, _to, datagram) => {
        const isAnswer = decodeStun(datagram)?.class === "success" && from.address === "10.0.1.1";
        if (isAnswer && decodeStun(datagram)?.isBy(before.password) === true) answered += 1;
        return 10;
      };
      // A check with the credentials of before, as a remote sends it that has not changed over yet.
      const other = new World();
      const late = other.host({ addresses: ["10.0.0.1"], controlling: true, seed: 9 });
      other.weather = (_from, to, datagram) => {
        const [mine] = a.links;
        if (mine !== undefined) world.inject(mine.base, to, datagram);
        return "lost";
      };
      late.agent.setRemote(before);
      const [link] = b.links;
      if (link !== undefined)
        late.agent.addRemoteCandidate({ kind: "host", ...link.base, priority: 1 });
      late.agent.close();
      return answered;
    };
    expect(answers()).toBe(1);
    world.clock.advance(31_000);
    expect(answers()).toBe(0);
    expect(isMirrored(a, b)).toBe(true);
  });

  it("keeps the connection past the end of the old path's consent, while it looks for another", () => {
    const { world, a, b } = joined();
    world.weather = () => "lost";
    world.clock.advance(25_000);
    a.agent.restart();
    b.agent.restart();
    tell(a, b);
    tell(b, a);
    world.clock.advance(8000);
    expect([a.failures, b.failures]).toEqual([0, 0]);
    expect(a.agent.canSend).toBe(false);
    world.weather = () => 10;
    // The next one finds a network that works again.
    a.agent.restart();
    b.agent.restart();
    tell(a, b);
    tell(b, a);
    world.clock.advance(1000);
    expect([a.agent.canSend, b.agent.canSend]).toEqual([true, true]);
    expect(isMirrored(a, b)).toBe(true);
  });

  it("has new roles settled when both sides take the same", () => {
    for (const controlling of [true, false]) {
      const scene = joined();
      const { a, b } = scene;
      for (const { agent } of [a, b]) {
        agent.restart();
        agent.assignRole(controlling);
      }
      tell(a, b);
      tell(b, a);
      expect(stream(scene, 1000)).toBe(100);
      expect(a.agent.controlling).toBe(!b.agent.controlling);
      expect(isMirrored(a, b)).toBe(true);
    }
  });

  it("ten times in a row leaves no timer and no request behind", () => {
    const scene = joined();
    const { world, a, b } = scene;
    for (let turn = 0; turn < 10; turn += 1) {
      a.agent.restart();
      b.agent.restart();
      tell(a, b);
      tell(b, a);
      expect(stream(scene, 300)).toBe(30);
    }
    a.agent.close();
    b.agent.close();
    world.clock.advance(100);
    expect(world.clock.pending).toBe(0);
  });
});
