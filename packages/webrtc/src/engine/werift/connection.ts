import { ConicError, type Clock, type IceCandidate, type SessionDescription } from "@conic/domain";
import { serverError } from "../../failure/ice-servers.js";
import { initialLiveness, leaveTime, lookForLife } from "../../liveness.js";
import type { TransportStats } from "../../stats.js";
import type {
  EngineChannel,
  EngineChannelInit,
  EngineEvents,
  EngineOptions,
  EngineProgress,
  EngineState,
  RemoteFacts,
} from "../port.js";
import type { EngineConnection, EngineRtp, EngineRtpEvents } from "../stack.js";
import { useOwnDtls, type SecureChannel } from "./dtls/transport.js";
import { DataTransport, ensureDataTransport, useDataTransport } from "./data/transport.js";
import { announcedPacketBytes, announcePacketBytes } from "./data/packet-size.js";
import { defaultHostAddresses } from "./ice/config.js";
import { definedOnly } from "./ice/candidate.js";
import { useOwnIce, type OwnIce } from "./ice/own-ice.js";
import { checkDescription } from "./sdp-check.js";
import { createDescriptionCorrector } from "./sdp-corrector.js";
import { RTCPeerConnection } from "./vendor.js";

const lookEveryMs = 500;
const probeAfterMs = 1_000;

/** One RTCPeerConnection of werift 0.25.2, with its faults kept away from everything above. */
export class WeriftConnection implements EngineConnection {
  readonly rtp: EngineRtp = {
    bind: (events) => {
      this.#rtpEvents = events;
    },
    send: (datagram) => {
      this.#secured?.sendRtp(datagram);
    },
  };
  readonly #pc: RTCPeerConnection;
  readonly #options: EngineOptions;
  readonly #events: EngineEvents;
  readonly #clock: Clock;
  readonly #correct = createDescriptionCorrector();
  readonly #ice: OwnIce;
  readonly #timers = new Set<() => void>();
  #data: DataTransport | undefined;
  #state: EngineState = "new";
  #closing: Promise<void> | undefined;
  #heard = false;
  #hasEnded = false;
  #refusal: ConicError | undefined;
  #rtpEvents: EngineRtpEvents | undefined;
  #secured: SecureChannel | undefined;
  #wantsData = false;
  #carriesData = true;

