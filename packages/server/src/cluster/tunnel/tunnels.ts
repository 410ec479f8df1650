import {
  closeCodes,
  ConicError,
  type Clock,
  type Connection,
  type Frame,
  type Logger,
  type NodeId,
} from "@conic/domain";
import type { Channel } from "@conic/hub";
import { connectionOver, type StreamLimits } from "@conic/transport";
import { perMinute, TokenBucket } from "../../limits/token-bucket.js";
import { endAll } from "../../session/departure.js";
import { Links } from "../links.js";
import {
  decodeTunnelMessage,
  encodeTunnelMessage,
  type EntryMessage,
  type TunnelMessage,
} from "./messages.js";
import { Passage } from "./passage.js";
import { Segment, type Departure } from "./segment.js";
import { Visit } from "./visit.js";

const goodbye = { code: closeCodes.goingAway, reason: "shutting_down" };

/** What is known of a connection when it comes to this node. */
export interface Arrival {
  /** Time for which it has held no id. */
  readonly waitedMs: number;
  /** False when another node has counted it already. */
  readonly isNew: boolean;
}

export interface TunnelsSetup {
  readonly channel: Channel;
  readonly limits: StreamLimits;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Serves a client as long as it is this node's. */
  readonly serve: (segment: Segment, arrival: Arrival) => void;
  /** The node that this client is connected to shuts down. */
  readonly end: (segment: Segment) => void;
}

/** A node that was restarted is there again within this time. */
const linkTimeoutMs = 5_000;
/** Beside what the entry allows itself for its own goodbye. */
const extraCloseMs = 1_000;
const defaultCloseMs = 2_000;
/** How often a client may ask for an id of yet another node, at once and within a minute; then it waits. */
const movesPerMinute = 30;

/** The connections of clients whose id has its home on another node than the one that they are connected to. */
export class Tunnels {
  readonly #setup: TunnelsSetup;
  readonly #links: Links;
  /** Of clients that are connected here, by number. */
  readonly #passages = new Map<number, { readonly node: NodeId; readonly passage: Passage }>();
  /** Of clients that are at home here, by node and number. */
  readonly #visits = new Map<string, { readonly visit: Visit; readonly segment: Segment }>();
  readonly #moves = new WeakMap<Connection, TokenBucket>();
  readonly #entered = new WeakSet<Connection>();
  /** Of clients that are nobody's for a while: nothing of them is read. */
  readonly #parked = new Set<Connection>();
  #last = 0;
  #closing = false;

  constructor(setup: TunnelsSetup) {
    const { channel, clock } = setup;
    this.#setup = setup;
    this.#links = new Links(channel, clock, linkTimeoutMs);
    channel.listen({
      message: (from, bytes) => {
        this.#onMessage(from, decodeTunnelMessage(bytes));
      },
      up: (node) => {
        this.#links.up(node);
      },
      down: (node) => {
        this.#onDown(node);
      },
    });
  }

  /** Clients that are connected here and served elsewhere. */
  get size(): number {
    return this.#passages.size;
  }

  /** @throws ConicError `invalid_state` when it was given before. */
  enter(connection: Connection): Segment {
    if (this.#entered.has(connection)) {
      throw new ConicError("invalid_state", "this connection is served already");
    }
    this.#entered.add(connection);
    return this.#segment(connection, []);
  }

  /** Resolves when that node is there. @throws ConicError `shutting_down` when it is not, for too long. */
  whenUp(node: NodeId): Promise<void> {
    return this.#links.whenUp(node);
  }

  isUp(node: NodeId): boolean {
    return this.#setup.channel.isUp(node);
  }

