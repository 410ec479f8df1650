import { abortListenerCount, collect, failOnLeaks, FakeClock } from "@conic/internal-testing";
import { ConicError, type Connection } from "@conic/domain";
import { describe, expect, it } from "vitest";
import {
  dialWebSocket,
  memoryPair,
  reconnecting,
  type ReconnectingOptions,
  type RetryInfo,
} from "../../src/index.js";
import { serve } from "../support/server.js";

async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** A dialer in memory that can fail, and everything that came of it. */
function setup(
  outcomes: readonly (ConicError | "ok")[] = [],
  options: Partial<ReconnectingOptions> = {},
) {
  const clock = new FakeClock();
  const servers: Connection[] = [];
  const retries: RetryInfo[] = [];
  const controller = new AbortController();
  let dials = 0;
  const sequence = reconnecting({
    dial: () => {
      const outcome = outcomes[dials] ?? "ok";
      dials += 1;
      const [client, server] = memoryPair({ clock });
      if (outcome === "ok") {
        servers.push(server);
        return client;
      }
      const failed = Promise.reject(outcome);
      failed.catch(() => undefined);
      client.abort(outcome);
      return new Proxy(client, {
        get: (target, key) => {
          if (key === "opened") return failed;
          const value: unknown = Reflect.get(target, key, target);
          return typeof value === "function" ? (value.bind(target) as unknown) : value;
        },
      });
    },
    clock,
    random: () => 0.5,
    signal: controller.signal,
    onRetry: (info) => retries.push(info),
    ...options,
  });
  return {
    clock,
    servers,
    retries,
    controller,
    dials: () => dials,
    iterator: sequence[Symbol.asyncIterator](),
  };
}