  constructor(options: EngineOptions, events: EngineEvents, clock: Clock) {
    this.#options = options;
    this.#events = events;
    this.#clock = clock;
    this.#pc = new RTCPeerConnection({
      iceServers: [],
      maxMessageSize: options.maxMessageBytes,
    });
    this.#ice = useOwnIce(this.#pc, {
      iceServers: options.iceServers,
      hostAddresses: () => options.hostAddresses ?? defaultHostAddresses(),
      onPath: () => {
        this.#heard = true;
        this.#tellPath();
      },
      onPathKind: () => {
        this.#tellPath();
      },
      onServerError: (error) => {
        if (this.#closing === undefined) this.#events.fault(serverError(error));
      },
    });
    useOwnDtls(this.#pc, {
      clock,
      onRefused: (error) => {
        this.#refusal = error;
      },
      onSecured: (channel, keys) => {
        this.#secured = channel;
        if (keys !== undefined) this.#rtpEvents?.ready(keys);
      },
      onRtp: (datagram) => {
        if (this.#rtpEvents?.packet(datagram) === true) this.#heard = true;
      },
    });
    useDataTransport(this.#pc, () => this.#newDataTransport());
    this.#subscribe();
  }

  async offer(): Promise<SessionDescription> {
    this.#ice.beforeOffer();
    const { sdp } = await this.#pc.createOffer();
    return this.#setLocal("offer", sdp);
  }

  async answer(offer: SessionDescription, facts?: RemoteFacts): Promise<SessionDescription> {
    await this.rollback();
    await this.#setRemote("offer", offer.sdp, facts);
    const { sdp } = await this.#pc.createAnswer();
    const answer = await this.#setLocal("answer", sdp);
    this.#watchPath();
    return answer;
  }

  async accept(answer: SessionDescription, facts?: RemoteFacts): Promise<void> {
    await this.#setRemote("answer", answer.sdp, facts);
    if (this.#wantsData && !this.#carriesData) {
      this.#wantsData = false;
      this.#events.fault(new ConicError("unsupported", "the remote takes no data channels"));
    }
    this.#watchPath();
  }

  async rollback(): Promise<void> {
    if (this.#pc.signalingState !== "have-local-offer") return;
    await this.#pc.setLocalDescription({ type: "rollback", sdp: "" });
    this.#ice.rolledBack();
  }

  needsNegotiation(): boolean {
    if (this.#pc.sctpTransport === undefined) return false;
    if (this.#ice.needsRestart) return true;
    if (this.#pc.currentRemoteDescription?.sdp.includes("m=application") !== true) return true;
    return this.#wantsData && !this.#carriesData;
  }

  restartIce(): void {
    this.#ice.wantRestart();
    if (this.#ice.needsRestart) this.#events.negotiationNeeded();
  }

  async addCandidate(candidate: IceCandidate): Promise<void> {
    const { usernameFragment, ...rest } = candidate;
    // werift refuses a null fragment where W3C allows it.
    await this.#pc.addIceCandidate(
      typeof usernameFragment === "string" ? { ...rest, usernameFragment } : rest,
    );
  }

  createChannel(init: EngineChannelInit): EngineChannel {
    const transport = ensureDataTransport(this.#pc);
    const channel = transport.open(init);
    if (!this.#wantsData && !this.#carriesData) this.#events.negotiationNeeded();
    this.#wantsData = true;
    return channel;
  }

  prepareDataTransport(): void {
    ensureDataTransport(this.#pc);
  }

  stats(): TransportStats {
    return this.#ice.stats();
  }

  progress(): EngineProgress {
    return this.#ice.progress();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#state = "closed";
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    try {
      await this.#pc.close();
    } catch (error) {
      this.#fault(error, "closing the connection");
    }
    // Whatever went wrong, no socket stays behind.
    await this.#ice.close();
  }

  async #setLocal(type: "offer" | "answer", sdp: string): Promise<SessionDescription> {
    await this.#pc.setLocalDescription({ type, sdp });
    return { type, sdp: announcePacketBytes(this.#correct(type, sdp)) };
  }

  async #setRemote(
    type: "offer" | "answer",
    sdp: string,
    facts: RemoteFacts = { carriesData: true },
  ): Promise<void> {
    checkDescription(type, sdp);
    try {
      await this.#pc.setRemoteDescription({ type, sdp });
    } catch (error) {
      throw new ConicError("invalid_description", `the remote ${type} cannot be used`, {
        cause: error,
      });
    }
    this.#data?.setRemotePacketBytes(announcedPacketBytes(sdp));
    this.#carriesData = facts.carriesData;
    this.#data?.setCarriesData(facts.carriesData);
  }

  #subscribe(): void {
    const pc = this.#pc;
    pc.onIceCandidate.subscribe((candidate) => {
      this.#safely("a local candidate", () => {
        this.#onCandidate(candidate === undefined ? undefined : definedOnly(candidate.toJSON()));
      });
    });
    pc.onNegotiationneeded.subscribe(() => {
      this.#safely("negotiation needed", () => {
        this.#events.negotiationNeeded();
      });
    });
    pc.iceConnectionStateChange.subscribe((state) => {
      if (state === "connected") this.#watchHandshake();
    });
    pc.connectionStateChange.subscribe((state) => {
      this.#safely("a state change", () => {
        if (state === "connected") this.#onConnected();
        else if (state === "connecting") this.#setState(state);
        else if (state === "failed") this.#onFailed();
      });
    });
  }

  #tellPath(): void {
    this.#safely("a path", () => {
      this.#events.path();
    });
  }

  #onCandidate(candidate: IceCandidate | undefined): void {
    if (candidate !== undefined && candidate.candidate !== "") {
      this.#events.candidate(candidate);
      return;
    }
    // Without the fragment, a late end of a connection given up would end the candidates of the next one.
    const ufrag = this.#pc.iceTransports[0]?.connection.localUsername;
    const fragment = ufrag === undefined ? {} : { usernameFragment: ufrag };
    this.#events.candidate({ candidate: "", sdpMid: "0", sdpMLineIndex: 0, ...fragment });
  }

  #newDataTransport(): DataTransport {
    this.#data = new DataTransport(this.#options.maxMessageBytes, this.#clock, {
      channel: (channel) => {
        this.#safely("a remote channel", () => {
          this.#events.channel(channel);
        });
      },
      heard: () => {
        this.#heard = true;
      },
      closed: () => {
        this.#onEnded();
      },
      fault: (error) => {
        if (this.#closing === undefined) this.#events.fault(error);
      },
    });
    return this.#data;
  }

  /** The checks run; they have this long to find a path. */
  #watchPath(): void {
    const { pathTimeoutMs, silentPathTimeoutMs } = this.#options;
    const stall = (isOver: () => boolean): void => {
      const searching = this.#state === "new" || this.#state === "connecting";
      if (searching && !isOver()) this.#events.stalled();
    };
    this.#after(pathTimeoutMs, () => {
      stall(() => this.#ice.hasPath);
    });
    this.#after(silentPathTimeoutMs, () => {
      stall(() => this.#ice.hasSignOfLife);
    });
  }

  /** A path exists: DTLS and SCTP have this long to come up on it. */
  #watchHandshake(): void {
    if (this.#state === "connected" || this.#state === "disconnected") return;
    this.#after(this.#options.handshakeTimeoutMs, () => {
      if (this.#state === "new" || this.#state === "connecting") this.#events.stalled();
    });
  }

  #onFailed(): void {
    if (this.#refusal?.details["by"] === "local") {
      // The remote is not who it has to be: another attempt would give an impostor another chance, and nobody else.
      this.#setState("failed", this.#refusal);
      return;
    }
    const shaking = this.#state === "new" || this.#state === "connecting";
    // A handshake that failed had a path, though werift has closed it since.
    if (shaking && (this.#ice.hasPath || this.#refusal !== undefined)) this.#events.stalled();
    else this.#setState("failed");
  }

  #onConnected(): void {
    if (this.#state === "connected" || this.#state === "closed") return;
    const [dtls] = this.#pc.dtlsTransports;
    dtls?.onStateChange.subscribe((state) => {
      if (state === "closed" || state === "failed") this.#onEnded();
    });
    this.#setState("connected");
    if (dtls?.state === "closed" || this.#hasEnded) this.#onEnded();
    else this.#watchLife();
  }

  /** The remote closed the association or DTLS. */
  #onEnded(): void {
    this.#hasEnded = true;
    if (this.#state === "new" || this.#state === "connecting") return;
    this.#safely("the remote closed", () => {
      this.#setState("closed");
    });
  }

  #watchLife(): void {
    const options = {
      probeAfterMs,
      disconnectedTimeoutMs: this.#options.disconnectedTimeoutMs,
      failedTimeoutMs: this.#options.failedTimeoutMs,
      maxStepMs: 2 * lookEveryMs,
    };
    let state = initialLiveness(this.#clock.now());
    let restarts = this.#ice.restarts;
    const look = (): void => {
      if (restarts !== this.#ice.restarts) {
        restarts = this.#ice.restarts;
        state = leaveTime(state, this.#options.pathTimeoutMs, options);
      }
      const verdict = lookForLife(state, this.#clock.now(), this.#heard, options);
      this.#heard = false;
      state = verdict.state;
      if (verdict.probe) void this.#probe();
      const { silentMs } = state;
      // The first sign of a network that was left; the remote's silence would tell it later.
      const isCutOff = silentMs >= 2 * probeAfterMs && !this.#ice.hasAddress;
      this.#setState(
        isCutOff && verdict.transport === "connected" ? "disconnected" : verdict.transport,
      );
      if (verdict.transport !== "failed" && this.#state !== "closed")
        this.#after(lookEveryMs, look);
    };
    this.#after(lookEveryMs, look);
  }

  async #probe(): Promise<void> {
    if (await this.#ice.probe(probeAfterMs)) this.#heard = true;
  }

  #setState(state: EngineState, reason?: ConicError): void {
    if (this.#state === state || this.#state === "closed" || this.#state === "failed") return;
    if (state === "connecting" && this.#state !== "new") return;
    this.#state = state;
    this.#events.state(state, reason);
  }

  #after(delayMs: number, action: () => void): void {
    if (this.#closing !== undefined) return;
    const cancel = this.#clock.schedule(delayMs, () => {
      this.#timers.delete(cancel);
      this.#safely("a timer", action);
    });
    this.#timers.add(cancel);
  }

  #safely(what: string, action: () => void): void {
    if (this.#closing !== undefined) return;
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
