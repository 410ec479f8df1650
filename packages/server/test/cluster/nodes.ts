import type { Backplane, ClientId, Connection } from "@conic/domain";
import { Homes } from "@conic/hub";
import { MemoryBackplanes, type MemoryBackplanesOptions } from "@conic/internal-testing";
import { memoryPair, type MemoryPairOptions } from "@conic/transport";
import {
  createSignalingServer,
  type SignalingServer,
  type SignalingServerOptions,
} from "../../src/index.js";
import { TestClient } from "../support/client.js";

/** Signaling servers of several nodes in one process, which are one server to their clients. */
export class Nodes implements AsyncDisposable {
  readonly network: MemoryBackplanes;
  readonly size: number;
  readonly #options: SignalingServerOptions;
  readonly #servers: SignalingServer[] = [];
  readonly #backplanes: Backplane[] = [];
  #next = 0;

  constructor(
    options: SignalingServerOptions = {},
    network: MemoryBackplanesOptions = { nodes: 3 },
  ) {
    this.network = new MemoryBackplanes(network);
    this.size = network.nodes;
    this.#options = options;
    for (let index = 0; index < network.nodes; index += 1) this.start(index);
  }

  /** Starts a node, or its next life. */
  start(index: number): void {
    const backplane = this.network.join(String(index));
    this.#backplanes[index] = backplane;
    this.#servers[index] = createSignalingServer({ ...this.#options, backplane });
  }

  /** Resolves when each has heard of all others. */
  async linked(): Promise<void> {
    const { nodes } = this.network;
    const isLinked = (one: Backplane): boolean =>
      nodes.every((node) => node === one.self || one.isUp(node));
    while (!this.#backplanes.every(isLinked)) await new Promise(setImmediate);
  }

  /** The process is gone: so are its connections. */
  async crash(index: number): Promise<void> {
    const server = this.at(index);
    this.network.kill(String(index));
    await server.close({ signal: AbortSignal.abort() }).catch(() => undefined);
  }

  at(index: number): SignalingServer {
    const server = this.#servers[index];
    if (server === undefined) throw new Error("there is no such node");
    return server;
  }

  /** The client's end of a connection to this node; without one, to one after the other. */
  connection(index?: number, options?: MemoryPairOptions): Connection {
    const [near, far] = memoryPair(options);
    this.at(index ?? this.#next % this.size).handleConnection(far);
    if (index === undefined) this.#next += 1;
    return near;
  }

  connect(index?: number): TestClient {
    return new TestClient(this.connection(index));
  }

  /** Where a name is at home. */
  homeOf(name: string): number {
    const { nodes } = this.network;
    return Number(new Homes({ self: "0", nodes }).of(name));
  }

  /** A name that is at home on this node. */
  nameAt(index: number, prefix = "name"): ClientId {
    for (let i = 0; ; i += 1) {
      const name = `${prefix}-${i}`;
      if (this.homeOf(name) === index) return name as ClientId;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.close()));
    for (const node of this.network.nodes) this.network.kill(node);
  }
}
