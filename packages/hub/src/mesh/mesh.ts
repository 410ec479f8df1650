import { createConnection, createServer, type Server, type Socket } from "node:net";
import {
  ConicError,
  silentLogger,
  type Backplane,
  type BackplaneHandler,
  type Logger,
  type NodeId,
} from "@conic/domain";
import { readHello, writeHello } from "./hello.js";
import { Link, type LinkLimits } from "./link.js";
import { removeStale, socketPath } from "./path.js";

export interface MeshOptions {
  /**
   * Where the sockets of the nodes lie, one directory for one mesh. Whoever may enter it may speak for a node: make it
   * with `fs.mkdtemp`, which lets in nobody but its owner. On Windows, its name is that of the pipes.
   */
  readonly directory: string;
  /** Which node this is, from 0. */
  readonly index: number;
  /** How many nodes there are; they are named by their index. */
  readonly size: number;
  /** Default 1 MiB. */
  readonly maxMessageBytes?: number;
  /** What may wait for one node; more ends the link to it. Default 64 MiB. */
  readonly maxQueuedBytes?: number;
  readonly logger?: Logger;
}

/** Between two attempts to reach a node. */
const minRetryMs = 10;
const maxRetryMs = 500;
/** How long a connection may take to say who it is. */
const helloTimeoutMs = 5000;
/** How long others may take to read the last messages. */
const goodbyeTimeoutMs = 1000;

