// The load generator, in a process of its own.
import { serve } from "../rpc.mjs";
import { broadcasts } from "./load/broadcasts.mjs";
import { Load } from "./load/load.mjs";
import { openLoop } from "./load/open-loop.mjs";
import { storm } from "./load/storm.mjs";

/** @import { WireName } from "./types.js" */

/** @type {Load | undefined} */
let current;

function load() {
  if (current === undefined) throw new Error("there are no clients");
  return current;
}

serve({
  /** @param {{ wire: WireName, port: number, control: number }} options */
  create(options) {
    current = new Load(options);
  },
  /** @param {{ count: number }} options */
  open: ({ count }) => load().open(count),
  prove: () => load().prove(),
  vanish() {
    load().vanish();
  },
  /** @param {{ inFlight: number }} options */
  saturate({ inFlight }) {
    load().saturate(inFlight);
  },
  stop: () => load().stop(),
  account: () => load().account(),
  /** @param {{ perSecond: number, warmUpMs: number, windowMs: number }} options */
  openLoop: (options) => openLoop(load(), options),
  /** @param {{ windowMs: number }} options */
  broadcasts: (options) => broadcasts(load(), options),
  /** @param {{ clients: number, ms: number, seed: number }} options */
  storm: (options) => storm(load(), options),
  sample() {
    const { user, system } = process.cpuUsage();
    return {
      atMs: Number(process.hrtime.bigint()) / 1e6,
      cpuMs: (user + system) / 1000,
      delivered: current?.shared.ledger.delivered ?? 0,
    };
  },
});
