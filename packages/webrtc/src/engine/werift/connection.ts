import { ConicError, type Clock, type IceCandidate, type SessionDescription } from "@conic/domain";
import { initialLiveness, lookForLife } from "../../liveness.js";
import type { TransportStats } from "../../stats.js";
import type {
  EngineChannel,
  EngineChannelInit,
  EngineConnection,
  EngineEvents,
  EngineOptions,
  EngineState,
} from "../port.js";
import { guardDtls, stopFlights } from "./dtls/guard.js";
import { WeriftChannel, type WeriftChannelHost } from "./data/channel.js";
import {
  closeLateSockets,
  gatherInBackground,
  guardSctp,
  isFlushed,
  retireStreamId,
  silenceDefaultStun,
} from "./guards.js";
import { defaultHostAddresses, namesStunServer } from "./ice/config.js";
import { wireLabel } from "./data/label.js";
import { definedOnly } from "./ice/candidate.js";
import { probePath } from "./ice/probe.js";
import { checkDescription } from "./sdp-check.js";
import { createDescriptionCorrector } from "./sdp-corrector.js";
import { SendPump } from "./data/send-pump.js";
import { transportStats } from "./ice/stats.js";
import { RTCPeerConnection, type RTCDataChannel } from "./vendor.js";

const stunWaitSeconds = 0.1;
const lookEveryMs = 500;
const probeAfterMs = 1_000;
const endOfCandidatesAfterMs = 5_000;

/** One RTCPeerConnection of werift 0.25.2, with its faults kept away from everything above. */
export class WeriftConnection implements EngineConnection {
  readonly #pc: RTCPeerConnection;
  readonly #options: EngineOptions;
  readonly #events: EngineEvents;
  readonly #clock: Clock;
  readonly #correct = createDescriptionCorrector();
  readonly #gathering: { settled(): Promise<void> };
  readonly #channels = new Map<RTCDataChannel, WeriftChannel>();
  readonly #pump: SendPump;
  readonly #timers = new Set<() => void>();
  #state: EngineState = "new";
  #closing: Promise<void> | undefined;
  #heard = false;
  #unauthentic: ConicError | undefined;

