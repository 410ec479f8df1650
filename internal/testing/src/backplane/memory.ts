import { ConicError, type Backplane, type BackplaneHandler, type NodeId } from "@conic/domain";

export interface MemoryBackplanesOptions {
  /** How many nodes; they are named `0`, `1`, … */
  readonly nodes: number;
  /** Default 1 MiB. */
  readonly maxMessageBytes?: number;
  /** What may wait on one way from node to node; more breaks the link. Default 64 MiB. */
  readonly maxQueuedBytes?: number;
  /** When a step of a way is done, such as after a time or in random order. Default: in a microtask. */
  readonly schedule?: (step: () => void) => void;
}

const highWaterMarkBytes = 1_048_576;

/** One direction between two nodes, for as long as its link is up. */
interface Way {
  readonly messages: Uint8Array[];
  bytes: number;
  scheduled: boolean;
}

class MemoryBackplane implements Backplane {
  readonly self: NodeId;
  /** Whose end it has not been told. */
  readonly lost: NodeId[] = [];
  readonly #network: MemoryBackplanes;
  #handler: BackplaneHandler | undefined;
  #closed = false;

  constructor(self: NodeId, network: MemoryBackplanes) {
    this.self = self;
    this.#network = network;
  }

  get nodes(): readonly NodeId[] {
    return this.#network.nodes;
  }

  get maxMessageBytes(): number {
    return this.#network.maxMessageBytes;
  }

  get handler(): BackplaneHandler | undefined {
    return this.#closed ? undefined : this.#handler;
  }

  get closed(): boolean {
    return this.#closed;
  }

  tellLost(): void {
    for (const node of this.lost.splice(0)) this.handler?.down(node);
  }

  listen(handler: BackplaneHandler): void {
    if (this.#handler !== undefined) {
      throw new ConicError("invalid_state", "the backplane is read already");
    }
    this.#handler = handler;
    this.#network.wake(this.self);
  }

  isUp(node: NodeId): boolean {
    return !this.#closed && this.#network.isUp(this.self, node);
  }

  send(node: NodeId, message: Uint8Array): boolean {
    if (!this.isUp(node)) throw new ConicError("unreachable", `there is no link to node ${node}`);
    if (message.byteLength > this.maxMessageBytes) {
      throw new ConicError("too_large", `a message has at most ${this.maxMessageBytes} bytes`);
    }
    return this.#network.carry(this.self, node, message);
  }

  reset(node: NodeId): void {
    this.#network.reset(this.self, node);
  }

  close(): Promise<void> {
    if (!this.#closed) {
      this.#network.flush(this.self);
      this.abandon();
      this.#network.remove(this.self);
    }
    return Promise.resolve();
  }

