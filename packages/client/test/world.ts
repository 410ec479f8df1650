import { createServer, type Server } from "node:http";
import { steadyPort } from "@conic/internal-testing";
import {
  createSignalingServer,
  type SignalingServer,
  type SignalingServerOptions,
} from "@conic/server";
import { connect, type ConicClient, type ConnectOptions } from "@conic/client";

/** A signaling server on a real port, and clients of it; disposing it closes them all. */
export class World implements AsyncDisposable {
  readonly #options: SignalingServerOptions;
  #http: Server | undefined;
  #signaling: SignalingServer | undefined;
  #port = 0;
  readonly #clients: ConicClient[] = [];

  constructor(options: SignalingServerOptions) {
    this.#options = options;
  }

  static async start(options: SignalingServerOptions = {}): Promise<World> {
    const world = new World(options);
    world.#port = await steadyPort();
    await world.startServer();
    return world;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#port}/ws`;
  }

  get rooms(): number {
    return this.#signaling?.stats().rooms ?? 0;
  }

  /** Ends a client for good. */
  kick(id: string): boolean {
    return this.#signaling?.disconnect(id) ?? false;
  }

  /** By code. */
  get errorsSent(): Readonly<Record<string, number>> {
    return this.#signaling?.stats().errorsSent ?? {};
  }

  get registered(): number {
    return this.#signaling?.stats().registered ?? 0;
  }

  /** Starts the server; again on the same port after `stopServer`. */
  async startServer(options: SignalingServerOptions = this.#options): Promise<void> {
    const http = createServer();
    this.#signaling = createSignalingServer(options);
    this.#signaling.attach(http);
    await new Promise<void>((resolve, reject) => {
      http.once("error", reject);
      http.listen(this.#port, "127.0.0.1", resolve);
    });
    this.#http = http;
  }

  /** Stops it as a kill would: connections break off without a word. */
  async stopServer(): Promise<void> {
    const http = this.#http;
    if (http === undefined) return;
    this.#http = undefined;
    const abort = new AbortController();
    abort.abort();
    await this.#signaling?.close({ signal: abort.signal }).catch(() => undefined);
    await new Promise<void>((resolve) => {
      http.close(() => {
        resolve();
      });
      http.closeAllConnections();
    });
  }

  async client(id: string, options: ConnectOptions = {}): Promise<ConicClient> {
    const backoff = { initialMs: 20, maxMs: 200 };
    const client = await connect(this.url, { id, backoff, ...options });
    this.#clients.push(client);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
    await this.stopServer();
  }
}

/** Resolves when the client is in this state. */
export function untilState(client: ConicClient, state: ConicClient["state"]): Promise<void> {
  if (client.state === state) return Promise.resolve();
  return new Promise((resolve) => {
    const off = client.on("statechange", (now) => {
      if (now !== state) return;
      off();
      resolve();
    });
  });
}

export { next } from "./next.js";
