import { failOnLeaks, FakeClock } from "@conic/internal-testing";
import { deferred } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { createSignalingServer } from "../src/index.js";
import { TestClient } from "./support/client.js";
import { memoryWorld } from "./support/host.js";

failOnLeaks();

describe("the time to register", () => {
  it.each([10_000, 1])(
    "is %i ms: open one before, closed with 4002 at the limit",
    async (limit) => {
      const clock = new FakeClock();
      const options = limit === 10_000 ? { clock } : { clock, registerTimeoutMs: limit };
      await using world = await memoryWorld(options);
      await using alice = await world.connect();
      clock.advance(limit - 1);
      expect(alice.connection.readyState).toBe("open");
      clock.advance(1);
      expect(await alice.closed).toMatchObject({ code: 4002, reason: "register_timeout" });
      expect(world.server.stats().connections).toBe(0);
      expect(clock.pending).toBe(0);
    },
  );

  it("is over once registered", async () => {
    const clock = new FakeClock();
    await using world = await memoryWorld({ clock });
    await using alice = await world.connect();
    await alice.register();
    expect(clock.pending).toBe(0);
    clock.advance(1_000_000);
    expect(await alice.roundTrip()).toEqual([]);
  });

  it("is not bought with messages that do not register", async () => {
    const clock = new FakeClock();
    await using world = await memoryWorld({ clock });
    await using alice = await world.connect();
    clock.advance(9999);
    alice.send("register", { ID: "not an id" });
    expect(await alice.refusal()).toBe("invalid_id");
    clock.advance(1);
    expect((await alice.closed).code).toBe(4002);
  });

  it("starts again after unregister", async () => {
    const clock = new FakeClock();
    await using world = await memoryWorld({ clock });
    await using alice = await world.connect();
    clock.advance(9000);
    await alice.register();
    clock.advance(60_000);
    alice.send("unregister");
    await alice.expect("unregister_response");
    clock.advance(9999);
    await alice.register();
    alice.send("unregister");
    await alice.expect("unregister_response");
    clock.advance(10_000);
    expect((await alice.closed).code).toBe(4002);
  });

  it("runs on while the authentication hook thinks, and tells the hook when it is over", async () => {
    const clock = new FakeClock();
    const asked = deferred<AbortSignal>();
    await using world = await memoryWorld({
      clock,
      authenticate: ({ signal }) => {
        asked.resolve(signal);
        return new Promise(() => undefined);
      },
    });
    await using alice = await world.connect();
    alice.send("register", { ID: "alice" });
    const signal = await asked.promise;
    clock.advance(10_000);
    expect(signal.aborted).toBe(true);
    expect((await alice.closed).code).toBe(4002);
    expect(world.server.stats()).toMatchObject({ connections: 0, registered: 0 });
  });

  it("leaves no timer behind, however the connection ends", async () => {
    const clock = new FakeClock();
    await using world = await memoryWorld({ clock });
    const clients = await Promise.all(Array.from({ length: 3 }, () => world.connect()));
    const [first, second, third] = clients;
    await first?.register();
    await first?.connection.close();
    await second?.connection.close();
    expect(clock.pending).toBe(1);
    await third?.register();
    expect(clock.pending).toBe(0);
  });

  it.each([0, -1, 1.5, Number.NaN, 2_147_483_648])("cannot be %d ms", (registerTimeoutMs) => {
    expect(() => createSignalingServer({ registerTimeoutMs })).toThrow(
      expect.objectContaining({ code: "invalid_argument" }) as Error,
    );
  });

  it("can be the longest time that a timer can wait", async () => {
    const clock = new FakeClock();
    await using server = createSignalingServer({ registerTimeoutMs: 2_147_483_647, clock });
    await using alice = TestClient.inMemory(server);
    clock.advance(2_147_483_646);
    expect(alice.connection.readyState).toBe("open");
  });
});
