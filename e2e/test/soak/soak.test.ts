import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../internal/testing/src/random.js";
import { liveOnce } from "../../src/soak/call.js";
import { emptyTally } from "../../src/soak/caller.js";
import { openCollector, withInspector } from "../../src/soak/garbage.js";
import { readServer, type ServerFigures } from "../../src/soak/figures.js";
import { setting } from "../../src/soak/settings.js";
import { startSignalServer } from "../../src/signal-server.js";

// pnpm soak: an hour of 5,000 clients. Without it, a short one.
const clients = setting("CONIC_SOAK_CLIENTS", 200);
const seconds = setting("CONIC_SOAK_SECONDS", 15);
const stayMs = setting("CONIC_SOAK_STAY_MS", 1000);
const seed = setting("CONIC_SOAK_SEED", Date.now() % 1_000_000);
/** What a heap may grow by between two thirds of the time, in bytes: how many clients are there differs. */
const heapNoise = 8 * 1_048_576;

/** The least of what was seen, each time behind a garbage collection. */
function floor(figures: readonly ServerFigures[]): number {
  return Math.min(...figures.map(({ heapBytes }) => heapBytes));
}

describe("S21 a server to which clients come, call, and from which they vanish", () => {
  it(
    `loses nothing, counts right and stays as small as it was (seed ${seed})`,
    async () => {
      const random = seededRandom(seed);
      await using server = await startSignalServer({ nodeArgs: [withInspector] });
      await using garbage = await openCollector(server);
      const tally = emptyTally();
      const url = `ws://127.0.0.1:${server.port}/ws`;
      const until = performance.now() + seconds * 1000;
      const pairs = Array.from({ length: clients / 2 }, async () => {
        // They do not all come in one moment.
        await pause(random() * stayMs);
        while (performance.now() < until && tally.wrong.length === 0) {
          try {
            await liveOnce({ url, random, stayMs, tally });
          } catch (error) {
            tally.wrong.push(String(error));
          }
        }
      });
      const samples: ServerFigures[] = [];
      while (performance.now() < until && tally.wrong.length === 0) {
        await pause(Math.min(10_000, seconds * 20));
        await garbage.collect();
        samples.push(await readServer(server));
      }
      await Promise.all(pairs);
      expect(tally.wrong).toEqual([]);
      await expect.poll(async () => (await readServer(server)).registered).toBe(0);

      const end = await readServer(server);
      const line = { ...tally, ...end, rssAtPeak: Math.max(...samples.map((s) => s.rssBytes)) };
      process.stdout.write(`${JSON.stringify(line)}\n`);
      expect(tally.calls).toBeGreaterThan(clients / 2);
      expect(tally.refused).toBeLessThan(tally.opened / 100);
      expect(end).toMatchObject({
        connections: 0,
        rooms: 0,
        opened: tally.opened,
        registrations: tally.opened,
        unregistrations: tally.opened,
        framesIn: tally.framesSent,
        relayed: tally.relayed,
        errors: tally.errors,
      });
      const third = Math.floor(samples.length / 3);
      const grown = floor(samples.slice(2 * third)) - floor(samples.slice(third, 2 * third));
      expect(grown).toBeLessThan(heapNoise);
      expect(server.process.stderr.text).not.toContain("ERROR");
    },
    seconds * 1000 + stayMs * 2 + 300_000,
  );
});