  constructor(options: EngineOptions, events: EngineEvents, clock: Clock) {
    this.#options = options;
    this.#events = events;
    this.#clock = clock;
    this.#pc = new RTCPeerConnection({
      iceServers: options.iceServers.map((server) => ({
        ...server,
        urls: server.urls as string | string[],
      })),
      maxMessageSize: options.maxMessageBytes,
      // Closing has to wait this long at most; a server that answers later is still heard.
      iceStunGatherTimeout: stunWaitSeconds,
      // Without its own choice of addresses, werift gathers on exactly the "additional" ones.
      iceUseIpv4: false,
      iceUseIpv6: false,
      iceAdditionalHostAddresses: [...(options.hostAddresses ?? defaultHostAddresses())],
    });
    this.#pump = new SendPump(() => this.#pc.sctpTransport?.sctp);
    this.#gathering = gatherInBackground(this.#pc);
    this.#subscribe();
  }

  async offer(): Promise<SessionDescription> {
    const { sdp } = await this.#pc.createOffer();
    return this.#setLocal("offer", sdp);
  }

  async answer(offer: SessionDescription): Promise<SessionDescription> {
    if (this.#pc.signalingState === "have-local-offer") {
      await this.#pc.setLocalDescription({ type: "rollback", sdp: "" });
    }
    await this.#setRemote("offer", offer.sdp);
    const { sdp } = await this.#pc.createAnswer();
    const answer = await this.#setLocal("answer", sdp);
    this.#watchPath();
    return answer;
  }

  async accept(answer: SessionDescription): Promise<void> {
    await this.#setRemote("answer", answer.sdp);
    this.#watchPath();
  }

  needsNegotiation(): boolean {
    if (this.#pc.sctpTransport === undefined) return false;
    return this.#pc.currentRemoteDescription?.sdp.includes("m=application") !== true;
  }

  async addCandidate(candidate: IceCandidate): Promise<void> {
    const { usernameFragment, ...rest } = candidate;
    // werift refuses a null fragment where W3C allows it.
    await this.#pc.addIceCandidate(
      typeof usernameFragment === "string" ? { ...rest, usernameFragment } : rest,
    );
  }

  createChannel(init: EngineChannelInit): EngineChannel {
    const rtc = this.#pc.createDataChannel(wireLabel(init.label, init.protocol), {
      protocol: init.protocol,
      ordered: init.ordered,
      ...(init.maxRetransmits === undefined ? {} : { maxRetransmits: init.maxRetransmits }),
      ...(init.maxPacketLifeTimeMs === undefined
        ? {}
        : { maxPacketLifeTime: init.maxPacketLifeTimeMs }),
      ...(init.negotiatedId === undefined ? {} : { negotiated: true, id: init.negotiatedId }),
    });
    this.#guard();
    rtc.stateChanged.subscribe((state) => {
      const transport = this.#pc.sctpTransport;
      if (state === "open" && init.negotiatedId === undefined && transport !== undefined) {
        retireStreamId(transport, rtc.id);
      }
    });
    return this.#adopt(rtc, init);
  }

  prepareDataTransport(): void {
    if (this.#pc.sctpTransport !== undefined) return;
    // A channel that both sides would have to create: it is never announced, so the remote knows nothing of it.
    this.#pc.createDataChannel("", { negotiated: true, id: 65_534 });
    this.#guard();
  }

  stats(): TransportStats {
    return transportStats(this.#pc.iceTransports[0]);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#state = "closed";
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    this.#pump.stop();
    const transports = this.#pc.iceTransports;
    for (const dtls of this.#pc.dtlsTransports) stopFlights(dtls);
    try {
      await this.#pc.close();
    } catch (error) {
      this.#fault(error, "closing the connection");
    }
    this.#detachChannels();
    await this.#gathering.settled();
    await closeLateSockets(transports);
  }

  async #setLocal(type: "offer" | "answer", sdp: string): Promise<SessionDescription> {
    if (!namesStunServer(this.#options.iceServers)) silenceDefaultStun(this.#pc);
    await this.#pc.setLocalDescription({ type, sdp });
    return { type, sdp: this.#correct(type, sdp) };
  }

  async #setRemote(type: "offer" | "answer", sdp: string): Promise<void> {
    checkDescription(type, sdp);
    try {
      await this.#pc.setRemoteDescription({ type, sdp });
    } catch (error) {
      throw new ConicError("invalid_description", `the remote ${type} cannot be used`, {
        cause: error,
      });
    }
    this.#guard();
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
    pc.onDataChannel.subscribe((rtc) => {
      this.#safely("a remote channel", () => {
        this.#onChannel(rtc);
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

  #onCandidate(candidate: IceCandidate | undefined): void {
    if (candidate !== undefined && candidate.candidate !== "") {
      this.#events.candidate(candidate);
      return;
    }
    const end = (): void => {
      // Without the fragment, a late end of a connection given up would end the candidates of the next one.
      const ufrag = this.#pc.iceTransports[0]?.connection.localUsername;
      const fragment = ufrag === undefined ? {} : { usernameFragment: ufrag };
      this.#events.candidate({ candidate: "", sdpMid: "0", sdpMLineIndex: 0, ...fragment });
    };
    // A slow STUN or TURN server may still answer after werift has stopped waiting for it.
    if (this.#options.iceServers.length === 0) end();
    else this.#after(endOfCandidatesAfterMs, end);
  }

  #onChannel(rtc: RTCDataChannel): void {
    const init: EngineChannelInit = {
      label: rtc.label,
      protocol: rtc.protocol,
      ordered: rtc.ordered,
      maxRetransmits: rtc.maxRetransmits ?? undefined,
      maxPacketLifeTimeMs: rtc.maxPacketLifeTime ?? undefined,
      negotiatedId: undefined,
    };
    this.#events.channel(this.#adopt(rtc, init));
  }

  #adopt(rtc: RTCDataChannel, init: EngineChannelInit): WeriftChannel {
    const host: WeriftChannelHost = {
      pump: this.#pump,
      isFlushed: (streamId) => {
        const sctp = this.#pc.sctpTransport?.sctp;
        return sctp === undefined || isFlushed(sctp, streamId);
      },
      remoteMaxMessageBytes: () => this.#pc.sctpTransport?.remoteMaxMessageSize ?? 0,
    };
    const channel = new WeriftChannel(rtc, init, host);
    this.#channels.set(rtc, channel);
    rtc.stateChanged.subscribe((state) => {
      if (state === "closed") this.#channels.delete(rtc);
    });
    return channel;
  }

  #guard(): void {
    const transport = this.#pc.sctpTransport;
    if (transport === undefined) return;
    guardDtls(transport.dtlsTransport, (error) => {
      this.#unauthentic = ConicError.from(error, "connection_failed");
    });
    guardSctp(
      transport,
      (error) => {
        this.#fault(error, "a packet of the remote");
      },
      () => {
        for (const channel of this.#channels.values()) channel.acknowledged();
      },
    );
  }

  /** The checks run. After crossed offers and a conflict of ICE roles they now and then end without a nomination. */
  #watchPath(): void {
    this.#after(this.#options.pathTimeoutMs, () => {
      const searching = this.#state === "new" || this.#state === "connecting";
      const path = this.#pc.iceTransports[0]?.connection.nominated;
      if (searching && path === undefined) this.#events.stalled();
    });
  }

  /** A path exists: DTLS and SCTP have this long to come up on it, for werift never repeats some lost flights. */
  #watchHandshake(): void {
    if (this.#state === "connected" || this.#state === "disconnected") return;
    this.#after(this.#options.handshakeTimeoutMs, () => {
      if (this.#state === "new" || this.#state === "connecting") this.#events.stalled();
    });
  }

  /** werift gives a handshake up when a packet of it comes out of turn, as it does after a loss. */
  #onFailed(): void {
    if (this.#unauthentic?.details["impostor"] === true) {
      // Trying again would give an impostor another chance, and nobody else.
      this.#setState("failed", this.#unauthentic);
      return;
    }
    const shaking = this.#state === "new" || this.#state === "connecting";
    // A handshake without proof had a path, though werift has closed it since.
    const path = this.#pc.iceTransports[0]?.connection.nominated ?? this.#unauthentic;
    if (shaking && path !== undefined) {
      this.#events.stalled();
    } else this.#setState("failed");
  }

  #onConnected(): void {
    if (this.#state === "connected" || this.#state === "closed") return;
    const [dtls] = this.#pc.dtlsTransports;
    const association = this.#pc.sctpTransport?.sctp;
    const ended = (): void => {
      this.#safely("the remote closed", () => {
        if (this.#closing !== undefined) return;
        this.#detachChannels();
        this.#setState("closed");
      });
    };
    dtls?.onStateChange.subscribe((state) => {
      if (state === "closed" || state === "failed") ended();
    });
    association?.stateChanged.closed.subscribe(ended);
    dtls?.dtls?.onData.subscribe(() => {
      this.#heard = true;
    });
    this.#setState("connected");
    if (dtls?.state === "closed" || association?.state === "closed") ended();
    else this.#watchLife();
  }

  #watchLife(): void {
    const options = {
      probeAfterMs,
      disconnectedTimeoutMs: this.#options.disconnectedTimeoutMs,
      failedTimeoutMs: this.#options.failedTimeoutMs,
      maxStepMs: 2 * lookEveryMs,
    };
    let state = initialLiveness(this.#clock.now());
    const look = (): void => {
      const verdict = lookForLife(state, this.#clock.now(), this.#heard, options);
      this.#heard = false;
      state = verdict.state;
      if (verdict.probe) void this.#probe();
      this.#setState(verdict.transport);
      if (verdict.transport !== "failed" && this.#state !== "closed")
        this.#after(lookEveryMs, look);
    };
    this.#after(lookEveryMs, look);
  }

  async #probe(): Promise<void> {
    const [ice] = this.#pc.iceTransports;
    if (ice !== undefined && (await probePath(ice, probeAfterMs))) this.#heard = true;
  }

  #setState(state: EngineState, reason?: ConicError): void {
    if (this.#state === state || this.#state === "closed" || this.#state === "failed") return;
    if (state === "connecting" && this.#state !== "new") return;
    this.#state = state;
    this.#events.state(state, reason);
  }

  #detachChannels(): void {
    for (const channel of this.#channels.values()) channel.detach();
    this.#channels.clear();
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
