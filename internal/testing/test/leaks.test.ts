import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect, createServer, type AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { watchLeaks } from "../src/index.js";

describe("leak watch", () => {
  it("fails on timers, sockets and servers that are still there, and names them", async () => {
    const check = watchLeaks(50);
    const timer = setTimeout(() => undefined, 60_000);
    const interval = setInterval(() => undefined, 60_000);
    setTimeout(() => undefined, 60_000).unref();
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const socket = createSocket("udp4");
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
    await once(client, "connect");
    await expect(check()).rejects.toThrow(
      /^leaked: Timeout 0 → 2, UDPWrap 0 → 1, TCPSocketWrap 0 → 2, TCPServerWrap 0 → 1$/,
    );
    clearTimeout(timer);
    clearInterval(interval);
    client.destroy();
    server.close();
    socket.close();
    await Promise.all([once(server, "close"), once(socket, "close")]);
    await expect(watchLeaks(50)()).resolves.toBeUndefined();
  });

  it("waits for what is on its way out", async () => {
    const check = watchLeaks();
    setTimeout(() => undefined, 30);
    await expect(check()).resolves.toBeUndefined();
  });
});
