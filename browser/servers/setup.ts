// Runs in Node around the tests on the page, which learn by `inject("servers")` where the servers are.
import type { TestProject } from "vitest/node";
import { findChromium } from "../../scripts/ensure-chromium.mjs";
import { startObedient } from "./obedient.js";
import type { Servers } from "./provided.js";
import { startRelay } from "./relay.js";
import { startSignaling } from "./signaling.js";
import { startSilent } from "./silent.js";

/** @returns what ends the servers. */
export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  if (findChromium() === undefined) {
    throw new Error(
      'there is no Chromium: run "node scripts/ensure-chromium.mjs", or set CHROMIUM to the path of one',
    );
  }
  const started = await Promise.all([
    startRelay(),
    startObedient(),
    startSilent(),
    startSignaling(),
  ]);
  const [relay, obedient, silent, signaling] = started;
  const servers: Servers = {
    relay: relay.url,
    obedient: obedient.url,
    silent: silent.url,
    signaling: signaling.url,
  };
  provide("servers", servers);
  return async () => {
    await Promise.all(started.map((server) => server[Symbol.asyncDispose]()));
  };
}
