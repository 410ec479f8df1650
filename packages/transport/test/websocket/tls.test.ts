import { collect, failOnLeaks } from "@conic/internal-testing";
import { readFileSync } from "node:fs";
import { once } from "node:events";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { ConicError, Frame, type Connection } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { acceptWebSockets, dialWebSocket } from "../../src/index.js";
import { serve } from "../support/server.js";

const cert = readFileSync(new URL("../fixtures/cert.pem", import.meta.url), "utf8");
const key = readFileSync(new URL("../fixtures/key.pem", import.meta.url), "utf8");

async function serveTls() {
  const https: Server = createServer({ cert, key });
  const accepted: Connection[] = [];
  acceptWebSockets(https, { onConnection: (connection) => accepted.push(connection) });
  https.listen(0, "127.0.0.1");
  await once(https, "listening");
  return {
    accepted,
    port: (https.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      const closed = once(https, "close");
      https.close();
      https.closeAllConnections();
      await closed;
    },
  };
}

describe("over TLS", () => {
  failOnLeaks();

  it("carries frames both ways and closes cleanly", async () => {
    await using server = await serveTls();
    const client = dialWebSocket(`wss://localhost:${server.port}/ws`, { ca: cert });
    await client.opened;
    const [accepted] = server.accepted;
    for (let index = 0; index < 100; index += 1) client.send(Frame.fromText(`to server ${index}`));
    accepted?.send(Frame.fromText("to client"));
    const received = accepted === undefined ? [] : await collect(accepted, 100);
    expect(received.at(-1)?.text).toBe("to server 99");
    expect((await collect(client, 1))[0]?.text).toBe("to client");
    await client.close();
    expect(await accepted?.closed).toEqual({ code: 1000, reason: "", wasClean: true });
  });

  it("aborts, although TLS has no reset", async () => {
    await using server = await serveTls();
    const client = dialWebSocket(`wss://localhost:${server.port}/ws`, { ca: [cert] });
    await client.opened;
    server.accepted[0]?.abort(new ConicError("internal", "broken"));
    expect(await client.closed).toMatchObject({ code: 1006, wasClean: false });
  });

  it("says that a certificate is not trusted", async () => {
    await using server = await serveTls();
    const client = dialWebSocket(`wss://localhost:${server.port}/ws`);
    await expect(client.opened).rejects.toMatchObject({
      code: "unreachable",
      details: { reason: "tls" },
      message: expect.stringContaining("check the certificate") as string,
    });
  });

  it("says that a certificate is for another name", async () => {
    await using server = await serveTls();
    const client = dialWebSocket(`wss://127.0.0.2:${server.port}/ws`, { ca: cert });
    await expect(client.opened).rejects.toMatchObject({ code: "unreachable" });
  });

  it("says that TLS was spoken to a server without TLS", async () => {
    await using server = await serve();
    const client = dialWebSocket(server.url.replace("ws:", "wss:"));
    await expect(client.opened).rejects.toMatchObject({
      code: "unreachable",
      details: { reason: "tls" },
    });
  });

  it("says that no TLS was spoken to a server with TLS", async () => {
    await using server = await serveTls();
    const client = dialWebSocket(`ws://localhost:${server.port}/ws`);
    await expect(client.opened).rejects.toMatchObject({
      code: "unreachable",
      message: expect.stringContaining("use wss://") as string,
    });
  });
});
