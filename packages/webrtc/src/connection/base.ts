import {
  closeCodes,
  raceAbort,
  silentLogger,
  systemClock,
  throwIfAborted,
  type AbortOptions,
  type CallPath,
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
import type { Attempt } from "./attempt.js";
import { Attempts } from "./attempts.js";
import { ChannelSet } from "../channel/channel-set.js";
import { collectStats } from "./collect-stats.js";
import { ConnectTimer } from "./connect-timer.js";
import type { DataChannel } from "../channel/data-channel.js";
import { channelInit } from "../channel/data-channel-init.js";
import type { EngineState } from "../engine/port.js";
import { connectionErrors, signalingError, withReason } from "../failure/connection-errors.js";
import { Lifecycle } from "./lifecycle.js";
import { TrackSet } from "./track-set.js";
import { isNewSession } from "../negotiation/session.js";
import {
  defaultDataChannelLimits,
  type DataChannelInit,
  type PeerConnectionEvents,
  type BasePeerConnectionOptions,
  type PeerConnectionState,
} from "../options.js";
import { Recovery } from "../recovery/recovery.js";
import type { MediaTypes, Platform } from "../platform.js";
import { SignalingLink } from "./signaling-link.js";
import { pathOf, type PeerConnectionStats } from "../stats.js";

const maxAttempts = 6;

/** The life of a connection, on whatever platform: see PeerConnection there. */
export class PeerConnectionBase<M extends MediaTypes>
  implements EventSource<PeerConnectionEvents>, AsyncDisposable
{
  readonly localId: ClientId;
  readonly remoteId: ClientId;
  readonly #options: BasePeerConnectionOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #polite: boolean;
  readonly #life: Lifecycle;
  readonly #channels: ChannelSet;
  readonly #tracks: TrackSet<M>;
  readonly #connectTimer: ConnectTimer;
  readonly #signaling: SignalingLink;
  readonly #attempts: Attempts<M>;
  readonly #recovery: Recovery;
  #wantsTransport = false;
  #hadMedia = false;
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(options: BasePeerConnectionOptions, platform: Platform<M>) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#logger = (options.logger ?? silentLogger).child({ peer: options.signaling.remoteId });
    this.localId = options.signaling.localId;
    this.remoteId = options.signaling.remoteId;
    this.#polite = options.polite ?? this.localId < this.remoteId;
    this.#life = new Lifecycle(this.#clock, this.#logger);
    const fault = (error: ConicError): void => this.#life.fault(error);
    this.#channels = new ChannelSet({
      limits: { ...defaultDataChannelLimits, ...options.channelLimits },
      maxPendingChannels: options.maxPendingChannels ?? 64,
      clock: this.#clock,
      fault,
    });
    this.#tracks = new TrackSet(platform, options.maxPendingTracks ?? 64, fault);
    const timeoutMs = options.connectTimeoutMs ?? 30_000;
    this.#connectTimer = new ConnectTimer(this.#clock, timeoutMs, () => {
      this.abort(this.#attempts.timeout(timeoutMs));
    });
    this.#attempts = this.#createAttempts(platform);
    this.#recovery = new Recovery(options, this.#clock, this.#polite, () => this.#restartPath());
    this.#signaling = new SignalingLink(options.signaling, {
      signal: (signal) => this.#onSignal(signal),
      error: (error) => this.#onSignalingError(error),
      fault,
    });
  }

  get connectionState(): PeerConnectionState {
    return this.#life.state;
  }

  get signalingState(): "stable" | "have-local-offer" | "have-remote-offer" | "closed" {
    return this.#life.state === "closed" ? "closed" : this.#attempt.negotiator.signalingState;
  }

  /** Whether a TURN server carries the data: of the last path, once there was one. */
  get path(): CallPath | undefined {
    return this.#life.path;
  }

  /** Resolves when the connection stands for the first time; rejects with the reason when it ends before. */
  get connected(): Promise<void> {
    return this.#life.connected.promise;
  }

  /** Resolves when the connection is over, however that happened. Never rejects. */
  get closed(): Promise<CloseInfo> {
    return this.#life.closed.promise;
  }

  on<K extends keyof PeerConnectionEvents>(
    type: K,
    listener: Listener<PeerConnectionEvents[K]>,
    options?: AbortOptions,
  ): () => void {
    return this.#life.events.on(type, listener, options);
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
  addTrack(track: M["local"]): M["sender"] {
    this.#assertOpen();
    const sender = this.#tracks.add(track, this.#attempt.engine.media);
    this.#startConnectTimer();
    return sender;
  }

  /** Stops sending a track: it ends at the remote. @throws ConicError `closed`, `invalid_argument`. */
  removeTrack(sender: M["sender"]): void {
    this.#assertOpen();
    this.#tracks.remove(sender, this.#attempt.engine.media);
  }

  /** What this side sends. */
  senders(): readonly M["sender"][] {
    return this.#tracks.senders;
  }

  /** Tracks of the remote as they come; one loop at a time. Ends when the connection closes. */
  tracks(): AsyncIterable<M["remote"]> {
    return this.#tracks.incoming;
  }

  getStats(): Promise<PeerConnectionStats> {
    const parts = [this.#life, this.#attempts, this.#channels] as const;
    return collectStats(this.remoteId, ...parts);
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
   * Looks for a new network path now, such as when this host moved to another network; when the old one is dead, that
   * happens by itself. The channels stay as they are, and data takes the old path for as long as it works. Nothing to do
   * before there is a remote.
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
    if (this.#life.state === "connected") await this.#channels.close();
    await this.#finish({ code: closeCodes.normal, reason: "", wasClean: true });
  }

  get #attempt(): Attempt<M> {
    return this.#attempts.current;
  }

  #onSignal(signal: Signal): void {
    if (signal.kind === "description") {
      this.#recovery.yield();
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
    const isLasting = this.#established || this.#life.state === "connected";
    if (!isLasting) {
      this.abort(signalingError(error));
      return;
    }
    if (error.code === "target_not_found" && this.#recovery.peerGone()) return;
    this.#life.fault(error);
  }

  #createAttempts(platform: Platform<M>): Attempts<M> {
    return new Attempts({
      platform,
      options: this.#options,
      polite: this.#polite,
      isWaitingForServer: () => this.#signaling.isWaiting,
      send: (signal) => void this.#signaling.send(signal),
      state: (state, reason) => this.#onEngineState(state, reason),
      path: () => this.#onPath(),
      stalled: () => this.#onStalled(),
      refused: () => this.#onSignalingError(connectionErrors.refused(this.remoteId)),
      channel: (channel) => this.#channels.adopt(channel),
      track: (track) => this.#tracks.adopt(track),
      fault: (error) => this.#life.fault(error),
    });
  }

  #onEngineState(state: EngineState, reason: ConicError | undefined): void {
    switch (state) {
      case "new":
      case "connecting":
        this.#life.setState(state);
        return;
      case "disconnected":
        this.#life.setState(state);
        this.#recovery.begin();
        return;
      case "connected":
        this.#connectTimer.stop();
        this.#recovery.end();
        this.#life.stands();
        this.#onPath();
        return;
      case "failed":
        this.#onFailed(reason);
        return;
      case "closed":
        this.#life.connected.reject(connectionErrors.closedByRemote(this.remoteId));
        void this.#finish({
          code: closeCodes.normal,
          reason: "closed by the remote",
          wasClean: true,
        });
        return;
    }
  }

  #onPath(): void {
    if (this.#life.state !== "connected" && this.#life.state !== "disconnected") return;
    this.#life.setPath(pathOf(this.#attempt.engine.stats()));
  }

  #restartPath(): void {
    // The last restart has not left yet: it will when the server is back.
    if (this.#signaling.isWaiting) return;
    this.#logger.info({ state: this.#life.state }, "looking for another path");
    const { engine, negotiator } = this.#attempt;
    negotiator.unanswered();
    engine.restartIce();
  }

  #onFailed(reason: ConicError | undefined): void {
    this.#life.setState("failed");
    if (reason !== undefined) this.abort(withReason(reason, "dtls"));
    else if (this.#life.connectTimeMs === undefined) this.abort(this.#attempts.failure());
    else {
      const { serverErrors } = this.#attempt.engine.progress();
      const isWaitingForServer = this.#signaling.isWaiting;
      this.abort(this.#recovery.failure(this.remoteId, { serverErrors, isWaitingForServer }));
    }
  }

  #onStalled(): void {
    // The offerer starts over; the other side follows when the new offer arrives.
    if (this.#established || !this.#attempt.negotiator.isOfferer) return;
    if (this.#attempts.count >= maxAttempts) {
      this.abort(this.#attempts.failure());
      return;
    }
    this.#startOver("the handshake was lost");
    this.#attempt.negotiator.needed();
  }

  /** A new engine connection under the same channels, which have not opened yet. */
  #startOver(why: string): void {
    this.#logger.info({ attempt: this.#attempts.count + 1, why }, "connecting again");
    const { engine } = this.#attempts.next();
    if (this.#wantsTransport) engine.prepareDataTransport();
    this.#channels.reattach(engine);
    this.#tracks.reattach(engine.media);
    this.#life.setState("connecting");
    this.#startConnectTimer();
  }

  #startConnectTimer(): void {
    if (this.#life.state === "new" || this.#life.state === "connecting") this.#connectTimer.start();
  }

  /** A channel was open once, or media flowed: what is lost from here on is not set up again in silence. */
  get #established(): boolean {
    this.#hadMedia ||= this.#life.state === "connected" && this.#attempt.engine.media.isNegotiated;
    return this.#hadMedia || this.#channels.opened > 0;
  }

  #assertOpen(): void {
    if (this.#closing === undefined && this.#life.state !== "closed") return;
    throw connectionErrors.closed(this.remoteId);
  }

  #finish(info: CloseInfo): Promise<void> {
    if (this.#life.state === "closed") return this.#life.closed.promise.then(() => undefined);
    this.#connectTimer.stop();
    this.#recovery.end();
    this.#life.setState("closed");
    this.#life.connected.reject(info.error ?? connectionErrors.wasClosed(this.remoteId));
    this.#channels.end(info);
    this.#tracks.end();
    return this.#release(info);
  }

  async #release(info: CloseInfo): Promise<void> {
    this.#signaling.end();
    const signaling = this.#signaling[Symbol.asyncDispose]();
    await Promise.all([this.#attempts.close(), signaling]);
    this.#life.closed.resolve(info);
  }
}
