import type { IncomingMessage, Server as HttpServer } from "node:http";
import type { Server as HttpsServer } from "node:https";
import {
  ConicError,
  parseClientId,
  raceAbort,
  type AbortOptions,
  type Backplane,
  type ClientId,
  type Connection,
  type Frame,
  type Hub,
} from "@conic/domain";
import { createHub } from "@conic/hub";
import { Router } from "@conic/protocol";
import { acceptWebSockets, type UpgradeInfo, type WebSocketAcceptor } from "@conic/transport";
import { Cluster } from "./cluster/cluster.js";
import { ClusterRooms } from "./cluster/rooms/cluster-rooms.js";
import { Segment } from "./cluster/tunnel/segment.js";
import type { Arrival } from "./cluster/tunnel/tunnels.js";
import type { PeerInfo, RoomInfo } from "./inspect/info.js";
import { peerInfos } from "./inspect/peers.js";
import { Limiter } from "./limits/limiter.js";
import { observation, type Observation } from "./observe/observation.js";
import { resolveOptions, type ResolvedOptions, type SignalingServerOptions } from "./options.js";
import { Registrar, type RegistrarOptions } from "./registry/registrar.js";
import { Notices } from "./resume/notices.js";
import type { Presence } from "./rooms/presence.js";
import { Rooms } from "./rooms/rooms.js";
import { reportHandler } from "./session/reports.js";
import { createHandlers, type HandlerSetup } from "./session/handlers.js";
import { Deadlines } from "./session/deadlines.js";
import { endAll, requireTime } from "./session/departure.js";
import { Peer, type PeerSetup } from "./session/peer.js";
import { Counters, type ServerStats } from "./stats.js";

export interface AttachOptions {
  /** Path of the endpoint. Default: the server's. */
  readonly path?: string;
  /**
   * Looks at an upgrade request, such as its Origin, and throws a ConicError to refuse it: `unauthorized` is
   * answered with 401, `forbidden` 403, `rate_limited` 429, `shutting_down` 503, others 400. `remoteAddress` is that of
   * the client, also behind trusted proxies.
   */
  readonly authorize?: (request: IncomingMessage, info: UpgradeInfo) => void;
}

export interface ShutdownOptions extends AbortOptions {
  /**
   * Time over which the connections are closed, so that their clients do not all come back at once; those that wait
   * for their turn are served. Few connections take less. Default 0: all at once.
   */
  readonly spreadMs?: number;
}

/** A signaling server without a network of its own. Constructed means running; disposing it is closing it. */
export interface SignalingServer extends AsyncDisposable {
  /**
   * Serves WebSockets on a path of an HTTP server, which stays the caller's: it listens, and closes it. Requests for
   * other paths are left to the server's other listeners.
   * @throws ConicError `invalid_state` after `close`, or when the path is served already.
   */
  attach(server: HttpServer | HttpsServer, options?: AttachOptions): void;
  /**
   * Serves a connection of any other kind, and owns it from now on.
   * @throws ConicError `invalid_state` when it serves it already. After `close`, the connection is closed with 1001.
   */
  handleConnection(connection: Connection): void;
  stats(): ServerStats;
  /** Who holds an id, in no particular order; what comes and goes while one iterates may be missing. */
  peers(): Iterable<PeerInfo>;
  /** Rooms with somebody in them; the same. */
  rooms(): Iterable<RoomInfo>;
  /**
   * Ends a client, on purpose: it is told with an `error` `kicked`, its connection is closed with 4502, after which it
   * does not come back by itself, and its id is free when this returns. A client that is away is told when it comes back.
   * False when nobody holds the id.
   * @throws ConicError `invalid_id`.
   */
  disconnect(id: string): boolean;
  /**
   * Refuses new connections (503) and registrations, closes every connection with 1001, resolves when all are
   * closed. When the signal fires, the connections that are left are dropped and the call rejects with `aborted`.
   * Idempotent: the options of the first call count, but each has a signal of its own.
   */
  close(options?: ShutdownOptions): Promise<void>;
}

