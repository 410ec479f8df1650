import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { MemoryBackplanesOptions } from "@conic/internal-testing";
import { createSignalingServer, type SignalingServer } from "../../src/index.js";
import type { SignalingServerOptions } from "../../src/index.js";
import { Facade } from "../cluster/facade.js";
import { Nodes } from "../cluster/nodes.js";
import { TestClient } from "./client.js";

/** An HTTP server on a free port of the loopback. */
export interface Host extends AsyncDisposable {
  readonly http: Server;
  readonly port: number;
  url(path?: string): string;
}

export async function openHost(listener?: RequestListener): Promise<Host> {
  const http = createServer(listener);
  http.listen({ port: 0, host: "127.0.0.1", backlog: 4096 });
  await once(http, "listening");
  const { port } = http.address() as AddressInfo;
  return {
    http,
    port,
    url: (path = "/ws") => `ws://127.0.0.1:${port}${path}`,
    [Symbol.asyncDispose]: async () => {
      const closed = once(http, "close");
      http.close();
      http.closeAllConnections();
      await closed;
    },
  };
}

/** A signaling server and a way to connect clients to it. */
export interface World extends AsyncDisposable {
  readonly server: SignalingServer;
  connect(): Promise<TestClient>;
}

export type CreateWorld = (options?: SignalingServerOptions) => Promise<World>;

export const memoryWorld: CreateWorld = (options) => {
  const server = createSignalingServer(options);
  return Promise.resolve({
    server,
    connect: () => Promise.resolve(TestClient.inMemory(server)),
    [Symbol.asyncDispose]: () => server.close(),
  });
};

export const webSocketWorld: CreateWorld = async (options) => {
  const host = await openHost();
  const server = createSignalingServer(options);
  server.attach(host.http);
  return {
    server,
    connect: () => TestClient.dial(host.url()),
    [Symbol.asyncDispose]: async () => {
      await server.close();
      await host[Symbol.asyncDispose]();
    },
  };
};

/** Three nodes that are one server to their clients, who come to one node after the other. */
export const clusterWorld: CreateWorld = (options) => nodesWorld(options);

/** For a network whose every way keeps its order, and takes as many turns as `delays` says. */
export function late(delays: Iterator<number>): (step: () => void) => void {
  return (step) => {
    const wait = (left: number): void => {
      if (left === 0) step();
      else setImmediate(wait, left - 1);
    };
    const turns = Number(delays.next().value);
    queueMicrotask(() => {
      wait(turns);
    });
  };
}

export async function nodesWorld(
  options?: SignalingServerOptions,
  network?: MemoryBackplanesOptions,
): Promise<World> {
  const nodes = new Nodes(options, network);
  await nodes.linked();
  const server = new Facade([nodes.at(0), nodes.at(1), nodes.at(2)]);
  return {
    server,
    connect: () => Promise.resolve(TestClient.inMemory(server)),
    [Symbol.asyncDispose]: () => nodes[Symbol.asyncDispose](),
  };
}

/** All kinds of connections, for suites that hold on each. */
export const worlds: readonly (readonly [string, CreateWorld])[] = [
  ["in memory", memoryWorld],
  ["over WebSockets", webSocketWorld],
  ["on three nodes", clusterWorld],
];
