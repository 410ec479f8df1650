import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { failOnLeaks, steadyPort } from "../src/index.js";

describe("a steady port", () => {
  failOnLeaks();

  it("can be listened on, and is none that the system gives away", async () => {
    const port = await steadyPort();
    const server = createServer().listen(port, "127.0.0.1");
    await once(server, "listening");
    server.close();
    await once(server, "close");
    expect(port).toBeGreaterThanOrEqual(20_000);
    expect(port).toBeLessThan(30_000);
  });
});
