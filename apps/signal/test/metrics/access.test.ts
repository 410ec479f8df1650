import type { IncomingMessage } from "node:http";
import type { Logger } from "@conic/domain";
import { failOnLeaks } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { startApp } from "../../src/app.js";
import { metricsRoute } from "../../src/metrics/route.js";
import { readCommand } from "../../src/options.js";

failOnLeaks();

const token = "a-token-of-metrics";

const nothing = (): void => undefined;

interface Served extends AsyncDisposable {
  readonly port: string;
  /** Where the log says that metrics are, when they have a port of their own. */
  readonly metricsUrl: string | undefined;
}

async function serve(argv: readonly string[], env = {}): Promise<Served> {
  const command = readCommand(["--port=0", ...argv], env);
  if (command.kind !== "serve") throw new Error(command.kind);
  let metricsUrl: string | undefined;
  const logger: Logger = {
    debug: nothing,
    info: (fields, message) => {
      if (message === "metrics") metricsUrl = String((fields as { url: unknown }).url);
    },
    warn: nothing,
    error: nothing,
    child: () => logger,
  };
  const app = await startApp(command.options, logger);
  return {
    port: new URL(app.url).port,
    metricsUrl,
    [Symbol.asyncDispose]: () => app.close(),
  };
}

async function status(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<number> {
  const answer = await fetch(url, { headers: { Connection: "close", ...headers } });
  await answer.text();
  return answer.status;
}

describe("/metrics", () => {
  it("is for this machine, and not for whom a proxy on it speaks", async () => {
    await using server = await serve([]);
    const url = `http://127.0.0.1:${server.port}/metrics`;
    const answer = await fetch(url, { headers: { Connection: "close" } });
    expect(answer.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(await answer.text()).toContain("conic_signal_connections 0\n");
    for (const header of ["X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"]) {
      expect(await status(url, { [header]: "for=198.51.100.7" })).toBe(403);
    }
  });

  it.each([
    ["127.0.0.1", 200],
    ["127.3.2.1", 200],
    ["::1", 200],
    ["::ffff:127.0.0.1", 200],
    ["::ffff:198.51.100.7", 403],
    ["198.51.100.7", 403],
    ["2001:db8::1", 403],
    [undefined, 403],
  ])("answers %s with %i", async (remoteAddress, expected) => {
    const metrics = { observer: {}, contentType: "text/plain", text: () => Promise.resolve("") };
    const route = metricsRoute(metrics, { token: undefined, own: undefined });
    const request = { socket: { remoteAddress }, headers: {} } as IncomingMessage;
    expect((await route(request)).status).toBe(expected);
  });

  it("with a token is for whoever has it, from anywhere", async () => {
    await using server = await serve([], { CONIC_METRICS_TOKEN: token });
    const url = `http://127.0.0.1:${server.port}/metrics`;
    expect(await status(url, { Authorization: `Bearer ${token}` })).toBe(200);
    const forwarded = { Authorization: `bearer ${token}`, "X-Forwarded-For": "198.51.100.7" };
    expect(await status(url, forwarded)).toBe(200);
    for (const wrong of ["", "Bearer", `Bearer ${token}x`, `Basic ${token}`, token]) {
      expect(await status(url, { Authorization: wrong })).toBe(401);
    }
    expect(await status(url)).toBe(401);
  });

  it("with a port of its own is there, alone, and nowhere else", async () => {
    await using server = await serve(["--metrics-port=0"]);
    const url = server.metricsUrl ?? "";
    expect(await status(url, { "X-Forwarded-For": "198.51.100.7" })).toBe(200);
    expect(await status(url.replace("/metrics", "/stats"))).toBe(404);
    expect(await status(`http://127.0.0.1:${server.port}/metrics`)).toBe(404);
  });

  it("asks for the token on its own port too", async () => {
    await using server = await serve(["--metrics-port=0"], { CONIC_METRICS_TOKEN: token });
    const url = server.metricsUrl ?? "";
    expect(await status(url)).toBe(401);
    expect(await status(url, { Authorization: `Bearer ${token}` })).toBe(200);
  });

  it("is not there when not wanted", async () => {
    await using server = await serve(["--no-metrics"]);
    expect(await status(`http://127.0.0.1:${server.port}/metrics`)).toBe(404);
  });

  it("that cannot have its port leaves nothing behind", async () => {
    await using other = await serve([]);
    const taken = serve([
      "--host=127.0.0.1",
      "--metrics-host=127.0.0.1",
      `--metrics-port=${other.port}`,
    ]);
    await expect(taken).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining("--metrics-port") as string,
    });
  });
});
