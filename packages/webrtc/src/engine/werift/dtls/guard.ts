import { setTimeout as delay } from "node:timers/promises";
import { authenticate, type HandshakeRecord } from "./authenticate.js";
import type { WeriftDtlsTransport } from "../vendor.js";

/** Private parts of werift 0.25.2's DTLS socket that the guard needs. */
interface DtlsInternals extends HandshakeRecord {
  readonly transport: { readonly socket: { onData: (datagram: Buffer) => void } };
  readonly dtls: HandshakeRecord["dtls"] & { readonly flight: number };
  waitForReady(condition: () => boolean): Promise<void>;
  onHandleHandshakes(messages: readonly HandshakeMessage[]): Promise<void>;
}

interface HandshakeMessage {
  readonly msg_type: number;
  readonly fragment: Buffer;
}

interface TransportInternals {
  verifyRemoteCertificateFingerprint(): void;
}

const finishedMessage = 20;

const handshakeRecord = 22;
const recordHeaderBytes = 13;
const clientSession = 1;
const readyTries = 90;
const readyPollMs = 50;

/** The records of a datagram that `keep` wants, by content type and epoch (RFC 6347 section 4.1). */
export function filterRecords(
  datagram: Buffer,
  keep: (type: number, epoch: number) => boolean,
): Buffer {
  const kept: Buffer[] = [];
  for (let at = 0; at + recordHeaderBytes <= datagram.length;) {
    const end = at + recordHeaderBytes + datagram.readUInt16BE(at + 11);
    if (end > datagram.length) break;
    if (keep(datagram.readUInt8(at), datagram.readUInt16BE(at + 3))) {
      kept.push(datagram.subarray(at, end));
    }
    at = end;
  }
  return Buffer.concat(kept);
}

/**
 * Whether a record may reach werift's DTLS.
 *
 * A second copy of the server's flight, which any slow path causes, makes its client choose new keys in the middle
 * of the handshake or after it; and one unprotected record from anybody who reaches the port resets or closes an
 * established connection. What is protected is passed on: only the remote can have made it.
 */
export function mayPass(
  record: { readonly type: number; readonly epoch: number },
  session: { readonly isClient: boolean; readonly flight: number; readonly connected: boolean },
): boolean {
  if (record.epoch > 0) return true;
  if (session.connected) return false;
  return !(session.isClient && session.flight >= 5 && record.type === handshakeRecord);
}

function isClient(socket: DtlsInternals): boolean {
  return socket.sessionType === clientSession;
}

/**
 * Puts {@link mayPass} in front of the DTLS of a transport and {@link authenticate} at the end of its handshake;
 * before it starts. `onUnauthentic` is told when the remote did not prove who it is: the transport fails then.
 */
export function guardDtls(
  transport: WeriftDtlsTransport,
  onUnauthentic: (error: unknown) => void,
): void {
  if (guarded.has(transport)) return;
  guarded.add(transport);
  let remoteVerifyData: Buffer | undefined;
  const internals = transport as unknown as TransportInternals;
  const compareFingerprint = internals.verifyRemoteCertificateFingerprint.bind(transport);
  internals.verifyRemoteCertificateFingerprint = () => {
    try {
      compareFingerprint();
      authenticate(transport.dtls as unknown as HandshakeRecord, remoteVerifyData);
    } catch (error) {
      onUnauthentic(error);
      throw error;
    }
  };
  transport.onStateChange.subscribe((state) => {
    // werift makes the socket right after it announced this state.
    if (state === "connecting") queueMicrotask(wrap);
  });
  const wrap = (): void => {
    const socket = transport.dtls as unknown as DtlsInternals | undefined;
    if (socket === undefined) return;
    socket.waitForReady = (condition) => waitForReady(transport, socket, condition);
    const handle = socket.onHandleHandshakes.bind(socket);
    socket.onHandleHandshakes = (messages) => {
      const finished = messages.find(({ msg_type }) => msg_type === finishedMessage);
      if (finished !== undefined) remoteVerifyData = finished.fragment;
      return handle(messages);
    };
    const { onData } = socket.transport.socket;
    socket.transport.socket.onData = (datagram) => {
      const session = {
        isClient: isClient(socket),
        flight: socket.dtls.flight,
        connected: transport.state === "connected",
      };
      const passed = filterRecords(datagram, (type, epoch) => mayPass({ type, epoch }, session));
      if (passed.length > 0) onData(passed);
    };
  };
}

/**
 * As werift's own: what comes out of turn waits for what comes before it. But what still waits when the flight was
 * answered from a second copy, or when the transport was closed, is forgotten, not answered again.
 */
async function waitForReady(
  transport: WeriftDtlsTransport,
  socket: DtlsInternals,
  condition: () => boolean,
): Promise<void> {
  const isOver = (): boolean =>
    transport.state !== "connecting" || (isClient(socket) && socket.dtls.flight >= 5);
  if (condition()) return;
  for (let tries = 0; tries < readyTries; tries += 1) {
    await delay(readyPollMs);
    if (isOver()) return new Promise(() => undefined);
    if (condition()) return;
  }
  throw new Error("a flight of the DTLS handshake is incomplete");
}

/** Ends the repetition of flights, which closing does not end: at the latest when the next one would be due. */
export function stopFlights(transport: WeriftDtlsTransport): void {
  const socket = transport.dtls as unknown as DtlsInternals | undefined;
  if (socket === undefined) return;
  // A handshake that is about to start sets it once more, so assigning it is not enough.
  Object.defineProperty(socket.dtls, "flight", {
    get: () => Infinity,
    set: (_flight: number) => {
      // Nothing starts any more.
    },
  });
}

const guarded = new WeakSet<WeriftDtlsTransport>();
