import {
  ConicError,
  Emitter,
  closeCodes,
  deferred,
  raceAbort,
  silentLogger,
  systemClock,
  throwIfAborted,
  type AbortOptions,
  type ClientId,
  type Clock,
  type CloseInfo,
  type EventSource,
  type Listener,
  type Logger,
  type SessionDescription,
  type Signal,
} from "@conic/domain";
import { Attempt } from "./attempt.js";
import { ChannelSet } from "./channel-set.js";
import type { DataChannel } from "./data-channel.js";
import { channelInit } from "./data-channel-init.js";
import type { EngineState } from "./engine/port.js";
import { createWeriftEngine } from "./engine/werift/engine.js";
import { isNewSession } from "./negotiation/session.js";
import {
  defaultDataChannelLimits,
  type DataChannelInit,
  type PeerConnectionEvents,
  type PeerConnectionOptions,
  type PeerConnectionState,
} from "./options.js";
import type { PeerConnectionStats } from "./stats.js";

const maxAttempts = 6;

/**
 * A connection to one remote peer (W3C RTCPeerConnection), negotiated over a signaling channel by itself.
 *
 * Constructed means running: the first channel created on either side starts it, offers that cross each other are
 * settled (perfect negotiation), and a handshake that is lost on the way starts over. A connection that failed or
 * was closed by the remote frees what it held; `closed` tells which it was.
 */
export class PeerConnection implements EventSource<PeerConnectionEvents>, AsyncDisposable {
  readonly localId: ClientId;
  readonly remoteId: ClientId;
  readonly #options: PeerConnectionOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #polite: boolean;
  readonly #emitter: Emitter<PeerConnectionEvents>;
  readonly #channels: ChannelSet;
  readonly #connected = deferred<void>();
  readonly #closed = deferred<CloseInfo>();
  readonly #constructedAt: number;
  #attempt: Attempt;
  #attempts = 1;
  #state: PeerConnectionState = "new";
  #wantsData = false;
  #closing: Promise<void> | undefined;
  #cancelConnectTimer: (() => void) | undefined;
  #connectTimeMs: number | undefined;
  /** Attempts that were given up and are still closing. */
  #retired: Promise<unknown> = Promise.resolve();

