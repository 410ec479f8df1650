// Loaded into every server that is measured, before its own program (`--import`): answers what it uses.
import { setTimeout as pause } from "node:timers/promises";
import { serve } from "../rpc.mjs";

const gc = /** @type {{ gc?: () => void }} */ (globalThis).gc;

function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Resolves when the process has nothing to do any more. */
async function settle() {
  for (let left = 100; left > 0; left -= 1) {
    const before = cpuMs();
    await pause(50);
    if (cpuMs() - before < 5) return;
  }
}

serve({
  sample: () => ({ atMs: Number(process.hrtime.bigint()) / 1e6, cpuMs: cpuMs(), delivered: 0 }),
  settle,
  async memory() {
    await settle();
    for (let i = 0; i < 4; i += 1) {
      gc?.();
      await pause(100);
    }
    const { rss, heapUsed, external } = process.memoryUsage();
    return { rss, heap: heapUsed + external };
  },
});
