import { ConicError, type Clock, type IceCandidate, type SessionDescription } from "@conic/domain";
import type {
  EngineChannel,
  EngineChannelInit,
  EngineEvents,
  EngineOptions,
  EngineProgress,
} from "../../engine/port.js";
import { serverError } from "../../failure/ice-servers.js";
import type { PlatformConnection, PlatformHost } from "../../platform.js";
import type { TransportStats } from "../../stats.js";
import { NativeMedia } from "../media/native-media.js";
import type { NativeMediaTypes } from "../media/types.js";
import { initOf, NativeChannel, openChannel, type NativeChannelHost } from "./channel.js";
import { configurationOf, createNative } from "./configuration.js";
import { outgoing, refusesData, ufragOf } from "./description.js";
import { IceWatch } from "./ice-watch.js";
import { NativeLife } from "./life.js";
import { noStats, readStats, withPair, type NativeStats } from "./stats.js";

// Without a limit of the remote's, one that keeps a message in one piece of memory on both sides.
const largestMessageBytes = 1_073_741_824;

/** The last one that Chromium has. */
const hiddenChannelId = 1_023;

export interface NativeHost extends PlatformHost<NativeMediaTypes> {
  readonly clock: Clock;
}

/** One RTCPeerConnection of the browser, or several of which only the last one was ever described to the remote. */
export class NativeConnection implements PlatformConnection<NativeMediaTypes> {
  readonly media: NativeMedia;
  readonly #options: EngineOptions;
  readonly #events: EngineEvents;
  readonly #life: NativeLife;
  readonly #ice: IceWatch;
  readonly #channels = new Set<NativeChannel>();
  readonly #channelHost: NativeChannelHost;
  readonly #transports = new WeakSet<EventTarget>();
  #pc: RTCPeerConnection;
  #stats: NativeStats = noStats;
  #wantsData = false;
  #isPrepared = false;
  #isEnding = false;
  #wantsRestart = false;

