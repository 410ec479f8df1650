import { failOnLeaks, FakeClock } from "@conic/internal-testing";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lossyConnection, type Failure, type LossyConnection } from "../support/lossy.js";
import { clusterWorld, memoryWorld, type CreateWorld } from "../support/host.js";
import { SessionClient } from "../support/session-client.js";

failOnLeaks();

const turn = (): Promise<void> => new Promise(setImmediate);
const total = 12;

interface Side {
  readonly client: SessionClient;
  readonly failures: Failure[];
  connection: LossyConnection;
}

/** Comes back when the connection has failed, with the next failure in store. */
function reconnect(side: Side, connect: () => LossyConnection): void {
  const { client, connection, failures } = side;
  if (!connection.failed && connection.near.readyState === "open") return;
  client.abandon();
  if (connection.near.readyState === "open") void connection.near.close();
  side.connection = connect();
  const next = failures.shift();
  if (next !== undefined) side.connection.arm(next);
  client.connect(side.connection.near);
}

/** Two clients send each other numbered messages, over connections that fail; resolves with what each heard. */
async function exchange(
  create: CreateWorld,
  a: readonly Failure[],
  b: readonly Failure[],
  eager: boolean,
) {
  const clock = new FakeClock();
  const world = await create({ clock });
  const { server } = world;
  const connect = (): LossyConnection => lossyConnection(server);
  const sides: Side[] = [
    { client: new SessionClient("a", eager), failures: [...a], connection: connect() },
    { client: new SessionClient("b", eager), failures: [...b], connection: connect() },
  ];
  for (const { client, connection } of sides) client.connect(connection.near);
  for (let i = 0; i < 3; i += 1) await turn();
  for (const { connection, failures } of sides) {
    const first = failures.shift();
    if (first !== undefined) connection.arm(first);
  }
  const done = (): boolean => sides.every(({ client }) => client.heard.length >= total);
  for (let round = 0; round < total + 200 && !(round >= total && done()); round += 1) {
    if (round < total) sides[0]?.client.say("b", String(round));
    if (round < total) sides[1]?.client.say("a", String(round));
    await turn();
    for (const side of sides) reconnect(side, connect);
  }
  // What is on its way still, such as a duplicate, arrives.
  for (let i = 0; i < 4; i += 1) await turn();
  // Now: one that is away when the server closes is reported to the other.
  const result = sides.map(({ client: { heard, errors } }) => ({
    heard: [...heard],
    errors: [...errors],
  }));
  await world[Symbol.asyncDispose]();
  expect(clock.pending).toBe(0);
  return result;
}

const numbers = Array.from({ length: total }, (_, i) => String(i));
const complete = { heard: numbers, errors: [] };

describe("a session over a connection that fails", () => {
  it.each(["cut", "half-open"] as const)(
    "loses, repeats and reorders nothing, at whichever frame it is %s",
    async (how) => {
      for (let up = 0; up <= 8; up += 1) {
        for (let down = 0; down <= 8; down += 1) {
          // The second failure comes early in the resumed one: at its register, its answer, its first frames.
          const failures: Failure[] = [
            { up: 3, down: 5, how },
            { up, down, how },
          ];
          const outcome = await exchange(memoryWorld, failures, [], up % 2 === 0);
          expect([how, up, down, outcome]).toEqual([how, up, down, [complete, complete]]);
        }
      }
    },
  );

  it.each([
    ["one node", memoryWorld, 300],
    ["three nodes", clusterWorld, 200],
  ] as const)("does so when both fail again and again, on %s", async (_, create, numRuns) => {
    const failure = fc.record({
      up: fc.nat(12),
      down: fc.nat(12),
      how: fc.constantFrom("cut" as const, "half-open" as const),
    });
    const failures = fc.array(failure, { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(failures, failures, fc.boolean(), async (a, b, eager) => {
        expect(await exchange(create, a, b, eager)).toEqual([complete, complete]);
      }),
      { numRuns },
    );
  });
});
