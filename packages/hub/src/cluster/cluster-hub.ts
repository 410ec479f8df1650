import {
  ConicError,
  isConicError,
  systemClock,
  type Client,
  type ClientId,
  type Clock,
  type CloseOptions,
  type Delivery,
  type Frame,
  type Hub,
  type HubStats,
  type NodeId,
  type Registration,
} from "@conic/domain";
import { Counters } from "../counters.js";
import { createHub } from "../memory-hub.js";
import type { Channel } from "./channels.js";
import { Homes } from "./homes.js";
import { decodeHubMessage, encodeHubMessage, type HubMessage } from "./messages.js";
import { Pending } from "./pending.js";

export interface ClusterHubOptions {
  /** Its own channel of the backplane, the same number on each node. */
  readonly channel: Channel;
  /** Holds the clients whose home is this node. Default: one in memory. */
  readonly hub?: Hub;
  /** How long another node may take to deliver a frame; then it counts as undeliverable. Default 5000. */
  readonly requestTimeoutMs?: number;
  readonly clock?: Clock;
}

type Outcome = Extract<HubMessage, { readonly type: "outcome" | "failure" | "count" }>;

const notFound: Delivery = Object.freeze({ status: "undeliverable", reason: "target_not_found" });

/** A hub of one node out of several. */
export interface ClusterHub extends Hub {
  /** This node goes: what waits for others is given up, as if they were gone. */
  leave(): void;
}

/**
 * A hub over several nodes: of each id, one node is the home, where it is registered and where frames for it go.
 * What is at home here is handled as without other nodes, at once.
 */
class ComposedHub implements ClusterHub {
  readonly #channel: Channel;
  readonly #homes: Homes;
  readonly #local: Hub;
  readonly #pending: Pending<Outcome>;
  /** Of frames that reached no node: the others are counted where they arrive. */
  readonly #lost = new Counters();
  readonly #relayed = new Map<NodeId, Delivery>();

  constructor(options: ClusterHubOptions) {
    const { channel, clock = systemClock, requestTimeoutMs = 5000 } = options;
    this.#channel = channel;
    this.#homes = new Homes(channel);
    this.#local = options.hub ?? createHub({ clock });
    this.#pending = new Pending(clock, requestTimeoutMs);
    for (const node of channel.nodes) {
      this.#relayed.set(node, Object.freeze({ status: "relayed", node }));
    }
    channel.listen({
      message: (from, bytes) => {
        this.#onMessage(from, decodeHubMessage(bytes));
      },
      up: () => undefined,
      down: (node) => {
        this.#pending.lose(node);
      },
    });
  }

  /** @throws ConicError `invalid_argument` for an id that is at home elsewhere; else as every hub. */
  register(client: Client): Registration {
    if (!this.#homes.isHere(client.id)) {
      throw new ConicError("invalid_argument", "this id is at home on another node");
    }
    return this.#local.register(client);
  }