class ComposedServer implements SignalingServer {
  readonly #options: ResolvedOptions;
  readonly #hub: Hub;
  readonly #ownsHub: boolean;
  readonly #notices: Notices;
  readonly #registrar: Registrar;
  readonly #rooms: Presence;
  readonly #router: Router<Peer>;
  readonly #peers = new Map<Connection, Peer>();
  readonly #acceptors: WebSocketAcceptor[] = [];
  readonly #counters = new Counters();
  readonly #peerSetup: PeerSetup;
  readonly #observation: Observation;
  readonly #limiter: Limiter;
  readonly #cluster: Cluster | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: SignalingServerOptions) {
    this.#options = resolveOptions(options);
    const { logger, clock, maxFrameBytes } = this.#options;
    this.#observation = observation(options.observer, clock, logger);
    const { limits: events } = this.#observation;
    this.#peerSetup = this.#setUpPeers();
    this.#limiter = new Limiter({ limits: this.#options.rates, clock, logger, events });
    const local = options.hub ?? createHub({ clock });
    const cluster = this.#joinCluster(options.backplane, local);
    this.#cluster = cluster;
    const hub = this.#observation.hub(cluster?.hub ?? local);
    this.#hub = hub;
    this.#ownsHub = options.hub === undefined;
    this.#notices = new Notices(hub, this.#counters, logger);
    const presence = {
      limits: this.#options.roomLimits,
      deliver: (to: ClientId, frame: Frame) => hub.send(to, frame),
      clock,
      logger,
    };
    const rooms = cluster === undefined ? new Rooms(presence) : clusterRooms(cluster, presence);
    this.#rooms = rooms;
    const registrar = this.#createRegistrar(hub, rooms, cluster);
    this.#registrar = registrar;
    const { calls } = this.#observation;
    const report = reportHandler({ isOn: this.#options.reports, calls });
    const onRegister: HandlerSetup["onRegister"] =
      cluster &&
      ((message, frame) => {
        cluster.registering(message, frame);
      });
    const setup = { hub, registrar, rooms, report, maxFrameBytes, onRegister, logger };
    this.#router = createRouter(setup, this.#observation);
    cluster?.start();
  }

  #setUpPeers(): PeerSetup {
    const { logger, clock, registerTimeoutMs } = this.#options;
    const { closed } = this.#observation;
    return {
      deadlines: new Deadlines(clock, registerTimeoutMs),
      clock,
      logger,
      counters: this.#counters,
      onClosed: (peer, info) => {
        closed(info);
        peer.guard.closed();
        this.#peers.delete(peer.source);
      },
    };
  }