  /** As if its process had been killed. */
  abandon(): void {
    this.#closed = true;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Backplanes of nodes in one process, and what can go wrong between nodes. Links are made again by themselves. */
export class MemoryBackplanes {
  readonly nodes: readonly NodeId[];
  readonly maxMessageBytes: number;
  readonly #maxQueuedBytes: number;
  readonly #schedule: (step: () => void) => void;
  readonly #members = new Map<NodeId, MemoryBackplane>();
  readonly #ways = new Map<string, Way>();
  /** What nodes have been told to be up, as `from>to`. */
  readonly #told = new Set<string>();
  readonly #cut = new Set<string>();
  readonly #stalled = new Set<NodeId>();

  constructor(options: MemoryBackplanesOptions) {
    this.nodes = Array.from({ length: options.nodes }, (_, i) => String(i));
    this.maxMessageBytes = options.maxMessageBytes ?? 1_048_576;
    this.#maxQueuedBytes = options.maxQueuedBytes ?? 64 * 1_048_576;
    this.#schedule = options.schedule ?? queueMicrotask;
  }

  /** Makes the backplane of a node, or that of its next life. */
  join(node: NodeId): Backplane {
    if (this.#members.has(node) || !this.nodes.includes(node)) {
      throw new ConicError("invalid_state", `node ${node} is there already, or no member`);
    }
    const made = new MemoryBackplane(node, this);
    this.#members.set(node, made);
    for (const other of this.nodes) this.#connect(node, other);
    return made;
  }

  /** The node is gone in the middle of what it does; whatever was on its way to it or from it is lost. */
  kill(node: NodeId): void {
    this.#members.get(node)?.abandon();
    this.remove(node);
  }

  /** The link between two nodes is gone until `mend`. */
  cut(a: NodeId, b: NodeId): void {
    this.#cut.add(key(a, b)).add(key(b, a));
    this.#disconnect(a, b);
  }

  mend(a: NodeId, b: NodeId): void {
    this.#cut.delete(key(a, b));
    this.#cut.delete(key(b, a));
    this.#connect(a, b);
  }

  /** The node reads nothing, and nobody notices, until `release`. */
  stall(node: NodeId): void {
    this.#stalled.add(node);
  }

  release(node: NodeId): void {
    this.#stalled.delete(node);
    this.wake(node);
  }

  /** Whether `a` has been told that `b` is up. */
  isUp(a: NodeId, b: NodeId): boolean {
    return this.#told.has(key(b, a));
  }

  carry(from: NodeId, to: NodeId, message: Uint8Array): boolean {
    const way = this.#ways.get(key(from, to));
    if (way === undefined) throw new ConicError("unreachable", `there is no link to node ${to}`);
    if (way.bytes + message.byteLength > this.#maxQueuedBytes) {
      this.reset(from, to);
      throw new ConicError("buffer_full", `node ${to} does not read`);
    }
    way.messages.push(message);
    way.bytes += message.byteLength;
    this.#move(from, to, way);
    return way.bytes <= highWaterMarkBytes;
  }

  reset(a: NodeId, b: NodeId): void {
    this.#disconnect(a, b);
    this.#schedule(() => {
      this.#connect(a, b);
    });
  }

  flush(from: NodeId): void {
    for (const to of this.nodes) {
      const way = this.#ways.get(key(from, to));
      if (way !== undefined) this.#deliver(from, to, way);
    }
  }

  remove(node: NodeId): void {
    this.#members.delete(node);
    for (const other of this.nodes) this.#disconnect(node, other);
  }

  /** The node has begun to read. */
  wake(node: NodeId): void {
    for (const other of this.nodes) {
      const way = this.#ways.get(key(other, node));
      if (way !== undefined) this.#move(other, node, way);
    }
  }

  #connect(a: NodeId, b: NodeId): void {
    if (a === b || this.#cut.has(key(a, b)) || this.#ways.has(key(a, b))) return;
    if (!this.#members.has(a) || !this.#members.has(b)) return;
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const way: Way = { messages: [], bytes: 0, scheduled: false };
      this.#ways.set(key(from, to), way);
      this.#move(from, to, way);
    }
  }

  #disconnect(a: NodeId, b: NodeId): void {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      this.#ways.delete(key(from, to));
      if (!this.#told.delete(key(from, to))) continue;
      const target = this.#members.get(to);
      if (target === undefined) continue;
      target.lost.push(from);
      this.#schedule(() => {
        target.tellLost();
      });
    }
  }

  #move(from: NodeId, to: NodeId, way: Way): void {
    if (way.scheduled) return;
    way.scheduled = true;
    this.#schedule(() => {
      way.scheduled = false;
      this.#deliver(from, to, way);
    });
  }

  #deliver(from: NodeId, to: NodeId, way: Way): void {
    const here = key(from, to);
    const member = this.#members.get(to);
    const handler = member?.handler;
    // In whichever order the steps are done: news of an end come before those of a beginning.
    member?.tellLost();
    if (handler === undefined || this.#stalled.has(to)) return;
    if (this.#ways.get(here) !== way) return;
    if (!this.#told.has(here)) {
      this.#told.add(here);
      handler.up(from);
    }
    while (this.#ways.get(here) === way) {
      const message = way.messages.shift();
      if (message === undefined) return;
      way.bytes -= message.byteLength;
      try {
        handler.message(from, message);
      } catch {
        this.reset(from, to);
      }
    }
  }
}

function key(from: NodeId, to: NodeId): string {
  return `${from}>${to}`;
}
