import { setTimeout as pause } from "node:timers/promises";
import { connect, type ConicClient } from "@conic/client";
import { describe, expect, it } from "vitest";
import { openChaosProxy } from "../../../internal/testing/src/chaos-proxy.js";
import { seededRandom } from "../../../internal/testing/src/random.js";
import { setting } from "../../src/soak/settings.js";
import { patienceMs } from "../../src/within.js";
import { startSignalServer } from "../../src/signal-server.js";

const clients = setting("CONIC_CHAOS_CLIENTS", 12);
const seconds = setting("CONIC_CHAOS_SECONDS", 8);
const seed = setting("CONIC_CHAOS_SEED", Date.now() % 1_000_000);
const perSecond = 20;

/** A client, what it has sent to each peer, and what has come of each. */
class Chatter {
  readonly wrong: string[] = [];
  readonly faults: string[] = [];
  readonly sent = new Map<string, number>();
  readonly #came = new Map<string, number>();
  readonly #client: ConicClient;
  reconnects = 0;

  constructor(client: ConicClient) {
    this.#client = client;
    client.on("statechange", (state) => {
      if (state === "reconnecting") this.reconnects += 1;
    });
    client.on("fault", ({ code, message }) => {
      // An attempt to come back that failed is what this is about; a message that is lost is not.
      if (!["closed", "unreachable", "timeout", "ping_timeout"].includes(code)) {
        this.faults.push(`${code}: ${message}`);
      }
    });
    void this.#listen();
  }

  get id(): string {
    return this.#client.id;
  }

  get received(): number {
    return total(this.#came);
  }

  async say(to: string): Promise<void> {
    const number = this.sent.get(to) ?? 0;
    this.sent.set(to, number + 1);
    await this.#client.relay(to, "n", new TextEncoder().encode(String(number)));
  }

  async #listen(): Promise<void> {
    for await (const { from, data } of this.#client.relayed()) {
      const expected = this.#came.get(from) ?? 0;
      const number = Number(new TextDecoder().decode(data));
      if (number !== expected) this.wrong.push(`${number} of ${from}, ${expected} was next`);
      this.#came.set(from, expected + 1);
    }
  }
}

function total(counts: ReadonlyMap<string, number>): number {
  return Array.from(counts.values()).reduce((sum, n) => sum + n, 0);
}

/** The first connection is no session yet that would outlive a fault. */
async function enter(url: string, id: string): Promise<ConicClient> {
  for (;;) {
    try {
      const backoff = { initialMs: 20, maxMs: 100 };
      return await connect(url, { id, backoff, connectTimeoutMs: 1000, registerTimeoutMs: 2000 });
    } catch {
      await pause(20);
    }
  }
}

describe("S21 a network on which everything goes wrong", () => {
  it(
    `loses, doubles, reorders and misdirects no message (seed ${seed})`,
    async () => {
      const random = seededRandom(seed);
      const kept = ["--max-resume-messages=10000", "--max-resume-bytes=10000000"];
      // A first connection that is left half open holds its id until the server misses it.
      const args = [...kept, "--ping-interval-ms=500", "--pong-timeout-ms=500"];
      await using server = await startSignalServer({ args });
      await using proxy = await openChaosProxy(server.port, { random });
      const url = `ws://127.0.0.1:${proxy.port}/ws`;
      const ids = Array.from({ length: clients }, (_, i) => `chaos-${i}`);
      const opened = await Promise.all(ids.map((id) => enter(url, id)));
      const chatters = opened.map((client) => new Chatter(client));
      const until = performance.now() + seconds * 1000;
      const sent = (): number => chatters.reduce((sum, chatter) => sum + total(chatter.sent), 0);
      // A busy machine takes longer for as much as this is to be shown with.
      const isEnough = (): boolean =>
        sent() > clients * seconds * 2 &&
        Object.values(proxy.happened).every((count) => count > 0) &&
        chatters.some(({ reconnects }) => reconnects > 0);
      const goesOn = (now: number): boolean =>
        now < until || (now < until + patienceMs && !isEnough());
      await Promise.all(
        chatters.map(async (chatter) => {
          while (goesOn(performance.now())) {
            const to = ids[Math.floor(random() * ids.length)];
            if (to !== undefined && to !== chatter.id) await chatter.say(to);
            await pause((2000 / perSecond) * random());
          }
        }),
      );
      proxy.calm();
      const received = (): number => chatters.reduce((sum, chatter) => sum + chatter.received, 0);
      await expect.poll(received).toBe(sent());
      expect(chatters.flatMap(({ wrong }) => wrong)).toEqual([]);
      expect(chatters.flatMap(({ faults }) => faults)).toEqual([]);
      expect(sent()).toBeGreaterThan(clients * seconds * 2);
      for (const count of Object.values(proxy.happened)) expect(count).toBeGreaterThan(0);
      expect(chatters.some(({ reconnects }) => reconnects > 0)).toBe(true);
      expect(server.process.stderr.text).not.toContain("ERROR");
      await Promise.all(opened.map((client) => client.close()));
    },
    seconds * 1000 + 240_000,
  );
});
