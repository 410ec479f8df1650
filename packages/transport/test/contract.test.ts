import { createServer } from "node:net";
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { describeMessageStreamContract, frameMessages } from "@conic/internal-testing";
import { dialWebSocket, memoryPair } from "../src/index.js";
import { serve } from "./support/server.js";

const capabilities = {
  overflow: "evicts",
  lowWaterMarkBytes: 16_384,
  maxMessageBytes: 65_536,
} as const;

/** A dial to a server that never answers. */
async function connecting() {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    sockets.push(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    stream: dialWebSocket(`ws://127.0.0.1:${port}/ws`),
    dispose: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function webSocketPair() {
  const server = await serve();
  const client = dialWebSocket(server.url);
  const accepted = await server.accepted();
  return {
    client,
    accepted,
    dispose: async () => {
      await server[Symbol.asyncDispose]();
    },
  };
}

describeMessageStreamContract(
  "WebSocket, from the client",
  async () => {
    const { client, accepted, dispose } = await webSocketPair();
    return { a: client, b: accepted, dispose };
  },
  frameMessages,
  { ...capabilities, connecting },
);

describeMessageStreamContract(
  "WebSocket, from the server",
  async () => {
    const { client, accepted, dispose } = await webSocketPair();
    return { a: accepted, b: client, dispose };
  },
  frameMessages,
  capabilities,
);

describeMessageStreamContract(
  "memory pair",
  () => {
    const [a, b] = memoryPair();
    return Promise.resolve({ a, b, dispose: () => Promise.resolve() });
  },
  frameMessages,
  capabilities,
);
