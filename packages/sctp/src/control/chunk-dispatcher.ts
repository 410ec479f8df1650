import { ConicError } from "@conic/domain";
import type { AssociationEvents } from "../options.js";
import type { Receiver } from "../receive/receiver.js";
import type { Sender } from "../send/sender.js";
import { chunkType, dataFlag, errorCause } from "../wire/constants.js";
import { readForwardTsn } from "../wire/chunks/forward-tsn.js";
import { isPacket, PacketReader } from "../wire/packet-reader.js";
import { readParameters, writeChunk, writeParameter } from "../wire/parameters.js";
import { readReconfig } from "../wire/chunks/reconfig.js";
import { SackReader } from "../wire/chunks/sack.js";
import type { Handshake } from "./handshake.js";
import type { MtuProbe } from "./mtu-probe.js";
import type { Shutdown } from "./shutdown.js";
import type { StreamReset } from "./stream-reset.js";

/** Answers that wait to be sent at once: the remote decides how many it provokes. */
const maxAnswers = 16;
/** Largest heartbeat that is answered. */
const maxHeartbeatBytes = 65_000;
const maxReportBytes = 128;
/** Faults that one packet is worth: it may hold thousands of chunks. */
const maxFaultsPerPacket = 4;

export interface AssociationParts {
  readonly handshake: Handshake;
  readonly probe: MtuProbe;
  readonly shutdown: Shutdown;
  readonly sender: () => Sender | undefined;
  readonly receiver: () => Receiver | undefined;
  readonly reset: () => StreamReset | undefined;
  readonly interleaving: () => boolean;
  readonly remoteTag: () => number | undefined;
  readonly onAborted: (reason: string) => void;
  readonly onShutdown: () => void;
  readonly onShutdownComplete: () => void;
}

/** Takes packets apart and gives every chunk to the part that it concerns. */
export class ChunkDispatcher {
  readonly #localPort: number;
  readonly #tag: number;
  readonly #parts: AssociationParts;
  readonly #events: AssociationEvents;
  readonly #sack = new SackReader();
  #answers: Uint8Array[] = [];
  #faultsLeft = 0;
  remotePort: number;
  packetsReceived = 0;
  packetsDiscarded = 0;

  constructor(
    localPort: number,
    remotePort: number,
    tag: number,
    parts: AssociationParts,
    events: AssociationEvents,
  ) {
    this.#localPort = localPort;
    this.remotePort = remotePort;
    this.#tag = tag;
    this.#parts = parts;
    this.#events = events;
  }

  takeAnswers(): readonly Uint8Array[] {
    const answers = this.#answers;
    if (answers.length > 0) this.#answers = [];
    return answers;
  }

