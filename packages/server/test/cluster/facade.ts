import type { Connection } from "@conic/domain";
import type {
  PeerInfo,
  RoomInfo,
  ServerStats,
  ShutdownOptions,
  SignalingServer,
} from "../../src/index.js";

type Hub = ServerStats["hub"];

function sumOf(all: readonly ServerStats[], read: (stats: ServerStats) => number): number {
  return all.reduce((sum, stats) => sum + read(stats), 0);
}

function errorsOf(all: readonly ServerStats[]): ServerStats["errorsSent"] {
  const errors = new Map<string, number>();
  for (const { errorsSent } of all) {
    for (const [code, count] of Object.entries(errorsSent)) {
      errors.set(code, (errors.get(code) ?? 0) + count);
    }
  }
  return Object.fromEntries(errors);
}

function hubOf(all: readonly ServerStats[]): Hub {
  const sum = (key: keyof Hub): number => sumOf(all, ({ hub }) => hub[key]);
  return {
    connectedClients: sum("connectedClients"),
    messagesIn: sum("messagesIn"),
    messagesOut: sum("messagesOut"),
    messagesDropped: sum("messagesDropped"),
    bytesIn: sum("bytesIn"),
    bytesOut: sum("bytesOut"),
    uptimeMs: Math.max(...all.map(({ hub }) => hub.uptimeMs)),
  };
}

/** All nodes as one server, for suites that know nothing of nodes: clients come to one after the other. */
export class Facade implements SignalingServer {
  readonly #servers: readonly SignalingServer[];
  #next = 0;

  constructor(servers: readonly SignalingServer[]) {
    this.#servers = servers;
  }

  attach(): void {
    throw new Error("there is no network here");
  }

  handleConnection(connection: Connection): void {
    this.#servers[this.#next % this.#servers.length]?.handleConnection(connection);
    this.#next += 1;
  }

  stats(): ServerStats {
    const all = this.#servers.map((server) => server.stats());
    const [first] = all;
    if (first === undefined) throw new Error("there is no node");
    return {
      ...first,
      connections: sumOf(all, ({ connections }) => connections),
      registered: sumOf(all, ({ registered }) => registered),
      away: sumOf(all, ({ away }) => away),
      rooms: sumOf(all, ({ rooms }) => rooms),
      connectionsTotal: sumOf(all, ({ connectionsTotal }) => connectionsTotal),
      framesReceived: sumOf(all, ({ framesReceived }) => framesReceived),
      errorsSent: errorsOf(all),
      hub: hubOf(all),
    };
  }

  peers(): Iterable<PeerInfo> {
    return this.#servers.flatMap((server) => [...server.peers()]);
  }

  rooms(): Iterable<RoomInfo> {
    return this.#servers.flatMap((server) => [...server.rooms()]);
  }

  disconnect(id: string): boolean {
    return this.#servers.some((server) => server.disconnect(id));
  }

  async close(options?: ShutdownOptions): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.close(options)));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
