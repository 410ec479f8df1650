import type { CongestionController, CongestionSample } from "../options.js";
import { packetHeaderBytes, padded } from "../wire/constants.js";
import type { PacketWriter } from "../wire/packet-writer.js";
import type { SackReader } from "../wire/chunks/sack.js";
import { BlackHole } from "./black-hole.js";
import { askForSack, chunkBytes, headerBytes, writeData } from "./data-writer.js";
import { Flight } from "./flight.js";
import {
  chunkState,
  type OutboundMessage,
  type OutboundStream,
  type SentChunk,
} from "./outbound.js";
import { PartialReliability } from "./partial/partial-reliability.js";
import { RecoveryUndo } from "./recovery-undo.js";
import { Retransmissions } from "./retransmissions.js";
import type { RttEstimator } from "./rtt.js";
import { Scheduler } from "./scheduler.js";

/** Chunks without an acknowledgement at most: a gap block names no TSN further off than 65,535. */
const maxChunks = 60_000;
/** The same of DATA: of 65,536 stream sequence numbers a receiver can tell the next 32,768 from the past ones. */
const maxDataChunks = 32_000;
/** A message is split to fill a packet only when this much of it fits. */
const minFragmentBytes = 128;
/** A message with a lifetime of 0 has the rest of its turn to be sent. */
const graceMs = 1;
/** Timeouts in a row after which acknowledgements by gap blocks are not believed any more. */
const disbeliefTimeouts = 3;

export interface SenderOptions {
  readonly initialTsn: number;
  readonly remoteWindow: number;
  readonly interleaving: boolean;
  readonly partialReliability: boolean;
  /** Size that packets fall back to: no chunk is larger than what fits it. */
  readonly basePacketBytes: number;
  readonly congestion: CongestionController;
  readonly rtt: RttEstimator;
}

