import {
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
  type ConicError,
  type EventSource,
  type Listener,
  type Logger,
  type SessionDescription,
  type Signal,
} from "@conic/domain";
import { Attempt } from "./attempt.js";
import { ChannelSet } from "./channel-set.js";
import { connectionErrors } from "./connection-errors.js";
import { ConnectTimer } from "./connect-timer.js";
import type { DataChannel } from "./data-channel.js";
import { channelInit } from "./data-channel-init.js";
import type { EngineState } from "./engine/port.js";
import { createWeriftEngine } from "./engine/werift/engine.js";
import type { LocalTrack } from "./media/local-track.js";
import type { RemoteTrack } from "./media/remote-track.js";
import type { TrackSender } from "./media/track-sender.js";
import { TrackSet } from "./media/track-set.js";
import { isNewSession } from "./negotiation/session.js";
import {
  defaultDataChannelLimits,
  type DataChannelInit,
  type PeerConnectionEvents,
  type PeerConnectionOptions,
  type PeerConnectionState,
} from "./options.js";
import { SignalingLink } from "./signaling-link.js";
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
  readonly #tracks: TrackSet;
  readonly #connectTimer: ConnectTimer;
  readonly #signaling: SignalingLink;
  readonly #connected = deferred<void>();
  readonly #closed = deferred<CloseInfo>();
  readonly #constructedAt: number;
  #attempt: Attempt;
  #attempts = 1;
  #state: PeerConnectionState = "new";
  #wantsTransport = false;
  #hadMedia = false;
  #closing: Promise<void> | undefined;
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
    const fault = (error: ConicError): void => this.#fault(error);
    this.#channels = new ChannelSet({
      limits: { ...defaultDataChannelLimits, ...options.channelLimits },
      maxPendingChannels: options.maxPendingChannels ?? 64,
      clock: this.#clock,
      fault,
    });
    this.#tracks = new TrackSet(options.maxPendingTracks ?? 64, fault);
    const timeoutMs = options.connectTimeoutMs ?? 30_000;
    this.#connectTimer = new ConnectTimer(this.#clock, timeoutMs, () => {
      this.abort(connectionErrors.timedOut(this.remoteId, timeoutMs));
    });
    this.#constructedAt = this.#clock.now();
    this.#attempt = this.#open();
    this.#signaling = new SignalingLink(options.signaling, {
      signal: (signal) => this.#onSignal(signal),
      error: (error) => this.#onSignalingError(error),
      fault,
    });
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
    this.#wantsTransport = true;
    this.#attempt.engine.prepareDataTransport();
    this.#startConnectTimer();
    await raceAbort(this.connected, options.signal);
  }

  /** Channels that the remote opens, each open already; one loop at a time. Ends when the connection closes. */
  dataChannels(): AsyncIterable<DataChannel> {
    return this.#channels.incoming;
  }

  /**
   * Sends a track; connects first where that is still to do, and negotiates anew where it is not.
   * @throws ConicError `closed`, `invalid_state` for a track that ended or is sent here already, `buffer_full`.
   */
  addTrack(track: LocalTrack): TrackSender {
    this.#assertOpen();
    const sender = this.#tracks.add(track, this.#attempt.engine.media);
    this.#startConnectTimer();
    return sender;
  }

  /** Stops sending a track: it ends at the remote. @throws ConicError `closed`, `invalid_argument`. */
  removeTrack(sender: TrackSender): void {
    this.#assertOpen();
    this.#tracks.remove(sender, this.#attempt.engine.media);
  }

  /** What this side sends. */
  senders(): readonly TrackSender[] {
    return this.#tracks.senders;
  }

  /** Tracks of the remote as they come; one loop at a time. Ends when the connection closes. */
  tracks(): AsyncIterable<RemoteTrack> {
    return this.#tracks.incoming;
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
      inboundRtp: this.#attempt.engine.media.inbound(),
      outboundRtp: this.#attempt.engine.media.outbound(),
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

  #onSignal(signal: Signal): void {
    if (signal.kind === "description") {
      if (signal.description.type === "offer") this.#startConnectTimer();
      if (this.#attempt.isReplacedBy(signal.description, this.#established)) {
        if (this.#established) {
          this.abort(connectionErrors.newSession(this.remoteId));
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
    /** What an attempt that was given up says counts no more. */
    const current =
      <A extends unknown[]>(act: (...args: A) => void) =>
      (...args: A): void => {
        if (attempt === this.#attempt) act(...args);
      };
    const attempt: Attempt = new Attempt(this.#options.engine ?? createWeriftEngine(this.#clock), {
      options: this.#options,
      clock: this.#clock,
      polite: this.#polite,
      isFirst: this.#attempts === 1,
      send: current((signal) => void this.#signaling.send(signal)),
      state: current((state, reason) => this.#onEngineState(state, reason)),
      stalled: current(() => this.#onStalled()),
      refused: current(() => this.#onRefused()),
      channel: current((channel) => this.#channels.adopt(channel)),
      track: current((track) => this.#tracks.adopt(track)),
      fault: current((error) => this.#fault(error)),
    });
    return attempt;
  }

  #onEngineState(state: EngineState, reason: ConicError | undefined): void {
    switch (state) {
      case "new":
      case "connecting":
      case "disconnected":
        this.#setState(state);
        return;
      case "connected":
        this.#connectTimer.stop();
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
    const { lost, noPath } = connectionErrors;
    this.abort(reason ?? (this.#established ? lost : noPath)(this.remoteId));
  }

  #onRefused(): void {
    this.#onSignalingError(connectionErrors.refused(this.remoteId));
  }

  #onStalled(): void {
    // The offerer starts over; the other side follows when the new offer arrives.
    if (this.#established || !this.#attempt.negotiator.isOfferer) return;
    if (this.#attempts >= maxAttempts) {
      this.abort(connectionErrors.incomplete(this.remoteId));
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
    if (this.#wantsTransport) this.#attempt.engine.prepareDataTransport();
    this.#channels.reattach(this.#attempt.engine);
    this.#tracks.reattach(this.#attempt.engine.media);
    this.#setState("connecting");
    this.#startConnectTimer();
  }

  #startConnectTimer(): void {
    if (this.#state === "new" || this.#state === "connecting") this.#connectTimer.start();
  }

  /** A channel was open once, or media flowed: what is lost from here on is not set up again in silence. */
  get #established(): boolean {
    this.#hadMedia ||= this.#state === "connected" && this.#attempt.engine.media.isNegotiated;
    return this.#hadMedia || this.#channels.opened > 0;
  }

  #assertOpen(): void {
    if (this.#closing === undefined && this.#state !== "closed") return;
    throw connectionErrors.closed(this.remoteId);
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
    this.#connectTimer.stop();
    this.#setState("closed");
    this.#connected.reject(info.error ?? connectionErrors.wasClosed(this.remoteId));
    this.#channels.end(info);
    this.#tracks.end();
    return this.#release(info);
  }

  async #release(info: CloseInfo): Promise<void> {
    this.#signaling.end();
    const signaling = this.#signaling[Symbol.asyncDispose]();
    await Promise.all([this.#attempt.close(), this.#retired, signaling]);
    this.#closed.resolve(info);
  }
}
