import { failOnLeaks } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { createSignalingServer, type SignalingServerOptions } from "../../src/index.js";
import { TestClient } from "../support/client.js";
import { openHost } from "../support/host.js";
import { startCrowd } from "./support/crowd.js";
import { ms, unlimited } from "./support/limits.js";

failOnLeaks();

async function serve(options: SignalingServerOptions) {
  const host = await openHost();
  const server = createSignalingServer({ ...unlimited, ...options });
  server.attach(host.http);
  return {
    host,
    server,
    [Symbol.asyncDispose]: async (): Promise<void> => {
      await server.close();
      await host[Symbol.asyncDispose]();
    },
  };
}

describe("S14 clients that are stopped", () => {
  it("are evicted when they miss a pong; their ids are free, their senders told", async ({
    annotate,
  }) => {
    const count = 500;
    // Time for a busy machine, on which clients answer late that are not stopped.
    const limits = { pingIntervalMs: 500, pongTimeoutMs: 5_000, closeTimeoutMs: 100 };
    await using world = await serve({ limits });
    const { host, server } = world;
    await using crowd = startCrowd();
    await crowd.join(host.url(), "stopped", count);
    await using alice = await TestClient.dial(host.url());
    await alice.register({ ID: "alice" });
    expect(server.stats().registered).toBe(count + 1);
    const from = performance.now();
    crowd.freeze();
    await expect.poll(() => server.stats().registered, { interval: 10 }).toBe(1);
    await annotate(`${count} evicted within ${ms(performance.now() - from)} of 5,500 ms at best`);
    for (let i = 0; i < count; i += 1) {
      alice.send("candidate", { TargetID: `stopped${i}`, Candidate: "" });
    }
    const answers = await alice.roundTrip();
    const told = answers.flatMap((answer) =>
      answer.type === "error" && answer.body.Code === "target_not_found"
        ? [answer.body.TargetID]
        : [],
    );
    expect(new Set(told).size).toBe(count);
    await expect.poll(() => server.stats().connections).toBe(1);
    await using again = await TestClient.dial(host.url());
    expect((await again.register({ ID: "stopped0" })).ID).toBe("stopped0");
  });
});

describe("S15 a storm of connections", () => {
  it("3,000 at once: each is accepted, or told when to come again; nobody hears nothing", async () => {
    await using world = await serve({ maxConnections: 2_000 });
    await using crowd = startCrowd();
    const { statuses, retry } = await crowd.burst(world.host.port, 3_000);
    expect(statuses).toEqual({ 101: 2_000, 503: 1_000 });
    expect(retry).toBe(1_000);
    await expect.poll(() => world.server.stats().connections).toBe(0);
  });

  it("from one address: beyond its burst, each is told 429 and when to come again", async () => {
    await using world = await serve({
      unlimitedAddresses: [],
      maxAddressConnectionsPerSecond: 1,
      maxAddressConnectionBurst: 500,
    });
    await using crowd = startCrowd();
    const { statuses, retry } = await crowd.burst(world.host.port, 1_000);
    const { 101: accepted = 0, 429: refused = 0 } = statuses;
    expect(accepted + refused).toBe(1_000);
    expect(refused).toBe(retry);
    // And one more for each second that this took.
    expect(accepted).toBeGreaterThanOrEqual(500);
    expect(accepted).toBeLessThan(600);
    await expect.poll(() => world.server.stats().connections).toBe(0);
  });
});
