import { silentLogger } from "@conic/domain";
import { failOnLeaks } from "@conic/internal-testing";
import { mintToken } from "@conic/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startApp, type SignalApp } from "../../src/app.js";
import { readCommand } from "../../src/options.js";

const secrets = {
  CONIC_AUTH_SECRET: "the-secret-that-tokens-of-clients-are-signed-with",
  CONIC_METRICS_TOKEN: "the-token-with-which-metrics-are-read",
  CONIC_ADMIN_TOKEN: "the-token-of-whoever-runs-the-server",
  CONIC_TURN_SECRET: "what-is-shared-with-the-TURN-server",
};

describe("S24 tokens of one purpose", () => {
  failOnLeaks();
  let app: SignalApp;
  let client: string;

  beforeAll(async () => {
    const argv = ["--port=0", "--turn-url=turn:turn.example.net:3478"];
    const command = readCommand(argv, secrets);
    if (command.kind !== "serve") throw new Error(command.kind);
    app = await startApp(command.options, silentLogger);
    client = await mintToken({ secret: Buffer.from(secrets.CONIC_AUTH_SECRET), ttlS: 60 });
  });
  afterAll(() => app.close());

  async function status(path: string, token: string): Promise<number> {
    const url = new URL(path, app.url.replace("ws:", "http:"));
    const headers = { Connection: "close", Authorization: `Bearer ${token}` };
    const answer = await fetch(url, { headers });
    await answer.text();
    return answer.status;
  }

  it("open what they are for, and nothing else", async () => {
    const { CONIC_AUTH_SECRET, CONIC_METRICS_TOKEN, CONIC_ADMIN_TOKEN, CONIC_TURN_SECRET } =
      secrets;
    expect(await status("/metrics", CONIC_METRICS_TOKEN)).toBe(200);
    expect(await status("/admin/api/overview", CONIC_ADMIN_TOKEN)).toBe(200);
    for (const token of [client, CONIC_AUTH_SECRET, CONIC_TURN_SECRET]) {
      expect(await status("/metrics", token)).toBe(401);
      expect(await status("/admin/api/overview", token)).toBe(401);
    }
    expect(await status("/metrics", CONIC_ADMIN_TOKEN)).toBe(401);
    expect(await status("/admin/api/overview", CONIC_METRICS_TOKEN)).toBe(401);
  });

  it("are worth nothing in a URL, which is logged on its way", async () => {
    const { CONIC_METRICS_TOKEN, CONIC_ADMIN_TOKEN } = secrets;
    for (const [path, token] of [
      ["/metrics", CONIC_METRICS_TOKEN],
      ["/admin/api/overview", CONIC_ADMIN_TOKEN],
    ] as const) {
      const query = `?token=${encodeURIComponent(token)}&access_token=${encodeURIComponent(token)}`;
      expect(await status(path + query, "none")).toBe(401);
    }
  });
});
