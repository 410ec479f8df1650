import { readFileSync } from "node:fs";
import path from "node:path";
import { networkInterfaces } from "node:os";
import { connect } from "node:net";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { PlainClient } from "../../src/client.js";
import { root, startProcess } from "../../src/process.js";
import { builtApp, startSignalServer } from "../../src/signal-server.js";

const interfaces = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
const hasIPv6 = interfaces.some(({ address }) => address === "::1");
const publicAddress = interfaces.find(({ internal, family }) => !internal && family === "IPv4");

describe("a signaling server that was started", () => {
  it("says where it is in one line on stdout, and logs to stderr", async () => {
    await using server = await startSignalServer();
    expect(server.url).toBe(`ws://localhost:${server.port}/ws`);
    expect(server.port).toBeGreaterThan(0);
    await server.process.stderr.waitFor(/INFO.*listening/);
    expect(server.process.stdout.all).toHaveLength(1);
  });

  it("is reached by name, over IPv4 and, where there is IPv6, over IPv6", async () => {
    await using server = await startSignalServer();
    const hosts = ["localhost", "127.0.0.1", ...(hasIPv6 ? ["[::1]"] : [])];
    for (const [i, host] of hosts.entries()) {
      await using client = await PlainClient.open(`ws://${host}:${server.port}/ws`);
      await client.register({ ID: `c${i}` });
    }
    expect(await (await server.get("/stats")).json()).toMatchObject({
      connectionsTotal: hosts.length,
    });
  });

  it.skipIf(publicAddress === undefined)("is not seen by the network unless told so", async () => {
    const host = publicAddress?.address ?? "";
    const reachable = async (port: number): Promise<boolean> => {
      const socket = connect({ port, host });
      try {
        await once(socket, "connect");
        return true;
      } catch {
        return false;
      } finally {
        socket.destroy();
      }
    };
    await using closed = await startSignalServer();
    expect(await reachable(closed.port)).toBe(false);
    await using open = await startSignalServer({ args: ["--host=0.0.0.0"] });
    expect(await reachable(open.port)).toBe(true);
    expect(open.url).toBe(`ws://0.0.0.0:${open.port}/ws`);
  });

  it("tells its health and its statistics, and what else there is", async () => {
    await using server = await startSignalServer();
    const health = await server.get("/healthz");
    expect([health.status, await health.json()]).toEqual([200, { status: "ok" }]);
    expect(health.headers.get("content-type")).toBe("application/json");

    await using alice = await PlainClient.open(server.url);
    await alice.register({ ID: "alice" });
    alice.send("candidate", { TargetID: "alice", Candidate: "" });
    await alice.next();
    alice.send("shout");
    await alice.next();
    expect(await (await server.get("/stats")).json()).toMatchObject({
      connections: 1,
      registered: 1,
      framesReceived: 3,
      errorsSent: { unsupported_type: 1 },
      hub: { connectedClients: 1, messagesOut: 1 },
    });

    const missing = await server.get("/");
    expect([missing.status, await missing.json()]).toEqual([
      404,
      {
        error: "not_found",
        paths: {
          health: "/healthz",
          ready: "/readyz",
          stats: "/stats",
          websocket: "/ws",
          metrics: "/metrics",
          demo: "/demo/",
        },
      },
    ]);
    expect((await server.get("/ws")).status).toBe(426);
  });

  it("serves another path, from a flag or the environment; the flag wins", async () => {
    const env = { CONIC_PATH: "/from-env", CONIC_LOG_LEVEL: "silent" };
    await using one = await startSignalServer({ env });
    expect(new URL(one.url).pathname).toBe("/from-env");
    await using client = await PlainClient.open(one.url);
    await client.register();
    expect(one.process.stderr.text).toBe("");
    await using two = await startSignalServer({ env, args: ["--path=/from-flag"] });
    expect(new URL(two.url).pathname).toBe("/from-flag");
  });

  it("serves the demo page, whose WebSocket is its own, unless it is told not to", async () => {
    await using one = await startSignalServer({ args: ["--path=/signaling"] });
    const page = await one.get("/demo?peer=alice");
    expect([page.status, page.headers.get("content-type")]).toEqual([
      200,
      "text/html; charset=utf-8",
    ]);
    const config = await (await one.get("/demo/config.json")).json();
    expect(config).toEqual({ websocketPath: "/signaling" });
    await one.process.stderr.waitFor(/"demo":"http:\/\/localhost:\d+\/demo\/"/);
    await using two = await startSignalServer({ args: ["--no-demo"] });
    expect((await two.get("/demo/")).status).toBe(404);
  });

  it("hands out the ICE servers that it was given", async () => {
    await using server = await startSignalServer({
      args: [
        "--ice-server=stun:s.example:3478",
        "--ice-server",
        "turn:u:p%40ss@t.example?transport=tcp",
      ],
    });
    await using client = await PlainClient.open(server.url);
    expect((await client.register()).raw["ICEServers"]).toEqual([
      { urls: "stun:s.example:3478" },
      { urls: "turn:t.example?transport=tcp", username: "u", credential: "p@ss" },
    ]);
  });

  it("closes a client that does not register in the time that it was given", async () => {
    await using server = await startSignalServer({ args: ["--register-timeout-ms=50"] });
    await using client = await PlainClient.open(server.url);
    expect(await client.closed).toEqual({ code: 4002, reason: "register_timeout" });
  });
});