  receive(bytes: Uint8Array, now: number): void {
    const packet = isPacket(bytes) ? new PacketReader(bytes) : undefined;
    if (packet === undefined || !this.#isOurs(packet)) {
      this.packetsDiscarded += 1;
      return;
    }
    this.packetsReceived += 1;
    this.#faultsLeft = maxFaultsPerPacket;
    let hasData = false;
    while (packet.next()) {
      const isInterleaved = packet.type === chunkType.iData && this.#parts.interleaving();
      if (packet.type === chunkType.data || isInterleaved) {
        if (!this.#onData(packet)) return;
        hasData = true;
      } else if (!this.#onControl(packet, now)) {
        break;
      }
    }
    if (hasData) this.#parts.receiver()?.onDataPacket();
  }

  /** Whether a packet is a SHUTDOWN ACK of the remote. */
  isShutdownAck(bytes: Uint8Array): boolean {
    const packet = isPacket(bytes) ? new PacketReader(bytes) : undefined;
    if (packet === undefined || !this.#isOurs(packet) || !packet.next()) return false;
    return packet.type === chunkType.shutdownAck;
  }

  /** Ports, checksum and verification tag (RFC 9260 sections 6.8 and 8.5). */
  #isOurs(packet: PacketReader): boolean {
    if (packet.destinationPort !== this.#localPort) return false;
    if (packet.sourcePort !== this.remotePort) return false;
    const first = packet.view.getUint8(12);
    const isInit = first === chunkType.init;
    // RFC 9653 section 5.2: the handshake always has its checksum.
    const mayBeAbsent = !isInit && first !== chunkType.cookieEcho;
    if (!packet.hasChecksum(mayBeAbsent)) return false;
    const isReflected = packet.view.getUint8(13) === 1;
    // A remote that has forgotten the association sends back the tag it got (RFC 9260 section 8.5.1).
    if (isReflected && (first === chunkType.abort || first === chunkType.shutdownComplete)) {
      return packet.tag === this.#parts.remoteTag();
    }
    return packet.tag === (isInit ? 0 : this.#tag);
  }

  #onData(packet: PacketReader): boolean {
    this.#impliedCookieAck();
    const receiver = this.#parts.receiver();
    if (receiver === undefined) return false;
    const interleaved = packet.type === chunkType.iData;
    const header = interleaved ? 16 : 12;
    const { view, at, flags, length } = packet;
    if (length < header) {
      this.#fault(() => "a DATA chunk that is cut short");
      return true;
    }
    if (interleaved !== this.#parts.interleaving()) {
      throw new ConicError("invalid_message", "a DATA chunk where I-DATA was agreed on");
    }
    // RFC 9260 section 6.2: the end of the association.
    if (length === header) throw new ConicError("invalid_message", "a DATA chunk without data");
    const begin = (flags & dataFlag.begin) !== 0;
    const word = view.getUint32(at + header - 4);
    receiver.onFragment(
      {
        tsn: view.getUint32(at),
        streamId: view.getUint16(at + 4),
        unordered: (flags & dataFlag.unordered) !== 0,
        begin,
        end: (flags & dataFlag.end) !== 0,
        message: interleaved ? view.getUint32(at + 8) : view.getUint16(at + 6),
        fragmentNumber: interleaved && !begin ? word : 0,
        ppid: interleaved && !begin ? 0 : word,
        data: packet.bytes.subarray(at + header, at + length),
      },
      (flags & dataFlag.immediate) !== 0,
    );
    return true;
  }

  /** @returns whether the chunks behind it are to be read. */
  #onControl(packet: PacketReader, now: number): boolean {
    const { handshake, shutdown } = this.#parts;
    switch (packet.type) {
      case chunkType.sack:
        this.#onSack(packet, now);
        return true;
      case chunkType.init:
        // Nothing may travel with it (RFC 9260 section 4.3).
        if (packet.hasMore || !handshake.onInit(packet.value)) this.packetsDiscarded += 1;
        return false;
      case chunkType.initAck:
        if (!handshake.onInitAck(packet.value, now)) this.packetsDiscarded += 1;
        return false;
      case chunkType.cookieEcho:
        handshake.onCookieEcho(packet.value);
        return true;
      case chunkType.cookieAck:
        handshake.onCookieAck();
        return true;
      case chunkType.abort:
        this.#parts.onAborted(reasonOf(packet.value));
        return false;
      case chunkType.shutdown:
        if (this.#parts.sender() === undefined) return false;
        shutdown.onShutdown();
        this.#parts.onShutdown();
        return true;
      case chunkType.shutdownAck:
        shutdown.onShutdownAck();
        return true;
      case chunkType.shutdownComplete:
        this.#parts.onShutdownComplete();
        return false;
      default:
        return this.#onExtension(packet, now);
    }
  }

  #onExtension(packet: PacketReader, now: number): boolean {
    switch (packet.type) {
      case chunkType.heartbeat:
        if (packet.length <= maxHeartbeatBytes) {
          this.#answer(writeChunk(chunkType.heartbeatAck, 0, packet.value));
        }
        return true;
      case chunkType.heartbeatAck:
        this.#parts.probe.onAnswer(packet.view, packet.at, packet.length);
        return true;
      case chunkType.forwardTsn:
      case chunkType.iForwardTsn:
        this.#onForwardTsn(packet);
        return true;
      case chunkType.reconfig:
        this.#onReconfig(packet, now);
        return true;
      case chunkType.error:
        this.#fault(() => `the remote reports: ${reasonOf(packet.value)}`);
        return true;
      default:
        return this.#onUnknown(packet);
    }
  }

  #onSack(packet: PacketReader, now: number): void {
    this.#impliedCookieAck();
    const { view, at, length } = packet;
    if (this.#sack.read(view, at, length)) this.#parts.sender()?.onSack(this.#sack, now);
    else this.#fault(() => "a SACK that is cut short was ignored");
  }

  #onForwardTsn(packet: PacketReader): void {
    const interleaved = packet.type === chunkType.iForwardTsn;
    if (interleaved !== this.#parts.interleaving()) return;
    const forward = readForwardTsn(packet.value, interleaved);
    if (forward === undefined) this.#fault(() => "a FORWARD TSN that is cut short was ignored");
    else this.#parts.receiver()?.onForwardTsn(forward);
  }

  #onReconfig(packet: PacketReader, now: number): void {
    const parameters = readReconfig(packet.value);
    if (parameters === undefined) this.#fault(() => "a malformed RE-CONFIG was ignored");
    else this.#parts.reset()?.onParameters(parameters, now);
  }

  /** The two highest bits of its type say what to do (RFC 9260 section 3.2). */
  #onUnknown(packet: PacketReader): boolean {
    this.#fault(() => `a chunk of unknown type ${packet.type} was ignored`);
    if ((packet.type & 0x40) !== 0) {
      const report = writeParameter(
        errorCause.unrecognizedChunk,
        packet.whole.subarray(0, maxReportBytes),
      );
      this.#answer(writeChunk(chunkType.error, 0, report));
    }
    return (packet.type & 0x80) !== 0;
  }

  /** Data or acknowledgements of it can only come when the remote has our cookie: its COOKIE ACK was lost. */
  #impliedCookieAck(): void {
    if (this.#parts.handshake.awaitsCookieAck) this.#parts.handshake.onCookieAck();
  }

  #answer(chunk: Uint8Array): void {
    if (this.#answers.length < maxAnswers) this.#answers.push(chunk);
  }

  #fault(message: () => string): void {
    if (this.#faultsLeft === 0) return;
    this.#faultsLeft -= 1;
    this.#events.fault(new ConicError("invalid_message", message()));
  }
}

/** The causes in an ABORT or ERROR chunk, by number, and the text of those that have one. */
function reasonOf(value: Uint8Array): string {
  const causes = readParameters(value) ?? [];
  const told = causes.slice(0, 4).map(({ type, value: info }) => {
    const hasText = type === errorCause.userInitiated || type === errorCause.protocolViolation;
    const text = hasText ? new TextDecoder().decode(info.subarray(0, 256)) : "";
    return text === "" ? `cause ${type}` : text;
  });
  return told.length === 0 ? "no cause given" : told.join(", ");
}
