import { ConicError, deferred, type Clock } from "@conic/domain";
import type { SctpChannel } from "@conic/sctp";
import type { EngineChannel, EngineChannelInit } from "../../port.js";
import { openPath } from "../ice/path.js";
import { secureChannelOf, type SecureChannel } from "../dtls/transport.js";
import type { WeriftDtlsTransport, WeriftPeer } from "../vendor.js";
import { AssociationChannel, type ChannelHost } from "./channel.js";
import { AssociationDriver } from "./driver.js";
import { factsOf } from "./packet-size.js";

/** RFC 8841 section 5.1: the port that everybody uses. */
const sctpPort = 5_000;
/** RFC 8841 section 6.1: what a remote takes that does not say. */
const defaultRemoteMessageBytes = 65_536;
/**
 * Only the side that controls ICE starts: bare werift at the other end goes by that and takes one start alone. The
 * other one follows when nothing came.
 */
const awaitStartMs = 300;
/** Packets that wait for the start at most: a remote sends few until it is answered. */
const maxHeldPackets = 16;

export interface DataTransportEvents {
  channel(channel: EngineChannel): void;
  /** A packet of the remote came. */
  heard(): void;
  /** The association was up and is over. */
  closed(): void;
  fault(error: ConicError): void;
}

/** Parts of werift 0.25.2 through which it makes its own SCTP transport. */
interface ManagerInternals {
  sctpTransport: unknown;
  createSctpTransport(maxMessageBytes: number): unknown;
}

interface PeerInternals {
  readonly sctpManager: ManagerInternals;
  createSctpTransport(): unknown;
  needNegotiation(): void;
}

/**
 * Our SCTP and data channels where werift has its own: it describes them in SDP and starts them when DTLS is up.
 * The members that werift calls keep its names.
 */
export class DataTransport {
  readonly id: string = "";
  readonly port: number = sctpPort;
  readonly bundled = false;
  mid: string | undefined;
  mLineIndex: number | undefined;
  maxMessageSize: number;
  dtlsTransport: WeriftDtlsTransport | undefined;
  readonly sctp: { readonly stateChanged: { readonly connected: { asPromise(): Promise<void> } } };
  readonly #events: DataTransportEvents;
  readonly #clock: Clock;
  readonly #driver: AssociationDriver;
  readonly #host: ChannelHost;
  readonly #connected = deferred<void>();
  readonly #awaited = new Set<AssociationChannel>();
  #remoteMessageBytes: number = defaultRemoteMessageBytes;
  #remotePacketBytes = 0;
  /** What comes before DTLS has proved the remote, or just after. */
  #held: Buffer[] | undefined = [];
  #carrier: SecureChannel | undefined;
  #carriesData = true;
  /** DTLS is up, but the remote has no data channels. */
  #isIdle = false;
  #isUp = false;
  #isStopped = false;

