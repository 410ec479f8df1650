// A server that has always something to do: how many messages it relays then, and what one costs it.
import { setTimeout as pause } from "node:timers/promises";
import { median, quick, round3 } from "../harness.mjs";
import { ask } from "../rpc.mjs";
import { reference } from "./contenders.mjs";
import { range, ratiosOf, totalOf, valuesOf } from "./rounds.mjs";
import { accountValues, observe, onStage, open } from "./stage.mjs";

/** @import { Account, Contender } from "./types.js" */
/** @import { Results } from "./rounds.mjs" */

const warmUpMs = quick ? 100 : 1500;
const windowMs = quick ? 400 : 3000;
/** Below this the server had time to spare, above that the generator had none: neither shows what the server can. */
const leastServerCpu = 95;
const mostGeneratorCpu = 85;

/** @param {Contender} contender @param {{ clients: number, inFlight: number }} options */
export function saturation(contender, { clients, inFlight }) {
  return onStage(contender, async (stage) => {
    await open(stage, clients);
    await ask(stage.generator, "prove");
    await ask(stage.server, "settle", {}, 20_000);
    await ask(stage.generator, "saturate", { inFlight });
    await pause(warmUpMs);
    const observed = await observe(stage, windowMs);
    const account = /** @type {Account} */ (await ask(stage.generator, "stop"));
    if (observed.perSecond === 0) throw new Error("nothing was relayed");
    return { ...observed, ...accountValues(account) };
  });
}

/** Why a contender's figures do not count; undefined when they do. @param {Results} results @param {string} name */
export function voidReason(results, name) {
  const server = median(valuesOf(results, name, "serverCpu"));
  const generator = median(valuesOf(results, name, "generatorCpu"));
  if (!(server >= leastServerCpu)) return `the server was not busy (${round3(server)} %)`;
  if (generator > mostGeneratorCpu) return `the generator was too busy (${round3(generator)} %)`;
  return undefined;
}

/** @param {Results} results */
export function saturationRows(results) {
  return [...results.keys()].map((name) => ({
    contender: name,
    "messages/s": range(valuesOf(results, name, "perSecond")),
    "ratio to ws echo": range(ratiosOf(results, name, reference, "perSecond")),
    "server CPU, µs/message": range(valuesOf(results, name, "cpuMicros")),
    "ratio of that": range(ratiosOf(results, name, reference, "cpuMicros")),
    "server CPU, %": range(valuesOf(results, name, "serverCpu")),
    "generator CPU, %": range(valuesOf(results, name, "generatorCpu")),
    "lost, doubled, reordered": ["lost", "duplicated", "reordered"]
      .map((key) => totalOf(results, name, key))
      .join(", "),
    checked: totalOf(results, name, "sent"),
    "counts?": voidReason(results, name) ?? "yes",
  }));
}

export const accountNote =
  "Of all messages, those of the warm-up too: each carries a number, which the generator checks when it arrives.";