/** Processes of one machine, each with a socket to each. Of two, the one with the higher index connects. */
class Mesh implements Backplane {
  readonly self: NodeId;
  readonly nodes: readonly NodeId[];
  readonly #options: MeshOptions;
  readonly #limits: LinkLimits;
  readonly #logger: Logger;
  readonly #server: Server;
  /** Those that have said who they are. */
  readonly #links = new Map<NodeId, Link>();
  /** All, to be ended with the mesh. */
  readonly #sockets = new Set<Socket>();
  readonly #retries = new Map<NodeId, NodeJS.Timeout>();
  readonly #told = new Set<NodeId>();
  #handler: BackplaneHandler | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: MeshOptions) {
    const { index, size, maxMessageBytes = 1_048_576, maxQueuedBytes = 67_108_864 } = options;
    if (!Number.isInteger(index) || !Number.isInteger(size) || index < 0 || index >= size) {
      throw new ConicError("invalid_argument", "index must be from 0 to size - 1");
    }
    this.self = String(index);
    this.nodes = Array.from({ length: size }, (_, i) => String(i));
    this.#options = options;
    this.#limits = { maxMessageBytes, maxQueuedBytes };
    this.#logger = options.logger ?? silentLogger;
    this.#server = createServer((socket) => {
      this.#accept(socket);
    });
  }

  get maxMessageBytes(): number {
    return this.#limits.maxMessageBytes;
  }

  async open(): Promise<void> {
    const { directory, index } = this.#options;
    const path = socketPath(directory, index);
    await removeStale(path);
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(path, resolve);
    });
    for (const node of this.nodes.slice(0, index)) this.#dial(node, minRetryMs);
  }

  listen(handler: BackplaneHandler): void {
    if (this.#handler !== undefined) {
      throw new ConicError("invalid_state", "the backplane is read already");
    }
    this.#handler = handler;
    setImmediate(() => {
      for (const [node, link] of this.#links) this.#tellUp(node, link);
    });
  }

  isUp(node: NodeId): boolean {
    if (this.#closed !== undefined || !this.#told.has(node)) return false;
    return this.#links.get(node)?.ended === false;
  }

  send(node: NodeId, message: Uint8Array): boolean {
    const link = this.isUp(node) ? this.#links.get(node) : undefined;
    if (link === undefined) {
      throw new ConicError("unreachable", `there is no link to node ${node}`);
    }
    try {
      return link.send(message);
    } catch (error) {
      if (link.ended || !(error instanceof ConicError) || error.code !== "too_large") {
        this.#links.delete(node);
      }
      throw error;
    }
  }

  reset(node: NodeId, reason: ConicError): void {
    const link = this.#links.get(node);
    if (link === undefined) return;
    this.#logger.warn({ err: reason, node }, "the link to another process is made anew");
    this.#links.delete(node);
    link.destroy();
  }

  close(): Promise<void> {
    this.#closed ??= this.#shutDown();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #shutDown(): Promise<void> {
    for (const timer of this.#retries.values()) clearTimeout(timer);
    this.#retries.clear();
    const closed = new Promise((resolve) => {
      this.#server.close(resolve);
    });
    const gone = Array.from(this.#sockets, (socket) =>
      socket.destroyed
        ? Promise.resolve()
        : new Promise<void>((resolve) => {
            socket.once("close", () => {
              resolve();
            });
          }),
    );
    for (const link of this.#links.values()) link.finish();
    const linked = new Set(this.#links.values());
    const timer = setTimeout(
      () => {
        for (const socket of this.#sockets) socket.destroy();
      },
      linked.size === 0 ? 0 : goodbyeTimeoutMs,
    );
    await Promise.all(gone);
    clearTimeout(timer);
    await closed;
  }

  #dial(node: NodeId, retryMs: number): void {
    if (this.#closed !== undefined) return;
    const socket = createConnection(socketPath(this.#options.directory, Number(node)));
    let greeted = false;
    this.#own(socket);
    socket.once("close", () => {
      if (this.#closed !== undefined) return;
      const next = greeted ? minRetryMs : Math.min(maxRetryMs, 2 * retryMs);
      const again = setTimeout(() => {
        this.#retries.delete(node);
        this.#dial(node, next);
      }, retryMs);
      this.#retries.set(node, again);
    });
    this.#greet(socket, (index) => {
      greeted = true;
      return index === Number(node);
    });
  }

  #accept(socket: Socket): void {
    this.#own(socket);
    if (this.#closed !== undefined) socket.destroy();
    else this.#greet(socket, (index) => index > this.#options.index);
  }

  #own(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once("close", () => {
      this.#sockets.delete(socket);
    });
  }

  /** The first message of both ends says who they are. */
  #greet(socket: Socket, isExpected: (index: number) => boolean): void {
    const { index, size } = this.#options;
    let node: NodeId | undefined;
    const timer = setTimeout(() => {
      socket.destroy();
    }, helloTimeoutMs);
    const link: Link = new Link(socket, this.#limits, {
      message: (message) => {
        if (node !== undefined) {
          this.#handler?.message(node, message);
          return;
        }
        clearTimeout(timer);
        const other = readHello(message, size);
        if (!isExpected(other)) {
          throw new ConicError("invalid_data", "a process says that it is another one");
        }
        node = String(other);
        this.#join(node, link);
      },
      end: (error) => {
        clearTimeout(timer);
        if (node !== undefined) this.#leave(node, link, error);
      },
    });
    link.send(writeHello(index, size));
  }

  #join(node: NodeId, link: Link): void {
    const older = this.#links.get(node);
    if (older !== undefined) {
      // It has died, and its next life was quicker than the news of that.
      older.destroy();
    }
    this.#tellDown(node);
    link.hold();
    this.#links.set(node, link);
    if (this.#handler !== undefined) {
      setImmediate(() => {
        this.#tellUp(node, link);
      });
    }
  }

  #leave(node: NodeId, link: Link, error: unknown): void {
    if (error !== undefined && this.#closed === undefined) {
      this.#logger.warn({ err: error, node }, "the link to another process broke");
    }
    const current = this.#links.get(node);
    if (current !== undefined && current !== link) return;
    this.#links.delete(node);
    this.#tellDown(node);
  }

  #tellUp(node: NodeId, link: Link): void {
    if (this.#links.get(node) !== link || link.ended || this.#told.has(node)) return;
    if (this.#closed !== undefined) return;
    this.#told.add(node);
    this.#logger.debug({ node }, "linked to another process");
    this.#handler?.up(node);
    link.release();
  }

  #tellDown(node: NodeId): void {
    if (!this.#told.delete(node) || this.#closed !== undefined) return;
    this.#handler?.down(node);
  }
}

/**
 * Joins processes of one machine into one server, over Unix domain sockets (named pipes on Windows). Resolves when this
 * one can be reached; others are found as they come, and found again when they come back.
 *
 * @throws ConicError `invalid_argument`; an error of node:net when the directory is not there.
 */
export async function openMesh(options: MeshOptions): Promise<Backplane> {
  const mesh = new Mesh(options);
  await mesh.open();
  return mesh;
}