/** The sending half of an association: from messages to chunks, and what becomes of them. */
export class Sender {
  readonly #options: SenderOptions;
  readonly #congestion: CongestionController;
  readonly #rtt: RttEstimator;
  readonly #flight: Flight;
  readonly #lost = new Retransmissions();
  readonly #undo = new RecoveryUndo();
  readonly #scheduler: Scheduler;
  readonly #partial: PartialReliability;
  readonly #maxFragmentBytes: number;
  readonly #maxChunks: number;
  #remoteWindow: number;
  #packet = 0;
  #recoveryPacket = 0;
  #windowLimited = false;
  /** A packet that may go out whatever the windows say. */
  #probe = false;
  #timeoutAt: number | undefined;
  #lossAt: number | undefined;
  #timeoutsInARow = 0;
  #drained: OutboundStream[] = [];
  /** Reset it once no large packets are sent any more. */
  readonly blackHole: BlackHole = new BlackHole();
  timeouts = 0;
  retransmissions = 0;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#congestion = options.congestion;
    this.#rtt = options.rtt;
    this.#remoteWindow = options.remoteWindow;
    this.#flight = new Flight(options.initialTsn);
    const header = packetHeaderBytes + headerBytes(options.interleaving);
    this.#maxFragmentBytes = (options.basePacketBytes - header) & ~3;
    this.#maxChunks = options.interleaving ? maxChunks : maxDataChunks;
    this.#scheduler = new Scheduler(options.interleaving, this.#maxFragmentBytes);
    this.#partial = new PartialReliability(this.#flight, options.interleaving);
  }

  get flightBytes(): number {
    return this.#flight.bytes;
  }

  get remoteWindow(): number {
    return this.#remoteWindow;
  }

  get lastTsn(): number {
    return (this.#flight.nextTsn - 1) >>> 0;
  }

  get cumulativeTsn(): number {
    return this.#flight.cumulative;
  }

  get abandonedMessages(): number {
    return this.#partial.abandonedMessages;
  }

  get timeoutsInARow(): number {
    return this.#timeoutsInARow;
  }

  /** Whether all that was handed in is acknowledged or given up. */
  get isIdle(): boolean {
    return this.#scheduler.isEmpty && this.#flight.length === 0;
  }

  get nextTimeout(): number | undefined {
    if (this.#lossAt === undefined) return this.#timeoutAt;
    return Math.min(this.#lossAt, this.#timeoutAt ?? this.#lossAt);
  }

  push(message: OutboundMessage): void {
    const { stream } = message;
    const wasEmpty = stream.first === undefined;
    stream.push(message);
    if (wasEmpty) this.#scheduler.activate(stream);
  }

  /** A stream that got messages before this was made. */
  adopt(stream: OutboundStream): void {
    if (stream.first !== undefined) this.#scheduler.activate(stream);
  }

  /** Drops what has no TSN yet of a stream; a message that is on its way in part goes on. */
  discard(stream: OutboundStream): void {
    const started = (stream.first?.sentBytes ?? 0) > 0;
    stream.clear(started ? 1 : 0);
    if (stream.first === undefined) this.#scheduler.deactivate(stream);
  }

  /** Streams of which less is buffered than when this was called before. */
  takeDrained(): readonly OutboundStream[] {
    if (this.#drained.length === 0) return this.#drained;
    const drained = this.#drained;
    this.#drained = [];
    for (const stream of drained) stream.drained = false;
    return drained;
  }

  /** Whether something may go out now. */
  mayWrite(now: number): boolean {
    if (this.#partial.isDue(now, this.#rtt.smoothed)) return true;
    if (this.#lost.first !== undefined) return this.#probe || this.#hasWindow();
    return this.#nextMessage(now) !== undefined && this.#mayAdd();
  }

  /**
   * Writes as many chunks as fit the packet and the windows.
   */
  write(writer: PacketWriter, now: number): void {
    this.#partial.write(writer, now, this.#rtt.smoothed, this.#options.partialReliability);
    const before = this.#flight.bytes;
    this.#packet += 1;
    if (!this.#writeLost(writer, now)) return;
    this.#writeNew(writer, now);
    if (this.#flight.bytes > before) this.#timeoutAt ??= now + this.#rtt.timeout;
  }

  onSack(sack: SackReader, now: number): void {
    const flightBefore = this.#flight.bytes;
    const resentBefore = now - this.#rtt.smallest;
    const result = this.#flight.acknowledge(sack, resentBefore);
    if (result === undefined) return;
    if (result.samplePacket > 0) this.#rtt.onSample(now - result.sampleSentAt);
    if (result.large) this.blackHole.reset();
    if (result.late > 0 && this.#undo.late(result.late)) {
      this.#recoveryPacket = 0;
      this.#congestion.onSpuriousLoss?.();
    }
    this.#remoteWindow = sack.receiveWindow;
    // The remote is there, it only takes nothing (RFC 9260 section 6.1).
    if (sack.receiveWindow === 0) this.#timeoutsInARow = 0;
    if (result.progress) {
      this.#timeoutsInARow = 0;
      this.#probe = false;
      this.#rtt.onProgress();
      if (result.bytes > 0) {
        this.#congestion.onAcked(result.bytes, this.#sample(now, flightBefore));
      }
      this.#timeoutAt = this.#flight.length > 0 ? now + this.#rtt.timeout : undefined;
    }
    if (this.#flight.mayHaveLost(sack, result)) this.#findLost(now, flightBefore);
    else this.#lossAt = undefined;
    this.#partial.onAcknowledged();
    if (this.#flight.length === 0) this.#timeoutAt = undefined;
  }

  /** Runs what is due. */
  advance(now: number): void {
    if (this.#lossAt !== undefined && this.#lossAt <= now) this.#findLost(now, this.#flight.bytes);
    if (this.#timeoutAt === undefined || this.#timeoutAt > now) return;
    this.#onTimeout(now);
  }

  /** The path is another one: what was measured does not hold. */
  onPathChange(now: number): void {
    if (this.#timeoutAt !== undefined) this.#timeoutAt = now;
  }

  #onTimeout(now: number): void {
    this.timeouts += 1;
    this.#timeoutsInARow += 1;
    this.#rtt.onTimeout();
    this.#timeoutAt = this.#flight.length > 0 ? now + this.#rtt.timeout : undefined;
    this.#probe = true;
    this.#partial.repeat();
    if (this.#timeoutsInARow === 1) {
      // As a tail loss probe (RFC 8985 section 7): mostly the last packets or their acknowledgement were lost.
      this.#loseOldest(now);
      return;
    }
    this.#undo.end();
    this.#congestion.onTimeout(this.#sample(now, this.#flight.bytes));
    this.#recoveryPacket = this.#packet;
    this.#flight.loseAll(this.#timeoutsInARow >= disbeliefTimeouts, (chunk) => {
      this.#onLost(chunk, now);
    });
    this.#lossAt = undefined;
  }

  #loseOldest(now: number): void {
    for (let index = 0; ; index += 1) {
      const chunk = this.#flight.at(index);
      if (chunk === undefined) return;
      if (chunk.state !== chunkState.inFlight) continue;
      this.#flight.leave(chunk, chunkState.lost);
      this.#onLost(chunk, now);
      return;
    }
  }

  #findLost(now: number, flightBefore: number): void {
    const reorderingMs = this.#rtt.lossDelay(this.#flight.isReordered);
    let newest = 0;
    let count = 0;
    this.#lossAt = this.#flight.findLost(now, reorderingMs, (chunk) => {
      newest = Math.max(newest, chunk.packet);
      count += 1;
      this.#onLost(chunk, now);
    });
    // Once per round trip: what was sent before the last reduction does not count again.
    if (newest <= this.#recoveryPacket) return;
    this.#recoveryPacket = this.#packet;
    this.#undo.begin(count);
    this.#congestion.onLoss(this.#sample(now, flightBefore));
  }

  #onLost(chunk: SentChunk, now: number): void {
    const { message } = chunk;
    this.blackHole.onLost(chunk);
    this.#undo.lost();
    const isOver = chunk.transmissions > message.maxRetransmits || message.expiresAt <= now;
    if (isOver && this.#options.partialReliability) this.#abandon(message);
    else this.#lost.add(chunk);
  }

  #abandon(message: OutboundMessage): void {
    if (message.abandoned) return;
    const isQueued = message.sentBytes < message.data.length;
    this.#partial.abandon(message);
    if (!isQueued) return;
    this.#drain(message.stream, message.data.length - message.sentBytes);
    this.#scheduler.abandon(message);
  }

  /** @returns whether there is room for more in the packet. */
  #writeLost(writer: PacketWriter, now: number): boolean {
    const { interleaving } = this.#options;
    for (let chunk = this.#lost.first; chunk !== undefined; chunk = this.#lost.first) {
      if (chunk.wireBytes > writer.room) return false;
      if (!this.#probe && !this.#hasWindow()) return false;
      this.#lost.shift();
      chunk.packet = this.#packet;
      chunk.sentAt = now;
      this.#flight.resend(chunk);
      this.retransmissions += 1;
      writeData(writer, chunk, interleaving, this.#probe);
      chunk.large = writer.length > this.#options.basePacketBytes;
      this.#timeoutAt ??= now + this.#rtt.timeout;
      if (this.#probe) {
        this.#probe = false;
        return false;
      }
    }
    return true;
  }

  #writeNew(writer: PacketWriter, now: number): void {
    const { interleaving } = this.#options;
    const header = headerBytes(interleaving);
    let lastAt: number | undefined;
    for (;;) {
      const message = this.#nextMessage(now);
      if (message === undefined) {
        this.#windowLimited = false;
        // Nothing else makes the remote answer: a lost tail is noticed, and a flush ends, a round trip later.
        if (lastAt !== undefined) askForSack(writer, lastAt);
        return;
      }
      const room = writer.room - header;
      const left = message.data.length - message.sentBytes;
      let length = left < this.#maxFragmentBytes ? left : this.#maxFragmentBytes;
      if (padded(length) > room) {
        if (room < minFragmentBytes) return;
        length = room & ~3;
      }
      if (!this.#mayAdd()) return;
      const chunk = this.#assign(message, length, now);
      lastAt = writeData(writer, chunk, interleaving, false);
      chunk.large = writer.length > this.#options.basePacketBytes;
      this.#drain(message.stream, length);
      this.#scheduler.onSent(message, length);
    }
  }

  #assign(message: OutboundMessage, length: number, now: number): SentChunk {
    const { interleaving } = this.#options;
    const tsn = this.#flight.nextTsn;
    if (message.fragments === 0) {
      message.number = message.stream.nextNumber(message.unordered, interleaving);
      message.firstTsn = tsn;
    }
    const chunk: SentChunk = {
      tsn,
      message,
      offset: message.sentBytes,
      length,
      fragment: message.fragments,
      wireBytes: chunkBytes(length, interleaving),
      packet: this.#packet,
      sentAt: now,
      transmissions: 1,
      large: false,
      state: chunkState.inFlight,
    };
    message.sentBytes += length;
    message.fragments += 1;
    message.stream.outstanding += 1;
    this.#flight.add(chunk);
    return chunk;
  }

  /** The message whose turn it is; those that are too old by now are dropped. */
  #nextMessage(now: number): OutboundMessage | undefined {
    for (;;) {
      const message = this.#scheduler.next()?.first;
      if (message === undefined) return undefined;
      if (message.expiresAt + graceMs > now || !this.#options.partialReliability) return message;
      if (message.sentBytes > 0) {
        this.#abandon(message);
        continue;
      }
      const { stream } = message;
      this.#drain(stream, message.data.length);
      this.#partial.abandonedMessages += 1;
      this.#scheduler.remove(stream);
    }
  }

  #drain(stream: OutboundStream, bytes: number): void {
    stream.bufferedBytes -= bytes;
    if (stream.drained) return;
    stream.drained = true;
    this.#drained.push(stream);
  }

  #hasWindow(): boolean {
    this.#windowLimited = this.#flight.bytes >= this.#congestion.window;
    return !this.#windowLimited;
  }

  #mayAdd(): boolean {
    if (this.#flight.length >= this.#maxChunks) return false;
    if (!this.#hasWindow()) return false;
    // With nothing in flight one chunk may go out against a closed window (RFC 9260 section 6.1).
    return this.#flight.dataBytes < this.#remoteWindow || this.#flight.length === 0;
  }

  #sample(now: number, flight: number): CongestionSample {
    return {
      now,
      flight,
      windowLimited: this.#windowLimited,
      smoothedRttMs: this.#rtt.smoothed,
      minRttMs: this.#rtt.smallest,
      inRecovery: this.#flight.latestAcknowledgedPacket < this.#recoveryPacket,
    };
  }
}
