import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { failOnLeaks } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { createSignalingServer } from "../../src/index.js";
import { openHost } from "../support/host.js";
import { startCrowd } from "./support/crowd.js";
import { ms, percentile, unlimited } from "./support/limits.js";

failOnLeaks();

/** `CONIC_THREAT_CLIENTS=1000` takes some 20 seconds. */
const total = Number(process.env["CONIC_THREAT_CLIENTS"] ?? 200);
const stalled = total / 10;
const attackers = total / 100;
const MiB = 1_048_576;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** What is held, and not only not collected yet. */
function held(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** The most that this process holds above what it holds now, until it is asked. */
function watchMemory(): () => number {
  const before = held();
  let highest = before;
  const timer = setInterval(() => {
    highest = Math.max(highest, held());
  }, 200);
  return () => {
    clearInterval(timer);
    return highest - before;
  };
}

describe("S5 clients that do not read", () => {
  it(`${stalled} of ${total} under a flood: the others lose nothing, memory is bounded`, async ({
    annotate,
  }) => {
    await using host = await openHost();
    await using server = createSignalingServer(unlimited);
    server.attach(host.http);
    await using crowd = startCrowd();
    await crowd.join(host.url(), "stalled", stalled);
    await crowd.join(host.url(), "bystander", total - stalled);
    await crowd.join(host.url(), "attacker", attackers);
    const growth = watchMemory();
    const { sent, took } = await crowd.stall({
      stalled: "stalled",
      attackers: "attacker",
      bystanders: "bystander",
    });
    const grown = growth() / MiB;
    expect(server.stats().registered).toBe(total - stalled + attackers);
    expect(took).toHaveLength(sent);
    expect(sent).toBeGreaterThan(100);
    const [p50, p99] = [percentile(took, 50), percentile(took, 99)];
    await annotate(`${sent} messages of bystanders, none lost, p50 ${ms(p50)}, p99 ${ms(p99)}`);
    await annotate(`${(grown / stalled).toFixed(2)} MiB of memory for each stalled client`);
    // What is under way to the others comes on top, of which there is more on a busy machine.
    expect(grown).toBeLessThanOrEqual(stalled * 1.2 + 24);
  });
});