  send(to: ClientId, frame: Frame): Delivery | Promise<Delivery> {
    const home = this.#homes.of(to);
    if (home === this.#channel.self) return this.#local.send(to, frame);
    return new Promise((resolve, reject) => {
      this.#ask(
        home,
        (number) => ({ type: "send", number, to, frame }),
        (outcome) => {
          if (outcome.type === "failure") reject(outcome.error);
          else resolve(this.#deliveryOf(home, outcome));
        },
        () => {
          this.#lost.count(frame, false);
          resolve(notFound);
        },
      );
    });
  }

  async sendMany(to: Iterable<ClientId>, frame: Frame): Promise<ReadonlyMap<ClientId, Delivery>> {
    const targets = [...new Set(to)];
    const attempts = await Promise.allSettled(
      // In a function of its own: what one throws must not keep the others from their frame.
      targets.map(async (id) => [id, await this.send(id, frame)] as const),
    );
    const deliveries = new Map<ClientId, Delivery>();
    for (const attempt of attempts) {
      if (attempt.status === "rejected") throw attempt.reason;
      deliveries.set(...attempt.value);
    }
    return deliveries;
  }

  /** Of a node that does not answer in time, none are counted. */
  async broadcast(frame: Frame, options: { readonly except?: ClientId } = {}): Promise<number> {
    const { except } = options;
    const others = this.#channel.nodes.filter((node) => this.#channel.isUp(node));
    const counts = others.map(
      (node) =>
        new Promise<number>((resolve) => {
          this.#ask(
            node,
            (number) => ({ type: "broadcast", number, except, frame }),
            (outcome) => {
              resolve(outcome.type === "count" ? outcome.count : 0);
            },
            () => {
              resolve(0);
            },
          );
        }),
    );
    const all = await Promise.all([this.#local.broadcast(frame, options), ...counts]);
    return all.reduce((sum, count) => sum + count, 0);
  }

  /** Clients that are at home here. */
  get(id: ClientId): Client | undefined {
    return this.#local.get(id);
  }

  /** Clients that are at home here. */
  clients(): IterableIterator<Client> {
    return this.#local.clients();
  }

  /** Of this node: those of all nodes add up. */
  stats(): HubStats {
    const stats = this.#local.stats();
    const lost = this.#lost.snapshot();
    return {
      ...stats,
      messagesIn: stats.messagesIn + lost.messagesIn,
      messagesDropped: stats.messagesDropped + lost.messagesDropped,
      bytesIn: stats.bytesIn + lost.bytesIn,
    };
  }

  /** Closes the connections of this node. */
  async drain(options?: CloseOptions): Promise<void> {
    await this.#local.drain(options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#local[Symbol.asyncDispose]();
    this.leave();
  }

  leave(): void {
    this.#pending.loseAll();
  }

  #ask(
    node: NodeId,
    message: (number: number) => HubMessage,
    answer: (outcome: Outcome) => void,
    lost: () => void,
  ): void {
    if (!this.#channel.isUp(node)) {
      lost();
      return;
    }
    const number = this.#pending.add(node, answer, lost);
    try {
      this.#channel.send(node, encodeHubMessage(message(number)));
    } catch (error) {
      const reason = ConicError.from(error, "internal");
      // A link that broke is told by `down`, or was a moment ago.
      if (isConicError(error, "unreachable") || isConicError(error, "buffer_full")) {
        this.#pending.lose(node);
      } else this.#pending.answer(node, number, { type: "failure", number, error: reason });
    }
  }

  #deliveryOf(home: NodeId, answer: Outcome): Delivery {
    if (answer.type !== "outcome") return notFound;
    if (answer.outcome === "sent") return this.#relayed.get(home) ?? notFound;
    return { status: "undeliverable", reason: answer.outcome };
  }

  #onMessage(from: NodeId, message: HubMessage): void {
    if (message.type === "send") {
      this.#deliver(from, message.number, message.to, message.frame);
    } else if (message.type === "broadcast") {
      this.#broadcast(from, message.number, message.frame, message.except);
    } else this.#pending.answer(from, message.number, message);
  }

  /** At once: the order in which frames come from a node is that in which they are handed out. */
  #deliver(from: NodeId, number: number, to: ClientId, frame: Frame): void {
    const failed = (error: unknown): void => {
      this.#reply(from, { type: "failure", number, error: ConicError.from(error, "internal") });
    };
    const settle = (delivery: Delivery): void => {
      const outcome = delivery.status === "undeliverable" ? delivery.reason : "sent";
      this.#reply(from, { type: "outcome", number, outcome });
    };
    try {
      const delivery = this.#local.send(to, frame);
      if (delivery instanceof Promise) delivery.then(settle, failed);
      else settle(delivery);
    } catch (error) {
      failed(error);
    }
  }

  #broadcast(from: NodeId, number: number, frame: Frame, except: ClientId | undefined): void {
    this.#local.broadcast(frame, except === undefined ? {} : { except }).then(
      (count) => {
        this.#reply(from, { type: "count", number, count });
      },
      (error: unknown) => {
        this.#reply(from, { type: "failure", number, error: ConicError.from(error, "internal") });
      },
    );
  }

  #reply(to: NodeId, message: HubMessage): void {
    try {
      this.#channel.send(to, encodeHubMessage(message));
    } catch {
      // The link is down: so is what waits for this at its other end.
    }
  }
}

/** A hub of one node out of several; each of them makes one. */
export function createClusterHub(options: ClusterHubOptions): ClusterHub {
  return new ComposedHub(options);
}
