import { ConicError } from "@conic/domain";
import {
  alertCodes,
  decodeAlert,
  encodeAlert,
  isAlertName,
  refusedByRemote,
  type Alert,
  type AlertName,
} from "./alerts.js";
import { asBuffer } from "./bytes.js";
import { pseudoRandom } from "./crypto/key-schedule.js";
import { clientHandshake } from "./handshake/client.js";
import { HandshakeDriver } from "./handshake/driver.js";
import { packFlight, type Flight } from "./handshake/flight.js";
import type { HandshakeIo, HandshakeScript, Session } from "./handshake/script.js";
import { serverHandshake } from "./handshake/server.js";
import { HeldRecords } from "./held.js";
import { messageType } from "./messages/message.js";
import {
  resolveOptions,
  type DtlsEvents,
  type DtlsOptions,
  type DtlsRole,
  type DtlsState,
  type ResolvedOptions,
} from "./options.js";
import {
  contentType,
  maxContentBytes,
  recordAt,
  recordHeaderBytes,
  type RecordView,
} from "./record/header.js";
import { RecordCipher } from "./record/record-cipher.js";
import { RecordLayer } from "./record/record-layer.js";

/**
 * One side of a DTLS 1.2 connection (RFC 6347) between two peers that know the fingerprints of each other's
 * certificates, as WebRTC has them (RFC 8827). It holds no socket and no timer: datagrams and the time go in,
 * datagrams, data and states come out as events. `now` is in ms from any start and never goes back.
 */
export class DtlsConnection {
  readonly #options: ResolvedOptions;
  readonly #events: DtlsEvents;
  readonly #records: RecordLayer;
  readonly #driver: HandshakeDriver;
  /** Records of epoch 1 from before there were keys. */
  readonly #sealed = new HeldRecords<RecordView>();
  /** Data from before the remote was verified. */
  readonly #unverified = new HeldRecords<Buffer>();
  #state: DtlsState = "new";
  #session: Session | undefined;
  #deadline = Infinity;
  #sentChangeCipherSpec = false;

