import { setTimeout as pause } from "node:timers/promises";
import { connect, type ConicClient } from "@conic/client";
import { describe, expect, it } from "vitest";
import { steadyPort } from "../../../internal/testing/src/steady-port.js";
import { startSignalServer } from "../../src/signal-server.js";

const clients = 20;
const perSecond = 100;

/** What one client has sent, been told of, and received: `from>to` and a number. */
interface Ledger {
  readonly sent: string[];
  readonly received: string[];
  readonly told: Map<string, number>;
}

function listen(client: ConicClient, { received, told }: Ledger): void {
  client.on("fault", ({ details }) => {
    const { targetId } = details;
    if (typeof targetId !== "string") return;
    const pair = `${client.id}>${targetId}`;
    told.set(pair, (told.get(pair) ?? 0) + 1);
  });
  void (async () => {
    for await (const { from, data } of client.relayed()) {
      received.push(`${from}>${client.id} ${new TextDecoder().decode(data)}`);
    }
  })();
}

async function send(client: ConicClient, ledger: Ledger, until: () => boolean): Promise<void> {
  const name = Number(client.id.split("-")[1]);
  for (let n = 0; !until(); n += 1) {
    const to = `client-${(name + 1 + (n % (clients - 1))) % clients}`;
    ledger.sent.push(`${client.id}>${to} ${n}`);
    await client.relay(to, "n", new TextEncoder().encode(String(n)));
    await pause(1000 / perSecond);
  }
}

describe("S16 kill -TERM under load", () => {
  it("loses no message without a word to its sender, doubles none, and everybody comes back", async () => {
    const ledger: Ledger = { sent: [], received: [], told: new Map() };
    const args = [`--port=${await steadyPort()}`];
    const first = await startSignalServer({ args });
    const url = `ws://127.0.0.1:${first.port}/ws`;
    const opened = await Promise.all(
      Array.from({ length: clients }, (_, i) =>
        connect(url, { id: `client-${i}`, backoff: { initialMs: 20, maxMs: 200 } }),
      ),
    );
    for (const client of opened) listen(client, ledger);
    let over = false;
    const sending = opened.map((client) => send(client, ledger, () => over));
    await expect.poll(() => ledger.received.length).toBeGreaterThan(25 * clients);
    first.process.kill("SIGTERM");
    expect(await first.process.exit()).toEqual({ code: 0, signal: null });
    // A successor at the same address, as a supervisor starts it.
    await using second = await startSignalServer({ args });
    await expect.poll(() => opened.every(({ state }) => state === "registered")).toBe(true);
    const before = ledger.sent.length;
    await expect.poll(() => ledger.sent.length).toBeGreaterThan(before + clients);
    over = true;
    await Promise.all(sending);
    // The last message of each has come, or its sender was told.
    await expect.poll(() => unaccounted(ledger)).toEqual({ lost: [], doubled: [] });
    expect(ledger.received.length).toBeGreaterThan(before / 2);
    await Promise.all(opened.map((client) => client.close()));
    expect(second.process.stderr.text + first.process.stderr.text).not.toContain("ERROR");
  });
});

/** Pairs of which more is missing than the sender was told, and messages that came twice. */
function unaccounted({ sent, received, told }: Ledger): { lost: string[]; doubled: string[] } {
  const came = new Set(received);
  const missing = new Map<string, number>();
  for (const entry of sent) {
    const [pair = ""] = entry.split(" ");
    if (!came.has(entry)) missing.set(pair, (missing.get(pair) ?? 0) + 1);
  }
  const lost = Array.from(missing).filter(([pair, count]) => count > (told.get(pair) ?? 0));
  return {
    lost: lost.map(([pair, count]) => `${pair}: ${count}, told of ${told.get(pair) ?? 0}`),
    doubled: received.filter((entry, i) => received.indexOf(entry) !== i),
  };
}
