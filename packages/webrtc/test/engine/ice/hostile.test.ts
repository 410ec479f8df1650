import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maxEarlyChecks } from "../../../src/engine/werift/ice/agent/early-checks.js";
import {
  maxPeerReflexiveCandidates,
  maxRemoteCandidates,
} from "../../../src/engine/werift/ice/checks/pair-table.js";
import {
  decodeStun,
  encodeStun,
  type StunMessage,
} from "../../../src/engine/werift/ice/stun/message.js";
import { describe as tell, World, type Host } from "./world.js";

const stranger = { address: "10.0.9.9", port: 999 } as const;

interface Scene {
  readonly world: World;
  readonly a: Host;
  readonly b: Host;
  /** What a sent, to whom, since the scene began. */
  readonly sent: { readonly to: string; readonly datagram: Buffer }[];
}

function scene({ joined }: { joined: boolean }): Scene {
  const world = new World();
  const a = world.host({ addresses: ["10.0.0.1"], controlling: true, seed: 1 });
  const b = world.host({ addresses: ["10.0.1.1"], controlling: false, seed: 2 });
  if (joined) {
    tell(a, b);
    tell(b, a);
    world.clock.advance(1000);
  }
  const sent: Scene["sent"] = [];
  world.weather = (from, to, datagram) => {
    if (from.address === "10.0.0.1") sent.push({ to: `${to.address} ${to.port}`, datagram });
    return 10;
  };
  return { world, a, b, sent };
}

function at({ a }: Scene): { address: string; port: number } {
  return a.links[0]?.base ?? stranger;
}

let ids = 0;
function request(to: Host, extra: Partial<StunMessage> = {}, remoteUfrag = "them"): StunMessage {
  const transactionId = Buffer.alloc(12);
  transactionId.writeUInt32BE((ids += 1));
  return {
    class: "request",
    transactionId,
    username: `${to.agent.local.ufrag}:${remoteUfrag}`,
    priority: 1,
    role: { controlling: false, tieBreaker: 0n },
    ...extra,
  };
}

describe("a request", () => {
  it.each([
    ["without integrity", undefined, {}],
    ["with another password", "guessed", {}],
    ["to nobody here", "own", { username: "else:them" }],
    ["without a name", "own", { username: "" }],
  ] as const)("%s is not answered and changes nothing", (_, key, extra) => {
    const run = scene({ joined: true });
    const { world, a, sent } = run;
    const { selected } = a.agent;
    const password = key === "own" ? a.agent.local.password : key;
    const role = { controlling: true, tieBreaker: 2n ** 64n - 1n };
    const message = request(a, { useCandidate: true, role, ...extra });
    world.inject(stranger, at(run), encodeStun(message, password));
    world.clock.advance(100);
    expect(sent).toEqual([]);
    expect(a.agent.selected).toBe(selected);
    expect(a.agent.controlling).toBe(true);
    // Nor is data taken from there.
    world.inject(stranger, at(run), Buffer.from([20, 1]));
    expect(a.got).toEqual([]);
  });

  it("with the password is answered at once, and the answer tells where it came from", () => {
    const run = scene({ joined: false });
    const { world, a, sent } = run;
    const message = request(a);
    world.inject(stranger, at(run), encodeStun(message, a.agent.local.password));
    const [answer] = sent.map(({ datagram }) => decodeStun(datagram));
    expect(answer).toMatchObject({ class: "success", mappedAddress: stranger });
    expect(answer?.transactionId).toEqual(message.transactionId);
    expect(answer?.isBy(a.agent.local.password)).toBe(true);
  });

  it.each([
    ["no priority", { priority: undefined }, 400],
    ["no role", { role: undefined }, 400],
    [
      "the same role and a smaller tie-breaker",
      { role: { controlling: true, tieBreaker: 0n } },
      487,
    ],
  ])("with %s is told what is wrong, and changes nothing", (_, extra, errorCode) => {
    const run = scene({ joined: true });
    const { world, a, b, sent } = run;
    const message = { ...request(a, {}, b.agent.local.ufrag), ...extra } as StunMessage;
    world.inject(stranger, at(run), encodeStun(message, a.agent.local.password));
    expect(sent.map(({ datagram }) => decodeStun(datagram))).toMatchObject([
      { class: "error", errorCode },
    ]);
    expect(a.agent.controlling).toBe(true);
    world.inject(stranger, at(run), Buffer.from([20, 1]));
    expect(a.got).toEqual([]);
  });
});