  /** @throws ConicError `invalid_argument` for options out of range, or without a fingerprint that can be used. */
  constructor(options: DtlsOptions, events: DtlsEvents) {
    this.#options = resolveOptions(options);
    this.#events = events;
    this.#records = new RecordLayer(this.#options.maxRecords);
    this.#driver = new HandshakeDriver({
      initialTimeoutMs: this.#options.initialTimeoutMs,
      script: (io) => this.#script(io),
      useKeys: (suite, keys) => {
        const isClient = this.role === "client";
        this.#records.sealWith(new RecordCipher(suite, isClient ? keys.client : keys.server));
        this.#records.openWith(new RecordCipher(suite, isClient ? keys.server : keys.client));
      },
      transmit: (flight) => {
        this.#transmit(flight);
      },
    });
  }

  get role(): DtlsRole {
    return this.#options.role;
  }

  get state(): DtlsState {
    return this.#state;
  }

  /** X.509, DER; once connected. */
  get remoteCertificate(): Buffer | undefined {
    return this.#session?.remoteCertificate;
  }

  /** RFC 5764: the profile that both sides know; undefined when there is none, and before `connected`. */
  get srtpProfile(): number | undefined {
    return this.#session?.srtpProfile;
  }

  /** Name in the IANA registry; once connected. */
  get cipherSuite(): string | undefined {
    return this.#session?.suite.name;
  }

  /** Sends the first flight as the client; listens as the server. Before this, what is received is dropped. */
  start(now: number): void {
    if (this.#state !== "new") {
      throw new ConicError("invalid_state", `a connection that is ${this.#state} does not start`);
    }
    this.#deadline = now + this.#options.handshakeTimeoutMs;
    this.#setState("connecting");
    this.#guarded(() => {
      this.#driver.start(now);
    });
  }

  /** Takes any bytes that arrived. They belong to the connection from now on: it may hold them. */
  receive(datagram: Uint8Array, now: number): void {
    const bytes = asBuffer(datagram);
    for (let at = 0; this.#isLive();) {
      const record = recordAt(bytes, at);
      if (record === undefined) break;
      at += record.bytes.length;
      this.#onRecord(record, now);
    }
    if (this.#state === "connecting") this.#driver.answerRepetition(now);
  }

  /**
   * Sends one record with this content.
   * @throws ConicError `invalid_state` before `connected`, `closed` after it, `too_large` above 16 384 bytes.
   */
  send(data: Uint8Array): void {
    if (this.#state !== "connected") {
      const code = this.#isLive() || this.#state === "new" ? "invalid_state" : "closed";
      throw new ConicError(code, `a connection that is ${this.#state} does not send`);
    }
    if (data.length > maxContentBytes) {
      throw new ConicError("too_large", `a record holds ${maxContentBytes} bytes at most`);
    }
    const record = this.#records.isExhausted
      ? undefined
      : this.#records.sealed(contentType.applicationData, data);
    if (record !== undefined) {
      this.#events.datagram(record);
      return;
    }
    const error = new ConicError("connection_failed", "the keys have protected all they may");
    this.#alert("close_notify", false);
    this.#setState("failed", error);
    throw new ConicError("closed", error.message, { cause: error });
  }

  /** When `advance` is to be called next; undefined when there is nothing to wait for. */
  nextTimeout(): number | undefined {
    if (this.#state !== "connecting") return undefined;
    return Math.min(this.#driver.nextTimeout ?? Infinity, this.#deadline);
  }

  /** Does what is due: repeats a flight, or gives the handshake up. */
  advance(now: number): void {
    if (this.#state !== "connecting") return;
    if (now >= this.#deadline) {
      const waited = this.#options.handshakeTimeoutMs;
      this.#setState("failed", new ConicError("timeout", `no DTLS handshake within ${waited} ms`));
      return;
    }
    this.#guarded(() => {
      this.#driver.advance(now);
    });
  }

  /** Tells the remote and sends nothing more. Idempotent. */
  close(): void {
    if (this.#isLive()) this.#alert("close_notify", false);
    this.#setState("closed");
  }

  /**
   * RFC 5705 without a context: secret bytes for other uses, the same on both sides.
   * @throws ConicError `invalid_state` before `connected`.
   */
  exportKeyingMaterial(label: string, length: number): Buffer {
    if (this.#session === undefined) {
      throw new ConicError("invalid_state", "there are no keys before the connection is connected");
    }
    const { suite, master, clientRandom, serverRandom } = this.#session;
    const randoms = Buffer.concat([clientRandom, serverRandom]);
    return pseudoRandom(suite.hash, master, label, randoms, length);
  }

  #script(io: HandshakeIo): HandshakeScript {
    return this.role === "client"
      ? clientHandshake(this.#options, io)
      : serverHandshake(this.#options, io);
  }

  #isLive(): boolean {
    return this.#state === "connecting" || this.#state === "connected";
  }

  #onRecord(record: RecordView, now: number): void {
    if (record.epoch === 1) this.#onSealed(record, now);
    // Once connected, what is not protected is not the remote's.
    else if (record.epoch === 0 && this.#state === "connecting") this.#onPlain(record, now);
  }

  #onPlain({ type, bytes }: RecordView, now: number): void {
    const content = bytes.subarray(recordHeaderBytes);
    if (type === contentType.handshake) this.#onHandshake(content, 0, now);
    else if (type === contentType.alert) {
      const alert = decodeAlert(content);
      const ends = alert?.isFatal === true || alert?.code === alertCodes.close_notify;
      if (alert !== undefined && ends) this.#driver.noteAlert(refusedByRemote(alert));
    }
    // A ChangeCipherSpec says nothing that the epoch of a record does not say, and anybody can forge one.
  }

  #onSealed(record: RecordView, now: number): void {
    if (!this.#records.canOpen) {
      this.#sealed.add(record, record.bytes.length);
      return;
    }
    const content = this.#records.open(record);
    if (content === undefined) return;
    if (record.type === contentType.applicationData) {
      if (this.#state === "connected") this.#events.data(content);
      else this.#unverified.add(content, content.length);
    } else if (record.type === contentType.handshake) this.#onHandshake(content, 1, now);
    else if (record.type === contentType.alert) this.#onAlert(decodeAlert(content));
  }

  #onHandshake(content: Buffer, epoch: number, now: number): void {
    if (this.#state === "connected") {
      this.#onLateHandshake(content, now);
      return;
    }
    let session: Session | undefined;
    this.#guarded(() => {
      session = this.#driver.receive(content, epoch, now);
    });
    if (session !== undefined) this.#onSession(session);
    if (!this.#records.canOpen) return;
    for (const record of this.#sealed.drain()) if (this.#isLive()) this.#onSealed(record, now);
  }

  #onSession(session: Session): void {
    this.#session = session;
    this.#setState("connected");
    for (const data of this.#unverified.drain()) {
      if (this.#state === "connected") this.#events.data(data);
    }
  }

  /** RFC 6347 section 4.2.4: who spoke last repeats it for who has not heard it. Nobody starts anew. */
  #onLateHandshake(content: Buffer, now: number): void {
    const type = content[0];
    if (type === messageType.finished && this.role === "server") this.#driver.repeat(now);
    const again = this.role === "client" ? messageType.helloRequest : messageType.clientHello;
    if (type === again) this.#alert("no_renegotiation", false);
  }

  #onAlert(alert: Alert | undefined): void {
    if (alert === undefined) return;
    if (alert.code === alertCodes.close_notify) this.close();
    else if (alert.isFatal) this.#setState("failed", refusedByRemote(alert));
  }

  #transmit(flight: Flight): void {
    if (flight.some(({ kind }) => kind === "change-cipher-spec")) this.#sentChangeCipherSpec = true;
    for (const datagram of packFlight(flight, this.#records, this.#options.maxDatagramBytes)) {
      if (this.#isLive()) this.#events.datagram(datagram);
    }
  }

  #alert(name: AlertName, isFatal: boolean): void {
    const content = encodeAlert(name, isFatal);
    const record = this.#sentChangeCipherSpec
      ? this.#records.sealed(contentType.alert, content)
      : this.#records.plain(contentType.alert, content);
    if (record !== undefined) this.#events.datagram(record);
  }

  #guarded(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    const reason = ConicError.from(error, "connection_failed");
    const { alert, by } = reason.details;
    if (by !== "remote") this.#alert(isAlertName(alert) ? alert : "internal_error", true);
    this.#setState("failed", reason);
  }

  #setState(state: DtlsState, error?: ConicError): void {
    if (this.#state === state || this.#state === "closed" || this.#state === "failed") return;
    this.#state = state;
    if (error === undefined) this.#events.state(state);
    else this.#events.state(state, error);
  }
}