  /** Has the homes of all clients that are connected here say goodbye to them. Resolves when they are closed. */
  async endAll(reason: ConicError, spreadMs: number): Promise<void> {
    this.#closing = true;
    this.#links.close();
    const passages = new Map(
      Array.from(this.#passages, ([number, { passage }]) => [number, passage] as const),
    );
    const parked = Array.from(this.#parked, (connection) => connection.close(goodbye));
    await Promise.all([endAll(passages, reason, spreadMs, this.#setup.clock), ...parked]);
  }

  abortAll(reason: ConicError): void {
    for (const { passage } of this.#passages.values()) passage.abort(reason);
    for (const connection of this.#parked) connection.abort(reason);
  }

  #segment(connection: Connection, early: readonly Frame[]): Segment {
    return new Segment(connection, early, (departure) => {
      this.#go(connection, departure);
    });
  }

  /** Takes the client to where it goes on. Meanwhile, nothing of it is read. */
  #go(connection: Connection, departure: Departure): void {
    const { node } = departure;
    const { channel, clock, serve } = this.#setup;
    const waitMs = this.#bucket(connection).take(1, clock.now());
    if (this.#closing) void connection.close(goodbye);
    else if (waitMs > 0) {
      this.#parked.add(connection);
      clock.schedule(waitMs, () => {
        this.#parked.delete(connection);
        this.#go(connection, departure);
      });
    } else if (node === channel.self) {
      const { frames, waitedMs } = departure;
      serve(this.#segment(connection, frames), { waitedMs, isNew: false });
    } else if (channel.isUp(node)) this.#open(connection, departure);
    else void this.#openLater(connection, departure);
  }

  async #openLater(connection: Connection, departure: Departure): Promise<void> {
    this.#parked.add(connection);
    try {
      await this.#links.whenUp(departure.node);
      this.#open(connection, departure);
    } catch {
      await connection.close(goodbye);
    }
    this.#parked.delete(connection);
  }

  #open(connection: Connection, departure: Departure): void {
    const { node } = departure;
    const number = this.#nextNumber();
    const passage = new Passage({
      connection,
      send: (message) => {
        this.#send(node, { ...message, tunnel: number });
      },
      onMoved: (next) => {
        this.#go(connection, next);
      },
      onOver: () => {
        this.#passages.delete(number);
      },
      logger: this.#setup.logger,
    });
    this.#passages.set(number, { node, passage });
    passage.start(departure);
  }

  #nextNumber(): number {
    do this.#last = (this.#last + 1) >>> 0;
    while (this.#passages.has(this.#last));
    return this.#last;
  }

  #bucket(connection: Connection): TokenBucket {
    const known = this.#moves.get(connection);
    if (known !== undefined) return known;
    const spec = perMinute(movesPerMinute) ?? { burst: movesPerMinute, perMs: 1 };
    const made = new TokenBucket(spec, this.#setup.clock.now());
    this.#moves.set(connection, made);
    return made;
  }

  /** Of a link that is down, both ends learn by that; there is nobody to send to. */
  #send(node: NodeId, message: TunnelMessage): void {
    try {
      this.#setup.channel.send(node, encodeTunnelMessage(message));
    } catch (error) {
      const { logger, channel } = this.#setup;
      logger.debug({ err: error, node }, "a tunnel could not go on");
      // Something of a tunnel is missing now, which its other end must not take for the whole.
      if (channel.isUp(node)) channel.reset(node, ConicError.from(error, "internal"));
    }
  }

  #onMessage(from: NodeId, message: TunnelMessage): void {
    switch (message.type) {
      case "open":
        this.#welcome(from, message);
        return;
      case "up":
      case "sent":
      case "ended":
      case "left":
      case "leaving":
        this.#onEntry(from, message);
        return;
      case "down":
      case "read":
      case "close":
      case "abort":
      case "move":
      case "back":
      case "done": {
        const known = this.#passages.get(message.tunnel);
        // Of one that has ended, something may still have been on its way.
        if (known?.node === from) known.passage.onMessage(message);
      }
    }
  }

  #onEntry(from: NodeId, message: Exclude<EntryMessage, { readonly type: "open" }>): void {
    const known = this.#visits.get(key(from, message.tunnel));
    if (known === undefined) return;
    const { visit, segment } = known;
    if (message.type === "up") visit.onUp(message.frame);
    else if (message.type === "sent") visit.onSent(message.bytes);
    else if (message.type === "ended") visit.onEnded(message);
    else if (message.type === "left") visit.onLeft();
    else this.#setup.end(segment);
  }

  #welcome(from: NodeId, opening: Extract<EntryMessage, { readonly type: "open" }>): void {
    const here = key(from, opening.tunnel);
    if (this.#visits.has(here)) {
      throw new ConicError("invalid_data", "another node opens a tunnel that is open");
    }
    const { limits, clock, logger, serve } = this.#setup;
    const visit: Visit = new Visit({
      opening,
      send: (message) => {
        this.#send(from, { ...message, tunnel: opening.tunnel });
      },
      onOver: () => {
        if (this.#visits.get(here)?.visit === visit) this.#visits.delete(here);
      },
    });
    const closeTimeoutMs = (limits.closeTimeoutMs ?? defaultCloseMs) + extraCloseMs;
    const connection = connectionOver(visit, {
      id: `${from}/${opening.name}`,
      limits: { ...limits, closeTimeoutMs },
      clock,
      logger,
    });
    const segment = new Segment(connection, [], (departure) => {
      void giveBack(visit, connection, departure);
    });
    this.#visits.set(here, { visit, segment });
    serve(segment, { waitedMs: opening.waitedMs, isNew: false });
  }

  #onDown(node: NodeId): void {
    for (const known of this.#passages.values()) {
      if (known.node === node) known.passage.lose();
    }
    const prefix = key(node, "");
    for (const [name, { visit }] of this.#visits) {
      if (!name.startsWith(prefix)) continue;
      // At once: its next life begins to count anew.
      this.#visits.delete(name);
      visit.lose();
    }
  }
}

/** The client asks for an id of another node: what it sent goes back to where it is connected, in order. */
async function giveBack(
  visit: Visit,
  connection: Connection,
  { node, waitedMs, frames }: Departure,
): Promise<void> {
  const [frame, ...rest] = frames;
  if (frame === undefined) return;
  visit.move({ type: "move", node, waitedMs, frame });
  for (const unread of rest) visit.back(unread);
  for await (const unread of connection) visit.back(unread);
  visit.done();
}

function key(node: NodeId, number: number | ""): string {
  return `${node}>${number}`;
}