  /** @throws ConicError `invalid_argument` for an ICE server that is none. */
  constructor(options: PeerConnectionOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#logger = (options.logger ?? silentLogger).child({ peer: options.signaling.remoteId });
    this.localId = options.signaling.localId;
    this.remoteId = options.signaling.remoteId;
    this.#polite = options.polite ?? this.localId < this.remoteId;
    this.#emitter = new Emitter((error, type) => {
      this.#logger.error({ err: error, event: type }, "a listener threw");
    });
    this.#channels = new ChannelSet({
      limits: { ...defaultDataChannelLimits, ...options.channelLimits },
      maxPendingChannels: options.maxPendingChannels ?? 64,
      clock: this.#clock,
      fault: (error) => {
        this.#fault(error);
      },
    });
    this.#constructedAt = this.#clock.now();
    this.#attempt = this.#open();
    void this.#readSignals();
  }

  get connectionState(): PeerConnectionState {
    return this.#state;
  }

  get signalingState(): "stable" | "have-local-offer" | "have-remote-offer" | "closed" {
    return this.#state === "closed" ? "closed" : this.#attempt.negotiator.signalingState;
  }

  /** Resolves when the connection stands for the first time; rejects with the reason when it ends before. */
  get connected(): Promise<void> {
    return this.#connected.promise;
  }

  /** Resolves when the connection is over, however that happened. Never rejects. */
  get closed(): Promise<CloseInfo> {
    return this.#closed.promise;
  }

  on<K extends keyof PeerConnectionEvents>(
    type: K,
    listener: Listener<PeerConnectionEvents[K]>,
    options?: AbortOptions,
  ): () => void {
    return this.#emitter.on(type, listener, options);
  }

  /**
   * Opens a channel; connects first where that is still to do.
   * @throws ConicError `invalid_argument`, `closed`.
   */
  createDataChannel(label: string, init: DataChannelInit = {}): DataChannel {
    this.#assertOpen();
    const channel = this.#channels.create(channelInit(label, init), this.#attempt.engine);
    this.#startConnectTimer();
    return channel;
  }

  /** Connects without opening a channel. Resolves as {@link connected} does; aborting the wait leaves it running. */
  async connect(options: AbortOptions = {}): Promise<void> {
    throwIfAborted(options.signal);
    this.#assertOpen();
    this.#wantsData = true;
    this.#attempt.engine.prepareDataTransport();
    this.#startConnectTimer();
    await raceAbort(this.connected, options.signal);
  }

  /** Channels that the remote opens, each open already; one loop at a time. Ends when the connection closes. */
  dataChannels(): AsyncIterable<DataChannel> {
    return this.#channels.incoming;
  }

  getStats(): Promise<PeerConnectionStats> {
    return Promise.resolve({
      remoteId: this.remoteId,
      connectionState: this.#state,
      attempts: this.#attempts,
      connectTimeMs: this.#connectTimeMs,
      dataChannelsOpened: this.#channels.opened,
      dataChannelsClosed: this.#channels.closed,
      candidatesQueued: this.#attempt.negotiator.candidatesQueued,
      transport: this.#attempt.engine.stats(),
      channels: this.#channels.stats(),
    });
  }

  /**
   * Whether a remote offer belongs to another session than this connection's: the remote started anew, and this
   * connection leads nowhere. Such an offer wants a new connection.
   */
  isReplacedBy(offer: SessionDescription): boolean {
    const current = this.#attempt.negotiator.remoteDescription;
    return this.#established && current !== undefined && isNewSession(current, offer);
  }

  /**
   * Looks for a new network path, when the old one is dead or this host moved to another network. The channels stay as
   * they are, and data takes the old path for as long as it works. Nothing to do before there is a remote.
   * @throws ConicError `closed`.
   */
  restartIce(): void {
    this.#assertOpen();
    this.#attempt.engine.restartIce();
  }

  /** Sends what the channels still hold, then closes. Idempotent; resolves when nothing is left open. */
  async close(options: AbortOptions = {}): Promise<void> {
    throwIfAborted(options.signal);
    this.#closing ??= this.#shutDown();
    await raceAbort(this.#closing, options.signal);
  }

  /** Closes now; what the channels still hold is lost. */
  abort(reason: ConicError): void {
    void this.#finish({
      code: closeCodes.abnormal,
      reason: reason.message,
      wasClean: false,
      error: reason,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #shutDown(): Promise<void> {
    if (this.#state === "connected") await this.#channels.close();
    await this.#finish({ code: closeCodes.normal, reason: "", wasClean: true });
  }

  async #readSignals(): Promise<void> {
    try {
      for await (const event of this.#options.signaling) {
        if (this.#state === "closed") return;
        if (event.kind === "error") this.#onSignalingError(event.error);
        else this.#onSignal(event);
      }
    } catch (error) {
      this.#onSignalingError(ConicError.from(error, "connection_failed"));
    }
  }

  #onSignal(signal: Signal): void {
    if (signal.kind === "description") {
      if (signal.description.type === "offer") this.#startConnectTimer();
      if (this.#attempt.isReplacedBy(signal.description, this.#established)) {
        if (this.#established) {
          this.abort(new ConicError("connection_failed", `${this.remoteId} started a new session`));
          return;
        }
        this.#startOver("the remote started over");
        // An answer to an offer of the session before: what we took for the answer to ours was none.
        if (signal.description.type === "answer") {
          this.#attempt.negotiator.needed();
          return;
        }
      }
    }
    this.#attempt.negotiator.signal(signal);
  }

  #onSignalingError(error: ConicError): void {
    if (this.#established || this.#state === "connected") this.#fault(error);
    else this.abort(error);
  }

  #open(): Attempt {
    const attempt: Attempt = new Attempt(this.#options.engine ?? createWeriftEngine(this.#clock), {
      options: this.#options,
      polite: this.#polite,
      isFirst: this.#attempts === 1,
      send: (signal) => {
        if (attempt === this.#attempt) void this.#send(signal);
      },
      state: (state, reason) => {
        if (attempt === this.#attempt) this.#onEngineState(state, reason);
      },
      stalled: () => {
        if (attempt === this.#attempt) this.#onStalled();
      },
      refused: () => {
        if (attempt === this.#attempt) this.#onRefused();
      },
      channel: (channel) => {
        if (attempt === this.#attempt) this.#channels.adopt(channel);
      },
      fault: (error) => {
        if (attempt === this.#attempt) this.#fault(error);
      },
    });
    return attempt;
  }

  async #send(signal: Signal): Promise<void> {
    try {
      await this.#options.signaling.send(signal);
    } catch (error) {
      if (this.#state === "closed") return;
      const reason = ConicError.from(error, "connection_failed");
      const isNotice = signal.kind === "candidate" || signal.description.type === "rollback";
      if (isNotice) this.#fault(reason);
      else this.#onSignalingError(reason);
    }
  }

  #onEngineState(state: EngineState, reason: ConicError | undefined): void {
    switch (state) {
      case "new":
      case "connecting":
      case "disconnected":
        this.#setState(state);
        return;
      case "connected":
        this.#stopConnectTimer();
        this.#connectTimeMs ??= this.#clock.now() - this.#constructedAt;
        this.#setState("connected");
        this.#connected.resolve();
        return;
      case "failed":
        this.#onFailed(reason);
        return;
      case "closed":
        void this.#finish({
          code: closeCodes.normal,
          reason: "closed by the remote",
          wasClean: true,
        });
        return;
    }
  }

  #onFailed(reason: ConicError | undefined): void {
    this.#setState("failed");
    const message = this.#established
      ? `the connection to ${this.remoteId} was lost`
      : `no network path to ${this.remoteId}: a STUN or TURN server may be needed (iceServers)`;
    this.abort(reason ?? new ConicError("connection_failed", message));
  }

  #onRefused(): void {
    const error = new ConicError("connection_failed", `${this.remoteId} refused the offer`);
    if (this.#established || this.#state === "connected") this.#fault(error);
    else this.abort(error);
  }

  #onStalled(): void {
    // The offerer starts over; the other side follows when the new offer arrives.
    if (this.#established || !this.#attempt.negotiator.isOfferer) return;
    if (this.#attempts >= maxAttempts) {
      this.abort(
        new ConicError(
          "connection_failed",
          `the handshake with ${this.remoteId} does not complete`,
        ),
      );
      return;
    }
    this.#startOver("the handshake was lost");
    this.#attempt.negotiator.needed();
  }

  /** A new engine connection under the same channels, which have not opened yet. */
  #startOver(why: string): void {
    this.#logger.info({ attempt: this.#attempts + 1, why }, "connecting again");
    const old = this.#attempt;
    this.#attempts += 1;
    this.#attempt = this.#open();
    this.#retired = Promise.all([this.#retired, old.close()]);
    if (this.#wantsData) this.#attempt.engine.prepareDataTransport();
    this.#channels.reattach(this.#attempt.engine);
    this.#setState("connecting");
    this.#startConnectTimer();
  }

  #startConnectTimer(): void {
    const pending = this.#state === "new" || this.#state === "connecting";
    if (!pending || this.#cancelConnectTimer !== undefined) return;
    const timeoutMs = this.#options.connectTimeoutMs ?? 30_000;
    this.#cancelConnectTimer = this.#clock.schedule(timeoutMs, () => {
      this.abort(
        new ConicError("timeout", `${this.remoteId} did not connect within ${timeoutMs} ms`),
      );
    });
  }

  #stopConnectTimer(): void {
    this.#cancelConnectTimer?.();
    this.#cancelConnectTimer = undefined;
  }

  /** A channel was open once: what is lost from here on is not set up again in silence. */
  get #established(): boolean {
    return this.#channels.opened > 0;
  }

  #assertOpen(): void {
    if (this.#closing === undefined && this.#state !== "closed") return;
    throw new ConicError("closed", `the connection to ${this.remoteId} is closed`);
  }

  #setState(state: PeerConnectionState): void {
    if (this.#state === state || this.#state === "closed") return;
    this.#state = state;
    this.#logger.debug({ state }, "connection state");
    this.#emitter.emit("connectionstatechange", state);
  }

  #fault(error: ConicError): void {
    this.#logger.debug({ code: error.code, err: error }, "a fault that the connection survives");
    this.#emitter.emit("fault", error);
  }

  #finish(info: CloseInfo): Promise<void> {
    if (this.#state === "closed") return this.#closed.promise.then(() => undefined);
    this.#stopConnectTimer();
    this.#setState("closed");
    this.#connected.reject(
      info.error ?? new ConicError("closed", `the connection to ${this.remoteId} was closed`),
    );
    this.#channels.end(info);
    return this.#release(info);
  }

  async #release(info: CloseInfo): Promise<void> {
    const { signaling } = this.#options;
    await Promise.all([this.#attempt.close(), this.#retired, signaling[Symbol.asyncDispose]()]);
    this.#closed.resolve(info);
  }
}
