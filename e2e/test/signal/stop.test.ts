import { describe, expect, it } from "vitest";
import { PlainClient } from "../../src/client.js";
import { startProcess } from "../../src/process.js";
import { startSignalServer } from "../../src/signal-server.js";
import { openStubborn } from "../../src/stubborn.js";
import { quickest, whileItLasts } from "../../../internal/testing/src/haste.js";

const signals = ["SIGINT", "SIGTERM"] as const;
/** For so long a connection is given to answer a close. */
const closeMs = 2_000;

describe("S16 stopping", () => {
  it.each(signals)(
    "%s: clients are told with 1001, exit code 0, the port is free",
    async (signal) => {
      await using server = await startSignalServer();
      await using alice = await PlainClient.open(server.url);
      await using stranger = await PlainClient.open(server.url);
      await alice.register({ ID: "alice" });
      server.process.kill(signal);
      expect(await alice.closed).toEqual({ code: 1001, reason: "shutting_down" });
      expect((await stranger.closed).code).toBe(1001);
      expect(await server.process.exit()).toEqual({ code: 0, signal: null });
      await expect(server.get("/healthz")).rejects.toThrow("fetch failed");
      expect(server.process.stdout.all).toHaveLength(1);
    },
  );

  it("is healthy but not ready while it waits for a client, and drops it in the end", () =>
    whileItLasts([closeMs, closeMs, closeMs, closeMs], async (closing) => {
      await using server = await startSignalServer();
      using _stubborn = await openStubborn(server.port);
      closing.begin();
      server.process.kill("SIGTERM");
      await server.process.stderr.waitFor(/INFO.*closing/);
      const ready = await server.get("/readyz");
      expect([ready.status, await ready.json()]).toEqual([503, { status: "draining" }]);
      expect((await server.get("/healthz")).status).toBe(200);
      await expect(PlainClient.open(server.url)).rejects.toThrow("503");
      closing.done();
      expect(await server.process.exit()).toEqual({ code: 0, signal: null });
    }));

  it("serves for --drain-ms while it says that it is not ready", () =>
    whileItLasts([1_500, 6_000, 24_000], async (drain) => {
      await using server = await startSignalServer({ args: [`--drain-ms=${drain.ms}`] });
      await using alice = await PlainClient.open(server.url);
      expect((await server.get("/readyz")).status).toBe(200);
      const from = performance.now();
      drain.begin();
      server.process.kill("SIGTERM");
      await server.process.stderr.waitFor(/INFO.*draining/);
      expect((await server.get("/readyz")).status).toBe(503);
      // A load balancer that has not noticed yet still sends clients.
      await using late = await PlainClient.open(server.url);
      await Promise.all([alice.register({ ID: "alice" }), late.register({ ID: "late" })]);
      late.send("candidate", { TargetID: "alice", Candidate: "" });
      expect((await alice.next()).type).toBe("candidate");
      drain.done();
      expect((await alice.closed).code).toBe(1001);
      // Timers may fire a little early by another clock.
      expect(performance.now() - from).toBeGreaterThan(drain.ms - 100);
      expect(await server.process.exit()).toEqual({ code: 0, signal: null });
    }));

  it("tells each of many clients, also those whose turn is late", async () => {
    await using server = await startSignalServer();
    const all = await Promise.all(Array.from({ length: 60 }, () => PlainClient.open(server.url)));
    server.process.kill("SIGTERM");
    const ends = await Promise.all(all.map(({ closed }) => closed));
    expect(ends.map(({ code }) => code)).toEqual(all.map(() => 1001));
    expect(await server.process.exit()).toEqual({ code: 0, signal: null });
  });

  it("waits no longer than --shutdown-timeout-ms", async () => {
    // Less than the 2 s that a connection is given to answer a close.
    const tookMs = await quickest(1_500, async () => {
      await using server = await startSignalServer({ args: ["--shutdown-timeout-ms=1"] });
      using _stubborn = await openStubborn(server.port);
      const from = performance.now();
      server.process.kill("SIGTERM");
      expect(await server.process.exit()).toEqual({ code: 0, signal: null });
      expect(server.process.stderr.text).toContain("did not say goodbye in time");
      return performance.now() - from;
    });
    expect(tookMs).toBeLessThan(1_500);
  });

  it("a second signal ends it at once", () =>
    whileItLasts([closeMs, closeMs, closeMs, closeMs], async (closing) => {
      await using server = await startSignalServer();
      using _stubborn = await openStubborn(server.port);
      closing.begin();
      server.process.kill("SIGINT");
      await server.process.stderr.waitFor(/INFO.*closing/);
      server.process.kill("SIGINT");
      expect(await server.process.exit()).toEqual({ code: 130, signal: null });
    }));

  it("an open keep-alive connection does not hold it up", async () => {
    // Less than the 5 s for which HTTP keeps it open.
    const tookMs = await quickest(3_000, async () => {
      await using server = await startSignalServer();
      await (await server.get("/healthz")).text();
      const from = performance.now();
      server.process.kill("SIGTERM");
      expect((await server.process.exit()).code).toBe(0);
      return performance.now() - from;
    });
    expect(tookMs).toBeLessThan(3_000);
  });
});

describe("pnpm --filter signal start", () => {
  // Without the build before it: it would replace the program that other tests run.
  const command = [
    "--silent",
    "--config.enable-pre-post-scripts=false",
    "--filter",
    "signal",
    "start",
  ];

  it.each([
    ["SIGINT", "process"],
    ["SIGINT", "group"],
    ["SIGTERM", "process"],
    ["SIGTERM", "group"],
  ] as const)("%s to the %s: clients are told, nothing is left", async (signal, target) => {
    await using pnpm = await startProcess("pnpm", [...command, "--port=0"]);
    const [, url = ""] = await pnpm.stdout.waitFor(/^Conic signaling server on (ws:\S+)$/);
    await using alice = await PlainClient.open(url);
    await alice.register({ ID: "alice" });
    pnpm.kill(signal, target);
    expect((await alice.closed).code).toBe(1001);
    // Resolves when nobody holds the output any more: neither pnpm, nor a shell, nor the server.
    await pnpm.exit();
    await expect(PlainClient.open(url)).rejects.toThrow("ECONNREFUSED");
    expect(pnpm.stderr.text).toContain("stopped");
  });

  it("passes flags on, and fails when the server does", async () => {
    await using pnpm = await startProcess("pnpm", [...command, "--port=65536"]);
    // Of a filtered run, pnpm makes 1 of every other code.
    expect((await pnpm.exit()).code).toBe(1);
    expect(pnpm.stderr.text).toContain("conic-signal: --port is a whole number from 0 to 65535");
  });
});
