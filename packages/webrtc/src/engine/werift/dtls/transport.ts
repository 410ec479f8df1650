import { setImmediate as nextTurn } from "node:timers/promises";
import { ConicError, type Clock } from "@conic/domain";
import type { DtlsCertificate, DtlsFingerprint, DtlsRole, DtlsState } from "@conic/dtls";
import type { SrtpKeys } from "@conic/rtp";
import { openPath } from "../ice/path.js";
import type { WeriftDtlsTransport, WeriftPeer } from "../vendor.js";
import { useFreshCertificate } from "./certificate.js";
import { facadeOf, type DtlsFacade } from "./facade.js";
import { DtlsSession, isDtls, isRtp } from "./session.js";
import { offeredSrtpProfiles, srtpKeysOf } from "./srtp-keys.js";

/** Protected packets to and from the remote that was proved; nothing passes before that. No promise, no copy. */
export interface SecureChannel {
  /** Sends one packet; lost, as the network loses, unless connected. The bytes may change after the call. */
  send(data: Uint8Array): void;
  /** Sends one datagram of RTP or RTCP, which is protected already. The bytes must not change afterwards. */
  sendRtp(datagram: Uint8Array): void;
  /** To be set by who takes the packets of the remote; called in the turn in which one arrived. */
  onData: (data: Buffer) => void;
}

/** Parts of RTCDtlsTransport of werift 0.25.2; `vendor.test` fails when a new version moves them. */
interface TransportInternals {
  role: DtlsRole | "auto";
  state: DtlsState;
  dtls: DtlsFacade | undefined;
  readonly remoteParameters?: { readonly fingerprints: readonly DtlsFingerprint[] };
  readonly iceTransport: { readonly role: string; stop(): Promise<void> };
  setState(state: DtlsState, emitEvent?: boolean): void;
  start(): Promise<void>;
  stop(): Promise<void>;
}

interface PeerInternals {
  readonly secureManager: { createTransport(options: unknown): WeriftDtlsTransport };
}

export interface DtlsHost {
  readonly clock: Clock;
  /** A handshake came to nothing for a reason that is known. */
  onRefused(error: ConicError): void;
  /** The handshake is done; `keys` where SRTP was agreed on. */
  onSecured(channel: SecureChannel, keys: SrtpKeys | undefined): void;
  /** A datagram that is RTP or RTCP, if it is authentic. */
  onRtp(datagram: Buffer): void;
}

const channels = new WeakMap<WeriftDtlsTransport, SecureChannel>();

/** The way for data of a transport that {@link useOwnDtls} made. */
export function secureChannelOf(transport: WeriftDtlsTransport): SecureChannel | undefined {
  return channels.get(transport);
}

/**
 * Our DTLS wherever the connection would use werift's, whose handshake does not survive the loss of some datagrams,
 * does not check signatures, and whose connections end by an alert that anybody can forge. Before any description,
 * channel or transceiver.
 */
export function useOwnDtls(peer: WeriftPeer, host: DtlsHost): void {
  const certificate = useFreshCertificate(peer);
  const manager = (peer as unknown as PeerInternals).secureManager;
  const create = manager.createTransport.bind(manager);
  manager.createTransport = (options) => {
    const transport = create(options);
    new SecureTransport(transport, certificate, host).install();
    return transport;
  };
}

/** Replaces what RTCDtlsTransport does with its socket; its states, descriptions and statistics stay werift's. */
class SecureTransport {
  readonly #transport: WeriftDtlsTransport;
  readonly #internals: TransportInternals;
  readonly #certificate: DtlsCertificate;
  readonly #host: DtlsHost;
  readonly #session: DtlsSession;
  readonly #channel: SecureChannel;

  constructor(transport: WeriftDtlsTransport, certificate: DtlsCertificate, host: DtlsHost) {
    this.#transport = transport;
    const internals = transport as unknown as TransportInternals;
    this.#internals = internals;
    this.#certificate = certificate;
    this.#host = host;
    const path = openPath(transport.iceTransport);
    this.#channel = {
      send: (data) => {
        this.#session.send(data);
      },
      sendRtp: (datagram) => {
        path.send(datagram);
      },
      onData: () => undefined,
    };
    this.#session = new DtlsSession(path, host.clock, {
      data: (data) => {
        this.#channel.onData(data);
      },
      state: (state, error) => {
        this.#onState(state, error);
      },
    });
    path.onDatagram((datagram) => {
      if (isDtls(datagram)) this.#session.receive(datagram);
      else if (isRtp(datagram)) host.onRtp(datagram);
    });
  }

  install(): void {
    const internals = this.#internals;
    internals.start = () => this.#start();
    internals.stop = () => this.#stop();
    channels.set(this.#transport, this.#channel);
  }

  // Async, for werift waits for a rejection, not for an exception.
  async #start(): Promise<void> {
    const internals = this.#internals;
    if (internals.state !== "new") throw new Error("state must be new");
    const remoteFingerprints = internals.remoteParameters?.fingerprints ?? [];
    if (remoteFingerprints.length === 0) throw new Error("remote fingerprint not exist");
    // RFC 8842 section 5.3 leaves it to SDP, in which werift's offers say nothing.
    if (internals.role === "auto") {
      internals.role = internals.iceTransport.role === "controlling" ? "server" : "client";
    }
    await this.#handshake(internals.role, remoteFingerprints);
  }

  #handshake(role: DtlsRole, remoteFingerprints: readonly DtlsFingerprint[]): Promise<void> {
    try {
      const certificate = this.#certificate;
      const srtpProfiles = offeredSrtpProfiles;
      return this.#session.start({ role, certificate, remoteFingerprints, srtpProfiles });
    } catch (error) {
      const message = "the description of the remote has no fingerprint that can be used";
      const details = { by: "local" };
      this.#host.onRefused(
        new ConicError("invalid_description", message, { cause: error, details }),
      );
      throw error;
    }
  }

  async #stop(): Promise<void> {
    this.#internals.setState("closed", false);
    this.#session.close();
    // The farewell leaves in this turn, the socket in the next.
    await nextTurn();
    await this.#internals.iceTransport.stop();
  }

  #onState(state: DtlsState, error: ConicError | undefined): void {
    const internals = this.#internals;
    const { connection } = this.#session;
    if (state === "connected" && connection !== undefined) {
      internals.dtls = facadeOf(connection);
      this.#host.onSecured(this.#channel, srtpKeysOf(connection));
    }
    if (error !== undefined) this.#host.onRefused(error);
    if (internals.state !== "closed") internals.setState(state);
  }
}
