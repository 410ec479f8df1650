import { createServer } from "node:net";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { watchLeaks } from "../src/index.js";

describe("leak watch", () => {
  it("fails on a timer and a server that are still there, and names them", async () => {
    const check = watchLeaks(50);
    const timer = setTimeout(() => undefined, 60_000);
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    await expect(check()).rejects.toThrow(/Timeout.*TCPServerWrap/);
    clearTimeout(timer);
    server.close();
    await once(server, "close");
    await expect(watchLeaks(50)()).resolves.toBeUndefined();
  });

  it("waits for what is on its way out", async () => {
    const check = watchLeaks();
    setTimeout(() => undefined, 30);
    await expect(check()).resolves.toBeUndefined();
  });
});
