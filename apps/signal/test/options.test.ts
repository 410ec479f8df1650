import { describe, expect, it } from "vitest";
import { parseCommandLine } from "@conic/internal-cli";
import { addressFlags, connectionFlags, serverFlags } from "../src/limits/flags.js";
import { readLimits } from "../src/limits/read.js";
import { helpText, readCommand, type SignalOptions } from "../src/options.js";

function options(argv: readonly string[], env: Record<string, string> = {}): SignalOptions {
  const command = readCommand(argv, env);
  if (command.kind !== "serve") throw new Error(command.kind);
  return command.options;
}

const limitsByDefault = readLimits(
  parseCommandLine({ ...connectionFlags, ...addressFlags, ...serverFlags }, [], {}).values,
);

describe("options", () => {
  it("have the documented defaults", () => {
    expect(options([])).toEqual({
      host: "localhost",
      port: 3000,
      path: "/ws",
      iceServers: [],
      access: { auth: undefined, allowedOrigins: undefined, turn: undefined },
      metrics: { token: undefined, own: undefined },
      demo: true,
      workers: 1,
      tls: undefined,
      httpLimits: { handshakeTimeoutMs: 5000, maxHeaderBytes: 8192 },
      ...limitsByDefault,
      drainMs: 0,
      shutdownTimeoutMs: 5000,
      logLevel: "info",
      logFormat: "text",
    });
  });

  it("come from the environment, each from its own variable", () => {
    const env = {
      CONIC_HOST: "0.0.0.0",
      CONIC_PORT: "1",
      CONIC_PATH: "/p",
      CONIC_ICE_SERVER: "stun:s",
      CONIC_NO_DEMO: "1",
      CONIC_CERT: "cert.pem",
      CONIC_KEY: "key.pem",
      CONIC_DRAIN_MS: "7",
      CONIC_SHUTDOWN_TIMEOUT_MS: "6",
      CONIC_METRICS_TOKEN: "0123456789abcdef",
      CONIC_METRICS_PORT: "9",
      CONIC_METRICS_HOST: "::1",
      CONIC_LOG_LEVEL: "debug",
      CONIC_LOG_FORMAT: "json",
    };
    expect(options([], env)).toEqual({
      host: "0.0.0.0",
      port: 1,
      path: "/p",
      iceServers: [{ urls: "stun:s" }],
      access: { auth: undefined, allowedOrigins: undefined, turn: undefined },
      metrics: { token: "0123456789abcdef", own: { host: "::1", port: 9 } },
      demo: false,
      workers: 1,
      tls: { cert: "cert.pem", key: "key.pem" },
      httpLimits: { handshakeTimeoutMs: 5000, maxHeaderBytes: 8192 },
      ...limitsByDefault,
      drainMs: 7,
      shutdownTimeoutMs: 6,
      logLevel: "debug",
      logFormat: "json",
    });
    for (const name of Object.keys(env)) expect(helpText()).toContain(name);
  });

  it("on the command line go before the environment", () => {
    expect(
      options(["--port=7", "--ice-server=stun:b"], { CONIC_PORT: "8", CONIC_ICE_SERVER: "stun:a" }),
    ).toMatchObject({ port: 7, iceServers: [{ urls: "stun:b" }] });
  });

  it("leave the demo page out when asked to", () => {
    expect(options(["--no-demo"]).demo).toBe(false);
    expect(options([], { CONIC_NO_DEMO: "0" }).demo).toBe(true);
  });

  it("leave the metrics out when asked to", () => {
    expect(options(["--no-metrics"]).metrics).toBeUndefined();
  });

  it.each([
    ["a".repeat(15), "CONIC_METRICS_TOKEN is shorter than 16 characters"],
    ["sixteen chars ok", "CONIC_METRICS_TOKEN has characters that no HTTP header can hold"],
  ])("the metrics token %j is refused", (CONIC_METRICS_TOKEN, message) => {
    expect(() => options([], { CONIC_METRICS_TOKEN })).toThrow(message);
  });

  it("after the -- that pnpm passes on", () => {
    expect(options(["--", "--port=7"]).port).toBe(7);
    expect(options(["--", "--ice-server=stun:a", "--ice-server=stun:b"]).iceServers).toHaveLength(
      2,
    );
  });

  it.each([
    [["--help"], "help"],
    [["-h", "--port=1"], "help"],
    [["--version"], "version"],
    [["-V"], "version"],
  ])("%j asks for %s", (argv, kind) => {
    expect(readCommand(argv, {}).kind).toBe(kind);
  });

  it.each([
    [["--port=-1"]],
    [["--host="]],
    [["--path="]],
    [["--path=/a b"]],
    [["--path=/a?b"]],
    [["--max-connections=0"]],
    [["--max-connections=1.5"]],
    [["--shutdown-timeout-ms=0"]],
    [["--resume-ttl-ms=-1"]],
    [["--max-resume-messages=0"]],
    [["--drain-ms=-1"]],
    [["--metrics-port=65536"]],
    [["--cert=cert.pem"]],
    [["--key=key.pem"]],
    [["--metrics-host="]],
    [["--metrics-token-file=/no/such/file"]],
    [["--no-metrics", "--metrics-port=1"]],
    [["--ping-interval-ms=2147483648"]],
    [["extra"]],
  ])("%j is refused with exit code 2", (argv) => {
    expect(() => readCommand(argv, {})).toThrow(expect.objectContaining({ exitCode: 2 }) as Error);
  });
});