  /** @throws ConicError `invalid_argument`, `unsupported`. */
  constructor(options: EngineOptions, events: EngineEvents, host: NativeHost) {
    this.#options = options;
    this.#events = events;
    this.#pc = createNative(configurationOf(options.iceServers));
    this.#ice = new IceWatch(this.#pc);
    this.#life = new NativeLife(options, host.clock, {
      state: (state, reason) => {
        events.state(state, reason);
      },
      stalled: () => {
        events.stalled();
      },
      fault: (error, what) => {
        this.#fault(error, what);
      },
      hasPath: () => this.#ice.hasPath,
      hasSignOfLife: () => this.#ice.hasSignOfLife,
    });
    this.#channelHost = {
      maxMessageBytes: () => Math.min(this.#pc.sctp?.maxMessageSize ?? 0, largestMessageBytes),
      maxReceivedBytes: options.maxMessageBytes,
      isStopped: () => this.#life.isStopped,
      fault: (error) => {
        events.fault(error);
      },
      opened: () => {
        if (!this.#life.isUp) this.#onConnected();
      },
      closed: (channel) => {
        this.#channels.delete(channel);
        if (this.#isEnding) this.#onEnded();
      },
    };
    this.media = new NativeMedia(this.#pc, {
      stats: () => this.#stats,
      isConnected: () => this.#life.isUp,
      track: (track) => {
        host.track(track);
      },
      fault: (error) => {
        events.fault(error);
      },
    });
    this.#listen(this.#pc);
  }

  async offer(): Promise<SessionDescription> {
    // The section for data carries the transport of all, so there is always one.
    this.prepareDataTransport();
    if (this.#wantsRestart) {
      this.#wantsRestart = false;
      this.#pc.setConfiguration(configurationOf(this.#options.iceServers));
      this.#pc.restartIce();
    }
    const { sdp = "" } = await this.#pc.createOffer();
    await this.#pc.setLocalDescription({ type: "offer", sdp });
    return this.#describe("offer", sdp);
  }

  async answer(offer: SessionDescription): Promise<SessionDescription> {
    const isCrossed = this.#pc.signalingState === "have-local-offer";
    if (isCrossed && this.#pc.currentRemoteDescription === null) this.#renew();
    const before = ufragOf(this.#pc.currentLocalDescription?.sdp);
    await this.#setRemote("offer", offer.sdp);
    const sdp = await this.#answerOrRollBack();
    // The remote's restart is as good as an own one.
    if (ufragOf(sdp) !== before) this.#wantsRestart = false;
    this.#settled();
    return this.#describe("answer", sdp);
  }

  async accept(answer: SessionDescription): Promise<void> {
    await this.#setRemote("answer", answer.sdp);
    if (this.#wantsData && refusesData(answer.sdp)) {
      this.#events.fault(new ConicError("unsupported", "the remote takes no data channels"));
    }
    this.#settled();
  }

  async rollback(): Promise<void> {
    if (this.#pc.signalingState !== "have-local-offer") return;
    await this.#pc.setLocalDescription({ type: "rollback" });
  }

  /** What the browser wants by itself, it tells as soon as it is stable. */
  needsNegotiation(): boolean {
    return this.#wantsRestart;
  }

  restartIce(): void {
    if (this.#pc.currentRemoteDescription === null) return;
    this.#wantsRestart = true;
    this.#events.negotiationNeeded();
  }

  async addCandidate(candidate: IceCandidate): Promise<void> {
    if (candidate.candidate !== "") this.#ice.remoteCandidate();
    await this.#pc.addIceCandidate({ ...candidate });
  }

  createChannel(init: EngineChannelInit): EngineChannel {
    this.#wantsData = true;
    return this.#adopt(openChannel(this.#pc, init), init, false);
  }

  /** A browser describes a transport for data once there is a channel; the remote never hears of this one. */
  prepareDataTransport(): void {
    if (this.#isPrepared || this.#wantsData) return;
    this.#isPrepared = true;
    this.#pc.createDataChannel("", { negotiated: true, id: hiddenChannelId });
  }

  stats(): TransportStats {
    return this.#stats.transport;
  }

  async refreshStats(): Promise<void> {
    if (this.#life.isStopped) return;
    this.#stats = readStats(await this.#pc.getStats());
  }

  progress(): EngineProgress {
    return this.#ice.progress;
  }

  close(): Promise<void> {
    this.#life.stop();
    this.media.close();
    this.#pc.close();
    return Promise.resolve();
  }

  #describe(type: "offer" | "answer", sdp: string): SessionDescription {
    const { maxMessageBytes } = this.#options;
    return { type, sdp: outgoing(sdp, maxMessageBytes, this.media.streamIds()) };
  }

  async #setRemote(type: "offer" | "answer", sdp: string): Promise<void> {
    try {
      await this.#pc.setRemoteDescription({ type, sdp });
    } catch (error) {
      throw new ConicError("invalid_description", `the remote ${type} cannot be used`, {
        cause: error,
      });
    }
    if (/^a=candidate:/m.test(sdp)) this.#ice.remoteCandidate();
  }

  async #answerOrRollBack(): Promise<string> {
    const pc = this.#pc;
    try {
      const { sdp = "" } = await pc.createAnswer();
      await pc.setLocalDescription({ type: "answer", sdp });
      return sdp;
    } catch (error) {
      if (pc.signalingState === "have-remote-offer") {
        await pc.setRemoteDescription({ type: "rollback", sdp: "" });
      }
      throw error;
    }
  }

  /** Offer and answer are complete. */
  #settled(): void {
    this.#watchTransport();
    this.#life.watchPath();
    this.media.sync();
  }

  /**
   * Another native connection in place of one whose offer the remote has never taken. Chromium 156 that takes a first
   * offer back now and then gathers nothing ever after, or answers without data channels.
   */
  #renew(): void {
    const old = this.#pc;
    this.#pc = createNative(configurationOf(this.#options.iceServers));
    old.close();
    this.#isPrepared = false;
    this.#ice.replace(this.#pc);
    this.#listen(this.#pc);
    for (const channel of this.#channels) {
      if (channel.isConnecting) channel.replace(openChannel(this.#pc, channel.init));
    }
    this.media.replace(this.#pc);
  }

  #listen(pc: RTCPeerConnection): void {
    const on = <K extends keyof RTCPeerConnectionEventMap>(
      type: K,
      act: (event: RTCPeerConnectionEventMap[K]) => void,
    ): void => {
      pc.addEventListener(type, (event) => {
        if (pc === this.#pc) this.#safely(type, () => act(event));
      });
    };
    on("icecandidate", ({ candidate }) => {
      this.#onCandidate(candidate);
    });
    on("icecandidateerror", (event) => {
      const error = this.#ice.serverError(event);
      if (error !== undefined) this.#events.fault(serverError(error));
    });
    on("iceconnectionstatechange", () => {
      if (this.#ice.hasPath) this.#life.watchHandshake();
    });
    on("connectionstatechange", () => {
      this.#onState();
    });
    on("negotiationneeded", () => {
      if (pc.signalingState === "stable") this.#events.negotiationNeeded();
    });
    on("datachannel", ({ channel }) => {
      this.#events.channel(this.#adopt(channel, initOf(channel), true));
    });
    on("track", (event) => {
      this.media.announced(event);
    });
  }

  #adopt(native: RTCDataChannel, init: EngineChannelInit, isRemote: boolean): NativeChannel {
    const channel = new NativeChannel(native, init, this.#channelHost, isRemote);
    this.#channels.add(channel);
    return channel;
  }

  #onCandidate(candidate: RTCIceCandidate | null): void {
    if (candidate !== null && candidate.candidate !== "") {
      this.#ice.localCandidate(candidate);
      this.#events.candidate(candidate.toJSON() as IceCandidate);
      return;
    }
    // Without the fragment, a late end of a connection given up would end the candidates of the next one.
    const ufrag = ufragOf(this.#pc.localDescription?.sdp);
    const fragment = ufrag === undefined ? {} : { usernameFragment: ufrag };
    this.#events.candidate({ candidate: "", sdpMid: "0", sdpMLineIndex: 0, ...fragment });
  }

  #onState(): void {
    switch (this.#pc.connectionState) {
      case "new":
      case "closed":
        return;
      case "connecting":
        this.#life.connecting();
        return;
      case "connected":
        this.#onConnected();
        return;
      case "disconnected":
        this.#life.disconnected();
        return;
      case "failed":
        this.#life.failed();
        return;
    }
  }

  /** Whoever waits for the connection finds its path told, where the browser tells of it without a wait. */
  #onConnected(): void {
    this.#watchTransport();
    const pair = this.#dtls?.iceTransport.getSelectedCandidatePair?.() ?? null;
    if (pair !== null) this.#stats = withPair(this.#stats, pair);
    this.#life.connected();
    void this.#tellPath();
  }

  async #tellPath(): Promise<void> {
    try {
      await this.refreshStats();
    } catch (error) {
      this.#fault(error, "statistics");
    }
    this.#safely("a path", () => {
      this.#events.path();
    });
  }

  get #dtls(): RTCDtlsTransport | undefined {
    const { sctp } = this.#pc;
    return sctp?.transport ?? this.#pc.getTransceivers()[0]?.sender.transport ?? undefined;
  }

  /** A remote that closes ends DTLS and the association at once; the connection as a whole says so much later. */
  #watchTransport(): void {
    const { sctp } = this.#pc;
    const dtls = this.#dtls;
    if (dtls === undefined) return;
    const end = (state: string): void => {
      if (state === "closed" || (state === "failed" && this.#life.isUp)) this.#onEnded();
    };
    this.#watch(dtls, "statechange", () => {
      end(dtls.state);
    });
    if (sctp !== null) {
      this.#watch(sctp, "statechange", () => {
        end(sctp.state);
      });
    }
    this.#watch(dtls.iceTransport, "selectedcandidatepairchange", () => {
      void this.#tellPath();
    });
  }

  /** What the remote sent before it closed is still on its way to the page: each channel tells when it was. */
  #onEnded(): void {
    if (!this.#isEnding) this.#life.endsSoon();
    this.#isEnding = true;
    if (this.#channels.size === 0) this.#life.ended();
  }

  #watch(target: EventTarget, type: string, act: () => void): void {
    if (this.#transports.has(target)) return;
    this.#transports.add(target);
    target.addEventListener(type, () => {
      this.#safely(type, act);
    });
  }

  #safely(what: string, action: () => void): void {
    if (this.#life.isStopped) return;
    try {
      action();
    } catch (error) {
      this.#fault(error, what);
    }
  }

  #fault(error: unknown, what: string): void {
    this.#events.fault(new ConicError("internal", `${what} was not handled`, { cause: error }));
  }
}
