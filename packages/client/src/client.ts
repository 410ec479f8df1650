import {
  AsyncQueue,
  ConicError,
  Emitter,
  closeCodes,
  deferred,
  parseClientId,
  raceAbort,
  silentLogger,
  systemClock,
  throwIfAborted,
  type AbortOptions,
  type ClientId,
  type CloseInfo,
  type EventSource,
  type IceServer,
  type Listener,
  type Logger,
} from "@conic/domain";
import {
  encodeData,
  errorFromMessage,
  decodeData,
  messageToSignal,
  type ClientMessage,
  type ServerMessage,
} from "@conic/protocol";
import type { PeerConnection } from "@conic/webrtc";
import { Calls } from "./calls/calls.js";
import type { IncomingCall } from "./calls/incoming-call.js";
import { signalCorrelationId } from "./calls/peer-signaling.js";
import { CallReporter, isReportId } from "./calls/reporter.js";
import { unmarked } from "./link/pace.js";
import type { ClientEvents, ClientState, ConnectOptions, RelayedMessage } from "./options.js";
import { Outbox } from "./link/outbox.js";
import type { Registered } from "./link/registration.js";
import { ServerLink } from "./link/server-link.js";
import type { Room } from "./rooms/room.js";
import { Rooms } from "./rooms/rooms.js";

const maxRelayedMessages = 1024;

/**
 * A client that is registered with a signaling server, and its calls. It reconnects and registers again by itself,
 * under the same id; peer connections do not notice. Made by {@link connect}.
 */
