import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { silentLogger } from "@conic/domain";
import { failOnLeaks } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { startApp } from "../../src/app.js";
import { readCommand } from "../../src/options.js";

failOnLeaks();

/** A socket that asks for a WebSocket, and the first line of the answer. */
async function upgrade(port: number, from: string): Promise<readonly [Socket, string]> {
  const socket = connect(port, "127.0.0.1");
  const key = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==";
  socket.write(
    `GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${key}\r\nX-Forwarded-For: ${from}\r\n\r\n`,
  );
  const [data] = (await once(socket, "data")) as [Buffer];
  return [socket, data.toString("latin1").split("\r\n", 1)[0] ?? ""];
}

describe("the program", () => {
  it("limits addresses behind the proxies that it is told", async () => {
    const argv = ["--host=127.0.0.1", "--port=0", "--no-demo", "--max-address-connections=1"];
    const command = readCommand([...argv, "--trusted-proxy=127.0.0.1"], {});
    if (command.kind !== "serve") throw new Error(command.kind);
    const app = await startApp(command.options, silentLogger);
    const port = Number(new URL(app.url).port);
    const sockets: Socket[] = [];
    const statuses: string[] = [];
    for (const from of ["192.0.2.1", "192.0.2.1", "192.0.2.1, 192.0.2.2"]) {
      const [socket, status] = await upgrade(port, from);
      sockets.push(socket);
      statuses.push(status);
    }
    expect(statuses).toEqual([
      "HTTP/1.1 101 Switching Protocols",
      "HTTP/1.1 429 Too Many Requests",
      "HTTP/1.1 101 Switching Protocols",
    ]);
    for (const socket of sockets) socket.destroy();
    await app.close();
  });

  it("does not start with limits that contradict each other", async () => {
    const command = readCommand(["--port=0", "--max-byte-burst=1024"], {});
    if (command.kind !== "serve") throw new Error(command.kind);
    await expect(startApp(command.options, silentLogger)).rejects.toMatchObject({
      code: "invalid_argument",
    });
  });
});