describe("a response", () => {
  it("counts only with the remote's password, from where the request went", () => {
    const run = scene({ joined: false });
    const { world, a, b, sent } = run;
    tell(b, a);
    const asked = decodeStun(sent[0]?.datagram ?? Buffer.alloc(0));
    expect(asked?.class).toBe("request");
    const transactionId = asked?.transactionId ?? Buffer.alloc(12);
    const target = b.links[0]?.base ?? stranger;
    const success: StunMessage = { class: "success", transactionId, mappedAddress: stranger };
    world.inject(target, at(run), encodeStun(success));
    world.inject(target, at(run), encodeStun(success, "guessed"));
    world.inject(target, at(run), encodeStun(success, a.agent.local.password));
    world.inject(stranger, at(run), encodeStun(success, b.agent.local.password));
    world.inject(target, at(run), encodeStun({ class: "error", transactionId, errorCode: 487 }));
    expect(a.agent.selected).toBeUndefined();
    expect(a.agent.controlling).toBe(true);
    world.inject(target, at(run), encodeStun(success, b.agent.local.password));
    expect(a.agent.selected?.remote).toMatchObject(target);
  });

  it("of a remote that calls every check a conflict of roles ends in a failed check", () => {
    const run = scene({ joined: false });
    const { world, a, b } = run;
    world.weather = (from, to, datagram) => {
      const message = decodeStun(datagram);
      if (from.address !== "10.0.0.1" || message?.class !== "request") return 10;
      const { transactionId } = message;
      const conflict: StunMessage = { class: "error", transactionId, errorCode: 487 };
      world.clock.schedule(10, () => {
        world.inject(to, from, encodeStun(conflict, b.agent.local.password));
      });
      return "lost";
    };
    tell(b, a);
    const before = world.sent;
    world.clock.advance(10_000);
    expect(world.sent - before).toBeLessThan(10);
    expect(a.failures).toBe(1);
  });
});

describe("data", () => {
  it("is taken from the remote's checked addresses, and from nowhere else", () => {
    const run = scene({ joined: true });
    const { world, a, b } = run;
    const remote = b.links[0]?.base ?? stranger;
    world.inject(stranger, at(run), Buffer.from([20, 1]));
    world.inject({ ...remote, port: remote.port + 1 }, at(run), Buffer.from([20, 2]));
    world.inject(remote, at(run), Buffer.from([20, 3]));
    expect(a.got).toEqual([Buffer.from([20, 3])]);
    // A check with both passwords makes another address one of the remote's.
    const message = request(a, {}, b.agent.local.ufrag);
    world.inject(stranger, at(run), encodeStun(message, a.agent.local.password));
    world.inject(stranger, at(run), Buffer.from([20, 4]));
    expect(a.got).toEqual([Buffer.from([20, 3]), Buffer.from([20, 4])]);
  });
});

describe("a remote that sends too much", () => {
  it("has so many candidates taken, and no more", () => {
    const { a, b } = scene({ joined: false });
    a.agent.setRemote(b.agent.local);
    const add = (n: number): boolean =>
      a.agent.addRemoteCandidate({ kind: "host", address: "10.1.0.1", port: n + 1, priority: n });
    for (let n = 0; n < maxRemoteCandidates; n += 1) expect(add(n)).toBe(true);
    expect(add(maxRemoteCandidates)).toBe(false);
    // One that is known is not one more.
    expect(add(0)).toBe(true);
  });

  it("has its addresses checked back at the pace of checks, whoever they belong to", () => {
    const run = scene({ joined: false });
    const { world, a, b } = run;
    world.weather = () => "lost";
    a.agent.setRemote(b.agent.local);
    for (let n = 0; n < maxRemoteCandidates; n += 1)
      a.agent.addRemoteCandidate({ kind: "host", address: "10.1.0.1", port: n + 1, priority: n });
    const before = world.sent;
    world.clock.advance(199);
    expect(world.sent - before).toBeLessThanOrEqual(10);
  });

  it.each([
    ["before its description", false, maxEarlyChecks],
    ["after it", true, maxPeerReflexiveCandidates],
  ])("has so many addresses of its own checks checked back: %s", (_, isKnown, limit) => {
    const run = scene({ joined: false });
    const { world, a, b, sent } = run;
    if (isKnown) a.agent.setRemote(b.agent.local);
    const { ufrag } = b.agent.local;
    for (let n = 0; n <= limit; n += 1) {
      const from = { address: "10.1.0.1", port: n + 1 };
      world.inject(from, at(run), encodeStun(request(a, {}, ufrag), a.agent.local.password));
    }
    if (!isKnown) a.agent.setRemote(b.agent.local);
    const checked = sent
      .filter(({ datagram }) => decodeStun(datagram)?.class === "request")
      .map(({ to }) => to);
    expect(new Set(checked).size).toBe(limit);
    expect(checked).not.toContain(`10.1.0.1 ${limit + 1}`);
  });
});

describe("anything at all that arrives", () => {
  it("is no exception, and leaves the path as it is", () => {
    const run = scene({ joined: true });
    const { world, a, b } = run;
    const { selected, controlling } = a.agent;
    const base = encodeStun(request(a, {}, b.agent.local.ufrag), "a password");
    const remote = b.links[0]?.base ?? stranger;
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
          fc.tuple(fc.nat(base.length - 1), fc.nat(255)).map(([offset, byte]) => {
            const bytes = Buffer.from(base);
            bytes.writeUInt8(byte, offset);
            return bytes;
          }),
        ),
        fc.boolean(),
        (bytes, fromRemote) => {
          world.inject(fromRemote ? remote : stranger, at(run), bytes);
        },
      ),
      { numRuns: 3000 },
    );
    world.clock.advance(100);
    expect([a.agent.selected, a.agent.controlling]).toEqual([selected, controlling]);
    expect(a.agent.canSend).toBe(true);
  });
});