export class ConicClient implements EventSource<ClientEvents>, AsyncDisposable {
  readonly id: ClientId;
  readonly #link: ServerLink;
  readonly #outbox: Outbox;
  readonly #reporter: CallReporter;
  readonly #calls: Calls;
  readonly #rooms: Rooms;
  readonly #relayed = new AsyncQueue<RelayedMessage>({ maxItems: maxRelayedMessages });
  readonly #emitter: Emitter<ClientEvents>;
  readonly #closed = deferred<CloseInfo>();
  readonly #logger: Logger;
  #state: ClientState = "registered";
  #iceServers: readonly IceServer[];
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(link: ServerLink, registered: Registered, options: ConnectOptions) {
    this.id = registered.id;
    this.#logger = (options.logger ?? silentLogger).child({ client: registered.id });
    this.#emitter = new Emitter((error, type) => {
      this.#logger.error({ err: error, event: type }, "a listener threw");
    });
    const fault = this.#fault.bind(this);
    this.#iceServers = [...(options.iceServers ?? []), ...registered.iceServers];
    this.#outbox = new Outbox(
      options.maxQueuedMessages ?? 1024,
      (message, error) => {
        this.#onUndelivered(message, error);
      },
      options.clock,
    );
    this.#reporter = new CallReporter({
      clock: options.clock ?? systemClock,
      send: (message) => {
        // Of no account to anybody here.
        this.#outbox.send(message).catch(() => undefined);
      },
    });
    this.#calls = new Calls({
      localId: registered.id,
      outbox: this.#outbox,
      reporter: this.#reporter,
      iceServers: () => this.#iceServers,
      peer: options.peer ?? {},
      maxPendingCalls: options.maxPendingCalls ?? 64,
      clock: options.clock ?? systemClock,
      logger: this.#logger,
      answer: (call) => this.#rooms.answer(call),
      fault,
    });
    this.#rooms = new Rooms({
      maxPeers: options.maxRoomPeers ?? 1024,
      call: (id, signal) => this.call(id, signal),
      send: (message) => this.#outbox.send(message),
      isRegistered: () => this.#state === "registered",
      fault,
    });
    this.#link = link;
    this.#bind(options);
  }

  get state(): ClientState {
    return this.#state;
  }

  /** STUN and TURN servers of new calls: those of the options and those that the server named. */
  get iceServers(): readonly IceServer[] {
    return this.#iceServers;
  }

  /** Resolves when the client is closed, by `close()` or because the server refused to have it back. */
  get closed(): Promise<CloseInfo> {
    return this.#closed.promise;
  }

  on<K extends keyof ClientEvents>(
    type: K,
    listener: Listener<ClientEvents[K]>,
    options?: AbortOptions,
  ): () => void {
    return this.#emitter.on(type, listener, options);
  }

  /**
   * Calls a peer and resolves with the connection once it stands. A connection to that peer that stands already is
   * returned; one that was lost is replaced; a call of that peer which waits in `incoming()` is accepted.
   *
   * @throws ConicError `invalid_id`, `invalid_argument` (the own id), `target_not_found`, `timeout`,
   * `connection_failed`, `aborted`, `closed`.
   */
  async call(peerId: string, options: AbortOptions = {}): Promise<PeerConnection> {
    throwIfAborted(options.signal);
    this.#assertOpen();
    const remoteId = parseClientId(peerId);
    if (remoteId === this.id) {
      throw new ConicError("invalid_argument", "that is this client's own id: give another peer's");
    }
    const connection = this.#calls.outgoing(remoteId);
    try {
      if (connection.connectionState !== "connected") await connection.connect(options);
    } catch (error) {
      connection.abort(ConicError.from(error, "connection_failed"));
      throw error;
    }
    return connection;
  }

  /** Peers that call; one loop at a time. Ends when the client closes. */
  incoming(): AsyncIterable<IncomingCall> {
    return this.#calls.incoming;
  }

  /**
   * Joins a room, and resolves with it once the server has said who is there. While the server is away, that waits.
   * The room is joined again by itself whenever the server was away.
   *
   * @throws ConicError `invalid_id`; `invalid_state` for a room that this client is in; `forbidden`, `rate_limited`, or
   * `unsupported_type` from a server without rooms; `aborted`, `closed`.
   */
  async room(name: string, options: AbortOptions = {}): Promise<Room> {
    this.#assertOpen();
    return this.#rooms.join(name, options);
  }

  /** Connections that stand or are being set up. */
  peers(): readonly PeerConnection[] {
    return this.#calls.connections();
  }

  /**
   * Sends a message through the server, for peers without a peer-to-peer path. Resolves when it was handed over;
   * the server reports an unknown peer as a `fault`.
   */
  async relay(peerId: string, label: string, data: Uint8Array): Promise<void> {
    const remoteId = parseClientId(peerId);
    await this.#outbox.send({
      type: "data_channel",
      body: { ID: this.id, TargetID: remoteId, Label: label, Data: encodeData(data) },
    });
  }

  /** Messages that came through the server; one loop at a time. The newest are dropped when nobody reads. */
  relayed(): AsyncIterable<RelayedMessage> {
    return this.#relayed;
  }

  /** Ends all calls, unregisters and closes the connection to the server. Idempotent. */
  async close(options: AbortOptions = {}): Promise<void> {
    throwIfAborted(options.signal);
    await raceAbort(this.#finish(undefined), options.signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Takes what comes from the server. */
  #bind(options: ConnectOptions): void {
    this.#link.bind({
      registered: (connection, again) => {
        this.#iceServers = [...(options.iceServers ?? []), ...again.iceServers];
        this.#outbox.attach(connection, again);
        this.#reporter.attach(again.reports);
        this.#setState("registered");
        this.#rooms.onRegistered();
      },
      lost: () => {
        this.#outbox.detach();
        this.#reporter.detach();
        this.#setState("reconnecting");
        this.#rooms.onLost();
      },
      renewed: (iceServers) => {
        this.#iceServers = [...(options.iceServers ?? []), ...iceServers];
      },
      send: (message) => this.#outbox.sendNow(message),
      acknowledged: (received) => {
        this.#outbox.acknowledge(received);
      },
      message: (message) => {
        this.#onMessage(message);
      },
      fault: (error) => {
        this.#fault(error);
      },
      ended: (error) => {
        void this.#finish(error);
      },
    });
  }

  #onMessage(message: ServerMessage): void {
    switch (message.type) {
      case "sdp":
      case "candidate":
        this.#calls.onSignal(message.body.ID, messageToSignal(message));
        return;
      case "data_channel":
        this.#onRelayed(message);
        return;
      case "error":
        this.#onError(errorFromMessage(message));
        return;
      case "peers":
      case "peer_joined":
      case "peer_left":
      case "leave_response":
        this.#rooms.onMessage(message);
        return;
      case "register_response":
      case "unregister_response":
      case "ack":
        return;
    }
  }

  /** The session was lost, and with it the knowledge whether the server took the message. */
  #onUndelivered(message: ClientMessage, error: ConicError): void {
    if (message.type === "sdp" || message.type === "candidate") {
      this.#calls.onUncertain(message.body.TargetID, error);
    } else if (message.type === "data_channel") this.#fault(error);
  }

  #onRelayed({ body }: ServerMessage<"data_channel">): void {
    const relayed = { from: body.ID, label: body.Label, data: decodeData(body.Data) };
    if (this.#relayed.push(relayed)) return;
    this.#fault(
      new ConicError(
        "buffer_full",
        `a relayed message of ${body.ID} was dropped: nobody reads relayed()`,
      ),
    );
  }

  #onError(error: ConicError): void {
    if (this.#outbox.refused(error)) return;
    const { targetId, id } = error.details;
    if (this.#rooms.onError(error) || isReportId(id)) return;
    const isSignal = typeof id === "string" && unmarked(id) === signalCorrelationId;
    if (isSignal && typeof targetId === "string") {
      this.#calls.onUndeliverable(parseClientId(targetId), error);
    } else this.#fault(error);
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new ConicError("closed", "the client is closed");
  }

  #setState(state: ClientState): void {
    if (this.#state === state || this.#state === "closed") return;
    this.#state = state;
    this.#logger.debug({ state }, "client state");
    this.#emitter.emit("statechange", state);
  }

  #fault(error: ConicError): void {
    this.#logger.debug({ code: error.code, err: error }, "a fault that the client survives");
    this.#emitter.emit("fault", error);
  }

  #finish(error: ConicError | undefined): Promise<void> {
    this.#closing ??= this.#shutDown(error);
    return this.#closing;
  }

  async #shutDown(error: ConicError | undefined): Promise<void> {
    this.#setState("closed");
    this.#rooms.close(error);
    await this.#calls.close();
    this.#outbox.close(new ConicError("closed", "the client is closed"));
    this.#relayed.end();
    await this.#link.close(this.id);
    this.#closed.resolve(
      error === undefined
        ? { code: closeCodes.normal, reason: "", wasClean: true }
        : { code: closeCodes.abnormal, reason: error.message, wasClean: false, error },
    );
  }
}
