import type {
  Backplane,
  ClientId,
  Clock,
  ConicError,
  Connection,
  Frame,
  Hub,
  Logger,
} from "@conic/domain";
import { Channels, createClusterHub, Homes, type Channel, type ClusterHub } from "@conic/hub";
import type { ClientMessage } from "@conic/protocol";
import type { StreamLimits } from "@conic/transport";
import type { Peer } from "../session/peer.js";
import type { Segment } from "./tunnel/segment.js";
import { Tunnels, type Arrival } from "./tunnel/tunnels.js";

/** By number, the same on each node. */
const channels = { hub: 1, tunnels: 2, rooms: 3 } as const;

export interface ClusterSetup {
  readonly backplane: Backplane;
  /** Of the clients that are at home here. */
  readonly hub: Hub;
  readonly limits: StreamLimits;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly serve: (segment: Segment, arrival: Arrival) => void;
  readonly end: (segment: Segment) => void;
}

/** What makes a server one node out of several: each id has a home, and whoever wants it is served there. */
export class Cluster {
  readonly homes: Homes;
  readonly hub: ClusterHub;
  /** For who is in which room. */
  readonly rooms: Channel;
  readonly #channels: Channels;
  readonly #tunnels: Tunnels;
  /** The frame of each `register` that is being handled. */
  readonly #frames = new WeakMap<ClientMessage, Frame>();
  readonly #segments = new WeakMap<Peer, Segment>();

  constructor(setup: ClusterSetup) {
    const { backplane, hub, clock } = setup;
    this.#channels = new Channels(backplane);
    this.homes = new Homes(backplane);
    this.hub = createClusterHub({ channel: this.#channels.open(channels.hub), hub, clock });
    this.#tunnels = new Tunnels({ ...setup, channel: this.#channels.open(channels.tunnels) });
    this.rooms = this.#channels.open(channels.rooms);
  }

  /** Clients that are connected here and served elsewhere. */
  get passing(): number {
    return this.#tunnels.size;
  }

  /** Begins to read; all channels are listened to. */
  start(): void {
    this.#channels.start();
  }

  /** @throws ConicError `invalid_state` for a connection that it was given before. */
  enter(connection: Connection): Segment {
    return this.#tunnels.enter(connection);
  }

  /** Who serves this segment. */
  serves(peer: Peer, segment: Segment): void {
    this.#segments.set(peer, segment);
  }

  /** A `register` is about to be handled; it may have to be handled elsewhere. */
  registering(message: ClientMessage<"register">, frame: Frame): void {
    this.#frames.set(message, frame);
  }

  /**
   * Takes a client that holds no id to the home of this one; undefined when that is here.
   * @throws ConicError `shutting_down`, as a rejection, when that node is not there.
   */
  move(id: ClientId, message: ClientMessage<"register">, peer: Peer): Promise<void> | undefined {
    const home = this.homes.of(id);
    const segment = this.#segments.get(peer);
    const frame = this.#frames.get(message);
    if (home === this.homes.self || segment === undefined || frame === undefined) return undefined;
    return this.#tunnels.whenUp(home).then(() => {
      if (!peer.ended) segment.move(home, frame, peer.waitedMs);
    });
  }

  async endAll(reason: ConicError, spreadMs: number): Promise<void> {
    await this.#tunnels.endAll(reason, spreadMs);
  }

  abortAll(reason: ConicError): void {
    this.#tunnels.abortAll(reason);
  }

  /** This node is done: nothing waits for others any more. */
  leave(): void {
    this.hub.leave();
  }
}
