import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { check } from "./model-engine.js";
import { World, type WorldOptions } from "./model-world.js";

const sides = [0, 1] as const;

const options = (failures: number): fc.Arbitrary<WorldOptions> =>
  fc.record({
    politeSide: fc.constantFrom(...sides),
    failures: fc.constant(failures),
    answersCover: fc.boolean(),
    rollbackRestoresUfrag: fc.boolean(),
  });

const entropy = fc.array(fc.nat(255), { minLength: 10, maxLength: 120, size: "max" });

function checkSettled(world: World): void {
  const [a, b] = world.peers;
  for (const side of sides) {
    const peer = world.peers[side];
    check(peer.machine.running === "none", "an operation runs for ever");
    check(peer.machine.signaling === "stable", "a side waits for an answer that never comes");
    check(peer.machine.inbox.length === 0, "signals wait for ever");
    check(!peer.needsNegotiation, "a local change is not covered by any exchange");
  }
  check(a.agreed === b.agreed, `the sides agreed on ${a.agreed} and ${b.agreed}`);
}

function checkCandidates(world: World): void {
  for (const candidate of world.registry.candidates.values()) {
    const receiver = world.peers[candidate.from === 0 ? 1 : 0];
    const { remote } = receiver;
    if (remote === undefined || !candidate.delivered) continue;
    const current = candidate.named
      ? candidate.ufrag === remote.ufrag
      : candidate.seq === remote.seq && receiver.accepted.has(candidate.seq);
    if (current) check(candidate.applied === 1, "a candidate of the description was not applied");
  }
}

describe("two peers that negotiate over ordered channels", () => {
  it("settle on one offer and answer that cover every change, whatever the timing", () => {
    const seen = { exchanges: 0, candidates: 0 };
    fc.assert(
      fc.property(options(0), entropy, (run, bytes) => {
        const world = new World(run);
        world.run(bytes);
        checkSettled(world);
        checkCandidates(world);
        if (world.peers[0].agreed !== "") seen.exchanges += 1;
        for (const { applied } of world.registry.candidates.values()) seen.candidates += applied;
      }),
      { numRuns: 6000 },
    );
    // The runs are no idle ones.
    expect(seen.exchanges).toBeGreaterThan(4000);
    expect(seen.candidates).toBeGreaterThan(4000);
  });

  it("settle with the next change after operations failed", () => {
    let failed = 0;
    fc.assert(
      fc.property(options(80), entropy, (run, bytes) => {
        const world = new World(run);
        world.run(bytes);
        failed += world.failed;
        for (const side of sides) {
          world.change(side);
          world.drain();
        }
        checkSettled(world);
        checkCandidates(world);
      }),
      { numRuns: 6000 },
    );
    expect(failed).toBeGreaterThan(4000);
  });
});