  constructor(maxMessageBytes: number, clock: Clock, events: DataTransportEvents) {
    this.maxMessageSize = maxMessageBytes;
    this.#clock = clock;
    this.#events = events;
    this.sctp = { stateChanged: { connected: { asPromise: () => this.#connected.promise } } };
    this.#driver = this.#newDriver();
    this.#host = {
      now: () => clock.now(),
      isStopped: () => this.#isStopped,
      wake: () => {
        this.#driver.wake();
      },
      watch: (channel) => {
        this.#awaited.add(channel);
      },
      discard: (streamId) => {
        this.#driver.association.discard(streamId);
      },
      remoteMaxMessageBytes: () => this.#remoteMessageBytes,
    };
  }

  open(init: EngineChannelInit): EngineChannel {
    const channel = this.#driver.open(init);
    return new AssociationChannel(channel, init, this.#host);
  }

  setDtlsTransport(dtls: WeriftDtlsTransport): void {
    this.#listenTo(dtls);
    this.dtlsTransport = dtls;
  }

  getCapabilities(): { readonly maxMessageSize: number } {
    return { maxMessageSize: this.maxMessageSize };
  }

  setRemoteMaxMessageSize(bytes: number | undefined): void {
    this.#remoteMessageBytes = bytes ?? defaultRemoteMessageBytes;
  }

  /** The largest packet that the remote is known to take; 0 when it does not say. Before {@link start}. */
  setRemotePacketBytes(bytes: number): void {
    this.#remotePacketBytes = bytes;
  }

  setRemotePort(port: number): void {
    this.#driver.association.setRemotePort(port);
  }

  /** Whether the remote has data channels; one that has none at first may have them later. */
  setCarriesData(carriesData: boolean): void {
    this.#carriesData = carriesData;
    if (carriesData && this.#isIdle) void this.start();
  }

  /** DTLS is up, and has proved the remote. */
  start(_remotePort?: number): Promise<void> {
    this.#isIdle = !this.#carriesData;
    if (this.#isIdle) {
      this.#connected.resolve();
      return Promise.resolve();
    }
    const dtls = this.dtlsTransport;
    if (dtls === undefined) return Promise.reject(new Error("no DTLS transport"));
    const path = openPath(dtls.iceTransport);
    path.onPairChange(() => {
      this.#driver.onPath(factsOf(path, this.#remotePacketBytes));
    });
    const role = dtls.role === "client" ? "client" : "server";
    const isControlling = dtls.iceTransport.role === "controlling";
    this.#driver.start(
      role,
      factsOf(path, this.#remotePacketBytes),
      isControlling ? 0 : awaitStartMs,
    );
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const packet of held) this.#driver.receive(packet);
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.#isStopped = true;
    this.#driver.close();
    this.#listenTo(undefined);
    return Promise.resolve();
  }

  #listenTo(dtls: WeriftDtlsTransport | undefined): void {
    const carrier = dtls === undefined ? undefined : secureChannelOf(dtls);
    if (this.#carrier !== undefined && this.#carrier !== carrier) {
      this.#carrier.onData = () => undefined;
    }
    if (carrier === undefined) return;
    this.#carrier = carrier;
    carrier.onData = (packet) => {
      this.#events.heard();
      if (this.#held === undefined) this.#driver.receive(packet);
      else if (this.#held.length < maxHeldPackets) this.#held.push(packet);
    };
  }

  #adopt(channel: SctpChannel): EngineChannel {
    const { label, protocol, ordered, maxRetransmits, maxPacketLifeTimeMs } = channel.init;
    const init = {
      label,
      protocol,
      ordered,
      maxRetransmits,
      maxPacketLifeTimeMs,
      negotiatedId: undefined,
    };
    return new AssociationChannel(channel, init, this.#host);
  }

  #onUp(): void {
    this.#isUp = true;
    this.#connected.resolve();
  }

  #onDown(error: ConicError | undefined): void {
    if (this.#isStopped) return;
    this.#connected.reject(error ?? new ConicError("closed", "the association ended"));
    if (this.#isUp) this.#events.closed();
  }

  #newDriver(): AssociationDriver {
    return new AssociationDriver(
      {
        clock: this.#clock,
        maxMessageBytes: this.maxMessageSize,
        carrier: {
          send: (packet) => {
            this.#carrier?.send(packet);
          },
        },
        state: (state, error) => {
          if (state === "connected") this.#onUp();
          else if (state === "closed") this.#onDown(error);
        },
        channel: (channel) => {
          this.#events.channel(this.#adopt(channel));
        },
        fault: (error) => {
          this.#events.fault(error);
        },
        progress: () => {
          for (const channel of this.#awaited) {
            channel.acknowledged();
            if (!channel.isAwaited) this.#awaited.delete(channel);
          }
        },
      },
      sctpPort,
    );
  }
}

/** Has werift make our transport wherever it would make its own; before any description or channel. */
export function useDataTransport(peer: WeriftPeer, make: () => DataTransport): void {
  const manager = (peer as unknown as PeerInternals).sctpManager;
  manager.createSctpTransport = () => {
    const transport = make();
    manager.sctpTransport = transport;
    return transport;
  };
}

/** The transport of data channels, made when there is none: the next description then has it. */
export function ensureDataTransport(peer: WeriftPeer): DataTransport {
  const internals = peer as unknown as PeerInternals;
  const known = internals.sctpManager.sctpTransport;
  if (known instanceof DataTransport) return known;
  const made = internals.createSctpTransport() as DataTransport;
  internals.needNegotiation();
  return made;
}
