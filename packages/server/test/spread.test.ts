import { failOnLeaks, FakeClock } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { createSignalingServer } from "../src/index.js";
import { TestClient } from "./support/client.js";

failOnLeaks();

/** Lets everything happen that needs no time. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await new Promise(setImmediate);
}

function world(count: number) {
  const clock = new FakeClock();
  const server = createSignalingServer({ clock });
  const clients = Array.from({ length: count }, () => TestClient.inMemory(server));
  const codes: number[] = [];
  for (const { closed } of clients) void closed.then(({ code }) => codes.push(code));
  return { clock, server, clients, codes };
}

describe("S16 closing over a time", () => {
  it.each([
    // Ten groups of 4 would fit, but fewer than 10 are never worth a wait.
    [40, 100, [10, 20, 30, 40]],
    [41, 20, [21, 41]],
    [25, 9, [25]],
    [10, 1000, [10]],
    [0, 1000, [0]],
  ])("%i connections in %i ms: %j after each step", async (count, spreadMs, expected) => {
    const { clock, server, codes } = world(count);
    const closing = server.close({ spreadMs });
    const closed: number[] = [];
    for (const _ of expected) {
      await settle();
      closed.push(codes.length);
      clock.advance(10);
    }
    await closing;
    expect(closed).toEqual(expected);
    expect(codes.every((code) => code === 1001)).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it("serves those whose turn has not come, and takes nobody new", async () => {
    const { clock, server, clients } = world(11);
    const closing = server.close({ spreadMs: 1000 });
    await settle();
    const last = clients[10];
    expect((await last?.register({ ID: "last" }))?.ID).toBe("last");
    const late = TestClient.inMemory(server);
    expect((await late.closed).code).toBe(1001);
    clock.advance(10);
    await closing;
    expect((await last?.closed)?.code).toBe(1001);
  });

  it("is cut short when its signal fires", async () => {
    const { clock, server, codes } = world(30);
    const stop = new AbortController();
    const closing = server.close({ spreadMs: 1000, signal: stop.signal });
    stop.abort();
    await expect(closing).rejects.toMatchObject({ code: "aborted" });
    await settle();
    expect(codes).toHaveLength(30);
    clock.advance(10);
    await server.close();
    expect(clock.pending).toBe(0);
  });

  it.each([-1, 0.5, 2_147_483_648])("%d ms is refused", async (spreadMs) => {
    await using server = createSignalingServer();
    await expect(server.close({ spreadMs })).rejects.toMatchObject({ code: "invalid_argument" });
  });
});
