import * as fc from "fast-check";
import { describe, it } from "vitest";
import { defaultCodecs, type LocalCodecs } from "../../../src/media/description/local/codecs.js";
import { Side } from "./model-inner.js";
import { World, type Operation } from "./model-world.js";

const side = fc.constantFrom(0 as const, 1 as const);
const slot = fc.nat({ max: 11 });

const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({
    do: fc.constant("add" as const),
    side,
    kind: fc.constantFrom("audio" as const, "video" as const),
  }),
  fc.record({
    do: fc.constant("direct" as const),
    side,
    slot,
    direction: fc.constantFrom(
      "sendrecv" as const,
      "sendonly" as const,
      "recvonly" as const,
      "inactive" as const,
    ),
  }),
  fc.record({ do: fc.constantFrom("rename" as const, "stop" as const), side, slot }),
  fc.record({
    do: fc.constantFrom("data" as const, "offer-and-rollback" as const, "fail" as const),
    side,
  }),
  { weight: 3, arbitrary: fc.record({ do: fc.constant("offer" as const), side }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("deliver" as const), side }) },
);

/** The numbers of the other side for other things. */
const swapped: LocalCodecs = {
  audio: { ...defaultCodecs.audio, payloadType: 96 },
  video: { ...defaultCodecs.video, payloadType: 111, feedback: ["nack pli", "nack"] },
};

function checkConvergence(operations: readonly Operation[], codecs: LocalCodecs): void {
  const world = new World([new Side("a"), new Side("b", { codecs })]);
  for (const each of operations) world.run(each);
  world.settle();
  world.checkRest();
  world.settle();
}

describe("two negotiations", () => {
  it("come to rest in agreement after whatever both did", () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        checkConvergence(operations, defaultCodecs);
      }),
      { numRuns: 300 },
    );
  });

  it("come to rest in agreement though each has its own numbers", () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        checkConvergence(operations, swapped);
      }),
      { numRuns: 300 },
    );
  });
});