  #createRegistrar(hub: Hub, rooms: Presence, cluster: Cluster | undefined): Registrar {
    return new Registrar({
      ...this.#options,
      homes: cluster && homesOf(cluster),
      hub,
      onUndelivered: (id, undelivered) => {
        this.#notices.undelivered(id, undelivered);
      },
      onReleased: (id) => {
        rooms.drop(id);
      },
      onRenewed: (peer) => {
        rooms.review(peer);
      },
      sessions: this.#observation.sessions,
    });
  }

  attach(server: HttpServer | HttpsServer, options: AttachOptions = {}): void {
    if (this.#closing !== undefined) {
      throw new ConicError("invalid_state", "the signaling server is closed; create another");
    }
    const { limits, rates, maxConnections, logger, clock, checkOrigin } = this.#options;
    const { authorize } = options;
    const acceptor = acceptWebSockets(server, {
      path: options.path ?? this.#options.path,
      protocols: ["conic.v1"],
      onConnection: (connection) => {
        this.handleConnection(connection);
      },
      trustedProxies: rates.trustedProxies,
      authorize: (request, { remoteAddress }) => {
        const forwarded = request.headers["x-forwarded-for"] !== undefined;
        this.#limiter.admit({ remoteAddress, forwarded });
        checkOrigin?.(request);
        authorize?.(request, { remoteAddress });
      },
      onRefused: this.#observation.refused,
      onFull: () => {
        this.#observation.limits.limited("connections");
      },
      ...(maxConnections === undefined ? {} : { maxConnections }),
      limits,
      clock,
      logger,
    });
    this.#acceptors.push(acceptor);
  }

  handleConnection(connection: Connection): void {
    if (this.#peers.has(connection)) {
      throw new ConicError("invalid_state", "this connection is served already");
    }
    this.#accept(this.#cluster?.enter(connection) ?? connection, { waitedMs: 0, isNew: true });
  }

  #accept(connection: Connection, { waitedMs, isNew }: Arrival): void {
    const parts = {
      connection: this.#observation.connection(connection, isNew),
      source: connection,
      guard: this.#limiter.guard(connection),
      waitedMs,
    };
    const peer = new Peer(parts, this.#peerSetup);
    this.#peers.set(connection, peer);
    if (isNew) this.#counters.connectionAccepted();
    if (connection instanceof Segment) this.#cluster?.serves(peer, connection);
    if (this.#closing === undefined) this.#serve(peer);
    else void peer.end(goingAway());
  }

  stats(): ServerStats {
    const { connectionsTotal, framesReceived, errorsSent } = this.#counters;
    return {
      connections: this.#peers.size,
      registered: this.#registrar.size,
      away: this.#registrar.away,
      rooms: this.#rooms.size,
      connectionsTotal,
      framesReceived,
      errorsSent,
      closing: this.#closing !== undefined,
      hub: this.#hub.stats(),
    };
  }

  peers(): Iterable<PeerInfo> {
    return peerInfos(this.#registrar, this.#rooms);
  }

  rooms(): Iterable<RoomInfo> {
    return this.#rooms.infos();
  }

  disconnect(id: string): boolean {
    return this.#registrar.disconnect(parseClientId(id));
  }

  async close(options: ShutdownOptions = {}): Promise<void> {
    const spreadMs = requireTime("spreadMs", options.spreadMs ?? 0);
    this.#closing ??= this.#shutDown(spreadMs);
    try {
      await raceAbort(this.#closing, options.signal);
    } catch (error) {
      const reason = goingAway();
      for (const connection of this.#peers.keys()) connection.abort(reason);
      this.#cluster?.abortAll(reason);
      throw error;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #serve(peer: Peer): void {
    peer.run(this.#router.session(peer)).catch((error: unknown) => {
      const { connection } = peer;
      this.#options.logger.error({ err: error, connection: connection.id }, "a connection failed");
      connection.abort(ConicError.from(error, "internal"));
    });
  }

  async #shutDown(spreadMs: number): Promise<void> {
    this.#options.logger.info({ connections: this.#peers.size }, "closing");
    this.#rooms.clear();
    this.#registrar.giveUp();
    this.#notices.mute();
    // All at once, and before anything is awaited: who is ended can register no more.
    const refused = this.#acceptors.map((acceptor) => acceptor.close());
    await Promise.all([
      ...refused,
      endAll(this.#peers, goingAway(), spreadMs, this.#options.clock),
      this.#cluster?.endAll(goingAway(), spreadMs),
    ]);
    // Those that broke off meanwhile are not waited for either.
    this.#registrar.giveUp();
    if (this.#ownsHub) await this.#hub.drain();
    this.#cluster?.leave();
  }

  #joinCluster(backplane: Backplane | undefined, hub: Hub): Cluster | undefined {
    if (backplane === undefined) return undefined;
    const { limits, clock, logger } = this.#options;
    return new Cluster({
      backplane,
      hub,
      limits,
      clock,
      logger,
      serve: (segment, arrival) => {
        this.#accept(segment, arrival);
      },
      end: (segment) => {
        void this.#peers.get(segment)?.end(goingAway());
      },
    });
  }
}

function clusterRooms(
  { rooms: channel, homes }: Cluster,
  presence: Omit<ConstructorParameters<typeof ClusterRooms>[0], "channel" | "homes">,
): ClusterRooms {
  return new ClusterRooms({ ...presence, channel, homes });
}

function homesOf(cluster: Cluster): RegistrarOptions["homes"] {
  return {
    drawId: () => cluster.homes.drawId(),
    move: (id, message, peer) => cluster.move(id, message, peer),
  };
}

/** Frames of clients to what the server does with them. */
function createRouter(setup: HandlerSetup, { router }: Observation): Router<Peer> {
  return new Router(
    router<Peer>({
      handlers: createHandlers(setup),
      decode: (frame, peer) => peer.decode(frame),
      reply: (message, peer) => {
        peer.reply(message);
      },
      close: (_code, error, peer) => {
        void peer.end(error);
      },
      describe: (peer) => peer.describe(),
      logger: setup.logger,
    }),
  );
}

function goingAway(): ConicError {
  return new ConicError("shutting_down", "the server is going away");
}

/**
 * Composes a hub, the WebSocket transport and the signaling protocol. Several live in one process.
 *
 * ```ts
 * const signaling = createSignalingServer();
 * signaling.attach(httpServer);
 * // later: await signaling.close();
 * ```
 *
 * @throws ConicError `invalid_argument` for options out of range.
 */
export function createSignalingServer(options: SignalingServerOptions = {}): SignalingServer {
  return new ComposedServer(options);
}