/** Exit code, stdout and stderr of a run that ends by itself. */
async function run(...args: readonly string[]): Promise<[number | null, string, string]> {
  await using program = await startProcess(process.execPath, [builtApp("signal"), ...args]);
  const { code } = await program.exit();
  return [code, program.stdout.text.trimEnd(), program.stderr.text.trimEnd()];
}

describe("the command line", () => {
  it("--version is the version of the package", async () => {
    const file = readFileSync(path.join(root, "apps/signal/package.json"), "utf8");
    const { version } = JSON.parse(file) as { version: string };
    expect(await run("--version")).toEqual([0, version, ""]);
  });

  it("--help names every flag with its default and variable", async () => {
    const [code, help, stderr] = await run("--help");
    expect([code, stderr]).toEqual([0, ""]);
    const flags = [
      ["host", "localhost", "CONIC_HOST"],
      ["port", "3000", "CONIC_PORT"],
      ["path", "/ws", "CONIC_PATH"],
      ["max-connections", "10000", "CONIC_MAX_CONNECTIONS"],
      ["max-frame-bytes", "65536", "CONIC_MAX_FRAME_BYTES"],
      ["max-buffered-bytes", "1048576", "CONIC_MAX_BUFFERED_BYTES"],
      ["register-timeout-ms", "10000", "CONIC_REGISTER_TIMEOUT_MS"],
      ["ping-interval-ms", "25000", "CONIC_PING_INTERVAL_MS"],
      ["pong-timeout-ms", "10000", "CONIC_PONG_TIMEOUT_MS"],
      ["shutdown-timeout-ms", "5000", "CONIC_SHUTDOWN_TIMEOUT_MS"],
      ["log-level", "info", "CONIC_LOG_LEVEL"],
      ["log-format", "text", "CONIC_LOG_FORMAT"],
    ];
    for (const [flag, value, variable] of flags) {
      expect(help).toMatch(new RegExp(`--${flag}=.*default ${value}; ${variable}\\)`));
    }
    expect(help).toMatch(/--ice-server=.*CONIC_ICE_SERVER/);
  });

  it.each([
    [["--port=65536"], /^conic-signal: --port is a whole number from 0 to 65535/],
    [["--port", "x"], /^conic-signal: --port is a whole number/],
    [["--prot=1"], /^conic-signal: there is no option --prot/],
    [["serve"], /^conic-signal: there is no command "serve"/],
    [["--path=ws"], /^conic-signal: --path begins with \//],
    [["--log-level=loud"], /^conic-signal: --log-level is one of /],
    [["--max-frame-bytes=1023"], /^conic-signal: --max-frame-bytes is /],
    [["--ice-server=turn:user:hunter2@"], /^conic-signal: --ice-server: number 1 /],
    [
      ["--host=host.invalid", "--port=0"],
      /^conic-signal: host\.invalid is no address of this machine/,
    ],
  ])("%j: one line on stderr, exit code 2", async (args, line) => {
    const [code, stdout, stderr] = await run(...args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(line);
    expect(stderr.split("\n")).toHaveLength(1);
    expect(stderr).not.toContain("hunter2");
  });

  it("a port in use: says so, and what to do; exit code 2", async () => {
    await using server = await startSignalServer();
    expect(await run(`--port=${server.port}`)).toEqual([
      2,
      "",
      `conic-signal: port ${server.port} on localhost is in use: stop what uses it or choose another with --port`,
    ]);
  });
});