describe("reconnecting", () => {
  failOnLeaks();

  it("hands out a new connection when one has closed, after the back-off and not before", async () => {
    const { clock, servers, retries, controller, dials, iterator } = setup();
    const first = await iterator.next();
    const next = iterator.next();
    await servers[0]?.close({ code: 1001, reason: "going away" });
    await settle();
    expect(retries).toEqual([
      { attempt: 1, delayMs: 50, close: { code: 1001, reason: "going away", wasClean: true } },
    ]);
    clock.advance(49);
    await settle();
    expect(dials()).toBe(1);
    clock.advance(1);
    const second = await next;
    expect(second.value).not.toBe(first.value);
    expect(dials()).toBe(2);
    controller.abort();
    expect((await iterator.next()).done).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it("backs off further with each failure, and anew after a stable connection", async () => {
    const down = new ConicError("unreachable", "nobody there");
    const { clock, servers, retries, controller, iterator } = setup([down, down, down, "ok", "ok"]);
    const first = iterator.next();
    for (let turn = 0; turn < 3; turn += 1) {
      await settle();
      clock.advance(10_000);
    }
    expect((await first).done).toBe(false);
    expect(retries.map(({ attempt, delayMs, error }) => [attempt, delayMs, error?.code])).toEqual([
      [1, 50, "unreachable"],
      [2, 100, "unreachable"],
      [3, 200, "unreachable"],
    ]);
    // Open for one millisecond less than stable: the back-off goes on.
    clock.advance(4_999);
    const second = iterator.next();
    await servers[0]?.close();
    await settle();
    clock.advance(10_000);
    await second;
    expect(retries.at(-1)).toMatchObject({ attempt: 4, delayMs: 400 });
    clock.advance(5_000);
    const third = iterator.next();
    await servers[1]?.close();
    await settle();
    expect(retries.at(-1)).toMatchObject({ attempt: 1, delayMs: 50 });
    controller.abort();
    expect((await third).done).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it("counts the time that the connection was open, not the time that the loop body took", async () => {
    const { clock, servers, retries, controller, iterator } = setup();
    await iterator.next();
    await servers[0]?.close();
    await settle();
    clock.advance(60_000);
    const next = iterator.next();
    await settle();
    clock.advance(10_000);
    await next;
    const last = iterator.next();
    await servers[1]?.close();
    await settle();
    expect(retries.map(({ attempt }) => attempt)).toEqual([1, 2]);
    controller.abort();
    await last;
  });

  it.each([
    [4500, "replaced"],
    [4501, "unauthorized"],
    [4999, "closed"],
  ])("throws when the other end closes with %i", async (code, error) => {
    const { clock, servers, dials, iterator } = setup();
    await iterator.next();
    await servers[0]?.close({ code, reason: "no more" });
    await expect(iterator.next()).rejects.toMatchObject({
      code: error,
      details: { closeCode: code },
    });
    expect((await iterator.next()).done).toBe(true);
    expect(dials()).toBe(1);
    expect(clock.pending).toBe(0);
  });

  it("goes on after 4499, the last code that allows it", async () => {
    const { servers, retries, controller, iterator } = setup();
    await iterator.next();
    await servers[0]?.close({ code: 4499 });
    const next = iterator.next();
    await settle();
    expect(retries).toHaveLength(1);
    controller.abort();
    expect((await next).done).toBe(true);
  });

  it("throws when dialing fails for good", async () => {
    const { iterator, retries } = setup([new ConicError("unauthorized", "HTTP 401")]);
    await expect(iterator.next()).rejects.toMatchObject({ code: "unauthorized" });
    expect(retries).toEqual([]);
  });

  it("goes on after what would end it, when it is told to", async () => {
    const asked: string[] = [];
    const goesOn = (error: ConicError): boolean => asked.push(error.code) === 1;
    const { clock, servers, dials, iterator } = setup([], { goesOn });
    await iterator.next();
    await servers[0]?.close({ code: 4501 });
    const second = iterator.next();
    await settle();
    clock.advance(50);
    expect((await second).done).toBe(false);
    await servers[1]?.close({ code: 4501 });
    await expect(iterator.next()).rejects.toMatchObject({ code: "unauthorized" });
    expect([asked, dials()]).toEqual([["unauthorized", "unauthorized"], 2]);
    expect(clock.pending).toBe(0);
  });

  it.each([
    [7_000, 7_050],
    [0, 50],
    [-1, 50],
    [3_600_000, 3_600_050],
    [3_600_001, 3_600_050],
  ])(
    "leaves a server alone that asks for %i ms, and the back-off comes on top",
    async (ms, all) => {
      const busy = new ConicError("rate_limited", "HTTP 429", { details: { retryAfterMs: ms } });
      const { clock, dials, retries, controller, iterator } = setup([busy]);
      const first = iterator.next();
      await settle();
      expect(retries).toMatchObject([{ attempt: 1, delayMs: all }]);
      clock.advance(all - 1);
      await settle();
      expect(dials()).toBe(1);
      clock.advance(1);
      expect((await first).done).toBe(false);
      controller.abort();
      await iterator.next();
    },
  );

  it("leaves it alone for as long as the caller has heard from it, whatever a peer error says", async () => {
    const { servers, retries, controller, iterator } = setup([], { leaveAloneMs: () => 2_000 });
    const { value: connection } = await iterator.next();
    const next = iterator.next();
    const details = { retryAfterMs: 30_000 };
    (connection as Connection).abort(new ConicError("id_taken", "kept", { details }));
    await servers[0]?.closed;
    await settle();
    expect(retries).toMatchObject([{ delayMs: 2_050 }]);
    controller.abort();
    await next;
  });

  it("ends when the signal fires during the back-off, leaving no timer and no listener", async () => {
    const { clock, servers, controller, iterator } = setup();
    await iterator.next();
    await servers[0]?.close();
    const next = iterator.next();
    await settle();
    expect(clock.pending).toBe(1);
    controller.abort();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(clock.pending).toBe(0);
    expect(abortListenerCount(controller.signal)).toBe(0);
  });

  it("closes the connection of the moment when the signal fires inside the loop body", async () => {
    const { servers, controller, iterator } = setup();
    const { value: connection } = await iterator.next();
    controller.abort();
    expect(await servers[0]?.closed).toMatchObject({ code: 1000, wasClean: true });
    expect((connection as Connection).readyState).toBe("closed");
    expect((await iterator.next()).done).toBe(true);
  });

  it("closes the connection when the loop is left", async () => {
    const { servers, controller, iterator } = setup();
    const [connection] = await collect({ [Symbol.asyncIterator]: () => iterator }, 1);
    expect(connection?.readyState).toBe("closed");
    expect(servers[0]?.readyState).toBe("closed");
    expect(abortListenerCount(controller.signal)).toBe(0);
  });

  it("yields nothing for a signal that has fired already", async () => {
    const controller = new AbortController();
    controller.abort();
    let dials = 0;
    const dial = (): Connection => {
      dials += 1;
      return memoryPair()[0];
    };
    const iterator = reconnecting({ dial, signal: controller.signal })[Symbol.asyncIterator]();
    expect((await iterator.next()).done).toBe(true);
    expect(dials).toBe(0);
  });

  it("survives a server that goes away and comes back, over real sockets", async () => {
    await using server = await serve();
    const controller = new AbortController();
    const sequence = reconnecting({
      dial: (signal) => dialWebSocket(server.url, { signal }),
      backoff: { initialMs: 1, maxMs: 5 },
      signal: controller.signal,
    });
    let count = 0;
    for await (const connection of sequence) {
      count += 1;
      const accepted = await server.accepted();
      if (count === 3) controller.abort();
      else if (count === 2) accepted.abort(new ConicError("internal", "crash"));
      else await accepted.close({ code: 1001 });
      await connection.closed;
    }
    expect(count).toBe(3);
    expect(abortListenerCount(controller.signal)).toBe(0);
  });

  it("hears from a real server when to come back", async () => {
    const busy = new ConicError("rate_limited", "wait", { details: { retryAfterMs: 42_000 } });
    await using server = await serve({
      authorize: () => {
        throw busy;
      },
    });
    const controller = new AbortController();
    const retried = new Promise<RetryInfo>((resolve) => {
      const sequence = reconnecting({
        dial: (signal) => dialWebSocket(server.url, { signal }),
        random: () => 0,
        signal: controller.signal,
        onRetry: resolve,
      });
      void sequence.next();
    });
    expect(await retried).toMatchObject({ delayMs: 42_000, error: { code: "rate_limited" } });
    controller.abort();
  });

  it("abandons a dial that is under way when the signal fires", async () => {
    await using server = await serve();
    const controller = new AbortController();
    const dialed: Connection[] = [];
    const iterator = reconnecting({
      dial: (signal) => {
        const connection = dialWebSocket(server.url, { signal });
        dialed.push(connection);
        return connection;
      },
      signal: controller.signal,
    })[Symbol.asyncIterator]();
    const next = iterator.next();
    controller.abort();
    expect((await next).done).toBe(true);
    expect(dialed.map((connection) => connection.readyState)).toEqual(["closed"]);
  });
});
