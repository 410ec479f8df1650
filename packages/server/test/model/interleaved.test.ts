import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ServerMessage } from "@conic/protocol";
import { asynchronousHub } from "../support/hubs.js";
import type { TestClient } from "../support/client.js";
import { clusterWorld, memoryWorld, webSocketWorld, type World } from "../support/host.js";
import { failOnLeaks } from "@conic/internal-testing";

failOnLeaks();

type Action =
  | { readonly kind: "register" }
  | { readonly kind: "unregister" }
  | { readonly kind: "turn" }
  | { readonly kind: "send"; readonly to: number; readonly claim: "missing" | "own" | "foreign" };

const clients = 4;
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("register", "unregister", "turn") }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("send" as const),
      to: fc.nat(clients - 1),
      claim: fc.constantFrom("missing", "own", "own", "foreign"),
    }),
  },
) as fc.Arbitrary<Action>;

const idOf = (client: number): string => `client-${client}`;

/** Sends everything without waiting for an answer; resolves to the correlation ids of the messages to peers. */
async function play(
  client: TestClient,
  who: number,
  actions: readonly Action[],
): Promise<string[]> {
  const sent: string[] = [];
  for (const [i, next] of actions.entries()) {
    if (next.kind === "turn") await new Promise(setImmediate);
    else if (next.kind === "register") client.send("register", { ID: idOf(who) });
    else if (next.kind === "unregister") client.send("unregister");
    else {
      const foreign = idOf((who + 1) % clients);
      const ID = { missing: undefined, own: idOf(who), foreign }[next.claim];
      const id = `${who}/${i}/${next.claim}`;
      sent.push(id);
      client.send("candidate", { ID, TargetID: idOf(next.to), Candidate: "" }, id);
    }
  }
  return sent;
}

/** Checks who hears what in which order; returns the messages that were delivered or refused. */
function settled(heard: readonly ServerMessage[][]): string[] {
  const delivered: string[] = [];
  const refused: string[] = [];
  for (const [who, messages] of heard.entries()) {
    const lastOf = new Map<string, number>();
    for (const message of messages) {
      if (message.id === undefined) continue;
      const [sender = "", index = "", claim] = message.id.split("/");
      if (message.type === "error") {
        expect(Number(sender)).toBe(who);
        if (claim === "foreign")
          expect(["forbidden", "not_registered"]).toContain(message.body.Code);
        else expect(["target_not_found", "not_registered"]).toContain(message.body.Code);
        refused.push(message.id);
        continue;
      }
      expect(message.body).toMatchObject({ ID: idOf(Number(sender)), TargetID: idOf(who) });
      expect(claim).not.toBe("foreign");
      expect(Number(index)).toBeGreaterThan(lastOf.get(sender) ?? -1);
      lastOf.set(sender, Number(index));
      delivered.push(message.id);
    }
  }
  return [...delivered, ...refused];
}

async function run(
  world: World,
  scripts: readonly (readonly Action[])[],
): Promise<{ readonly sent: string[]; readonly settled: string[] }> {
  const peers = await Promise.all(scripts.map(() => world.connect()));
  const sent = await Promise.all(peers.map((client, who) => play(client, who, scripts[who] ?? [])));
  const answered = await Promise.all(peers.map((client) => client.roundTrip()));
  // A second time: a message may have come behind the first answer, from one who was slower.
  const late = await Promise.all(peers.map((client) => client.roundTrip()));
  const heard = answered.map((messages, who) => [...messages, ...(late[who] ?? [])]);
  return { sent: sent.flat().toSorted(), settled: settled(heard).toSorted() };
}

const script = fc.array(action, { maxLength: 60 });
const scripts = fc.tuple(script, script, script, script);
const withRegister = (all: readonly (readonly Action[])[]): readonly (readonly Action[])[] =>
  all.map((actions) => [{ kind: "register" }, ...actions]);

describe("clients that all talk at once", () => {
  it("lose no message, keep the order per pair, and never show a foreign ID", async () => {
    await fc.assert(
      fc.asyncProperty(scripts, async (all) => {
        await using world = await memoryWorld();
        const outcome = await run(world, withRegister(all));
        expect(outcome.settled).toEqual(outcome.sent);
      }),
      { numRuns: 100 },
    );
  });

  it("do so through a hub that takes its time", async () => {
    await fc.assert(
      fc.asyncProperty(scripts, fc.infiniteStream(fc.nat(2)), async (all, delays) => {
        const hub = asynchronousHub(async () => {
          const turns = delays.next().value as number;
          for (let i = 0; i < turns; i += 1) await Promise.resolve();
        });
        await using world = await memoryWorld({ hub });
        const outcome = await run(world, withRegister(all));
        expect(outcome.settled).toEqual(outcome.sent);
      }),
      { numRuns: 100 },
    );
  });

  it("do so on three nodes", async () => {
    await fc.assert(
      fc.asyncProperty(scripts, async (all) => {
        await using world = await clusterWorld();
        const outcome = await run(world, withRegister(all));
        expect(outcome.settled).toEqual(outcome.sent);
      }),
      { numRuns: 60 },
    );
  });

  it("do so over WebSockets", async () => {
    await fc.assert(
      fc.asyncProperty(scripts, async (all) => {
        await using world = await webSocketWorld();
        const outcome = await run(world, withRegister(all));
        expect(outcome.settled).toEqual(outcome.sent);
      }),
      { numRuns: 15 },
    );
  });
});
