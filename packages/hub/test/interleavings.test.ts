import { ConicError, type Registration } from "@conic/domain";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createHub } from "../src/index.js";
import { FakeConnection } from "./fake-connection.js";
import { clientOf, codeOf, settle } from "./helpers.js";
import { Pair, step } from "./model.js";

function isOpen({ client }: Registration): boolean {
  return client.connection.readyState === "open";
}

describe("a hub under random interleavings", () => {
  it("behaves as a map from ids to connections does", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const pair = new Pair();
        for (const action of steps) {
          for (const { actual, expected } of [await pair.apply(action), pair.state()]) {
            expect(actual).toStrictEqual(expected);
          }
        }
        await pair.hub.drain();
        expect(Array.from(pair.hub.clients())).toStrictEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it("never lets two connections hold one id, whatever happens within one turn", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const hub = createHub();
        const connections = Array.from({ length: 6 }, () => new FakeConnection());
        const won: Registration[] = [];
        for (const action of steps) {
          if (action.do === "settle") await settle();
          if (action.do === "register") {
            codeOf(() => won.push(hub.register(clientOf(action.name, connections[action.slot]))));
          }
          if (action.do === "abort") connections[action.slot]?.abort(new ConicError("closed", "x"));
          if (action.do === "dispose") won.at(-1)?.[Symbol.dispose]();
          const active = won.filter((registration) => registration.active);
          expect(new Set(active.map(({ client }) => client.id)).size).toBe(active.length);
          expect(hub.stats().connectedClients).toBe(active.length);
          expect(Array.from(hub.clients())).toHaveLength(active.length);
        }
        await settle();
        expect(won.filter(({ active }) => active).every(isOpen)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
