import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clusterWorld, memoryWorld } from "../support/host.js";
import { failOnLeaks } from "@conic/internal-testing";
import { Model, names, type Step } from "./model.js";
import { Runner } from "./runner.js";

failOnLeaks();

const clients = 4;
const who = fc.nat(clients - 1);
const claim = fc.constantFrom("missing" as const, "own" as const, "foreign" as const);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("register" as const),
      who,
      id: fc.nat(names.length - 1),
      secret: fc.constantFrom(
        "none" as const,
        "current" as const,
        "outdated" as const,
        "wrong" as const,
      ),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("unregister" as const), who, claim }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("relay" as const),
      who,
      type: fc.constantFrom("sdp" as const, "candidate" as const, "data_channel" as const),
      // One beyond the names: an id that nobody ever holds.
      to: fc.nat(names.length),
      claim,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("garbage" as const),
      who,
      text: fc.json({ maxDepth: 2 }).filter((text) => !text.includes('"type"')),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("leave" as const), who, rudely: fc.boolean() }),
  },
);

describe("any sequence of messages", () => {
  it.each([
    ["one node", memoryWorld, 300],
    ["three nodes", clusterWorld, 150],
  ] as const)("has exactly the effects that the rules say, on %s", async (_, create, numRuns) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        await using world = await create();
        const model = new Model();
        const runner = new Runner(
          await Promise.all(Array.from({ length: clients }, () => world.connect())),
        );
        for (const next of steps) {
          const own = model.idOf(next.who);
          const fitting = fit(next, model);
          const expected = model.apply(fitting);
          await runner.play(fitting, own);
          expect(await runner.hear()).toEqual(expected);
          expect(world.server.stats().registered).toBe(model.held);
        }
      }),
      { numRuns },
    );
  });
});

/** A current secret exists only of an id that is held; a client without an id has no own one to claim. */
function fit(next: Step, model: Model): Step {
  if (next.do !== "register" || model.isHeld(names[next.id] ?? "")) return next;
  return { ...next, secret: "none" };
}
