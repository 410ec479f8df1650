import { distance } from "../wire/serial.js";
import type { SackReader } from "../wire/chunks/sack.js";
import { chunkState, isLimited, type SentChunk } from "./outbound.js";

/** Later packets that arrived before a packet counts as lost (RFC 9260 section 7.2.4, RFC 9002 section 6.1.1). */
const reorderingPackets = 3;
/** The same on a path where packets were seen to overtake others by as many. */
const maxReorderingPackets = 300;

export interface Acknowledged {
  /** Bytes that left the flight. */
  bytes: number;
  /** Whether anything was acknowledged for the first time. */
  progress: boolean;
  /** The latest packet that was acknowledged, of chunks that were sent once: for the round-trip time. */
  sampleSentAt: number;
  samplePacket: number;
  /** Whether a chunk that was sent again is among them: the ones sent before it may be lost. */
  repaired: boolean;
  /** Whether a large packet has arrived. */
  large: boolean;
  /** Chunks that counted as lost, and whose first copy arrived all the same. */
  late: number;
}

/** Chunks that have a TSN and are not acknowledged in a row, oldest first. */
export class Flight {
  #chunks: SentChunk[] = [];
  #head = 0;
  #cumulative: number;
  #bytes = 0;
  #dataBytes = 0;
  #latestAcknowledgedPacket = 0;
  #resentBefore = 0;
  #retransmitted = 0;
  #reorderingPackets = reorderingPackets;
  #abandoned = 0;

  constructor(initialTsn: number) {
    this.#cumulative = (initialTsn - 1) >>> 0;
  }

  /** The last TSN that was acknowledged with all before it. */
  get cumulative(): number {
    return this.#cumulative;
  }

  get nextTsn(): number {
    return (this.#cumulative + 1 + this.length) >>> 0;
  }

  get length(): number {
    return this.#chunks.length - this.#head;
  }

  /** Bytes in flight, as of the congestion window. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes of user data in flight, as of the remote's window. */
  get dataBytes(): number {
    return this.#dataBytes;
  }

  get latestAcknowledgedPacket(): number {
    return this.#latestAcknowledgedPacket;
  }

  add(chunk: SentChunk): void {
    this.#chunks.push(chunk);
    this.#enter(chunk);
  }

  /** Sent once more. */
  resend(chunk: SentChunk): void {
    chunk.transmissions += 1;
    chunk.state = chunkState.inFlight;
    this.#retransmitted += 1;
    this.#enter(chunk);
  }

  at(index: number): SentChunk | undefined {
    return this.#chunks[this.#head + index];
  }

  /** Where the chunk with this TSN is, or the first one when it is acknowledged in a row. */
  indexOf(tsn: number): number {
    return Math.max(0, distance(tsn, this.#cumulative) - 1);
  }

  /**
   * @param resentBefore - What was sent again after this time cannot have been acknowledged yet: the first copy was.
   * @returns undefined when the SACK is older than one before, or acknowledges what was never sent.
   */
  acknowledge(sack: SackReader, resentBefore: number): Acknowledged | undefined {
    const advance = distance(sack.cumulativeTsn, this.#cumulative);
    if (advance < 0 || advance > this.length) return undefined;
    const result: Acknowledged = {
      bytes: 0,
      progress: advance > 0,
      sampleSentAt: 0,
      samplePacket: 0,
      repaired: false,
      large: false,
      late: 0,
    };
    this.#resentBefore = resentBefore;
    const latestBefore = this.#latestAcknowledgedPacket;
    for (let index = 0; index < advance; index += 1) {
      const chunk = this.#chunks[this.#head + index];
      if (chunk !== undefined) this.#settle(chunk, result, latestBefore);
    }
    this.#drop(advance);
    this.#cumulative = sack.cumulativeTsn;
    // In order and apart, as they have to be; a remote that repeats them does not make this side look twice.
    let from = 1;
    for (let gap = 0; gap < sack.gaps; gap += 1) {
      const end = Math.min(sack.gapEnd(gap), this.length);
      for (let offset = Math.max(sack.gapStart(gap), from); offset <= end; offset += 1) {
        const chunk = this.#chunks[this.#head + offset - 1];
        if (chunk !== undefined && chunk.state !== chunkState.acknowledged) {
          this.#settle(chunk, result, latestBefore);
        }
      }
      from = Math.max(from, end + 1);
    }
    return result;
  }

  /** Whether packets were seen to overtake others. */
  get isReordered(): boolean {
    return this.#reorderingPackets > reorderingPackets;
  }

  /** Whether some chunk may be lost: what arrived is not what was sent first. */
  mayHaveLost(sack: SackReader, { repaired }: Acknowledged): boolean {
    return repaired || sack.gaps > 0 || this.#retransmitted > 0;
  }

  /**
   * Marks what is lost: sent three packets or a reordering time before something that arrived.
   * @returns when the next one will count as lost, if nothing else comes; undefined when none waits for that.
   */
  findLost(
    now: number,
    reorderingMs: number,
    lost: (chunk: SentChunk) => void,
  ): number | undefined {
    const latest = this.#latestAcknowledgedPacket;
    let nextAt: number | undefined;
    for (let at = this.#head; at < this.#chunks.length; at += 1) {
      const chunk = this.#chunks[at];
      if (chunk === undefined) break;
      if (chunk.packet >= latest) {
        // First copies are in the order of their TSNs: everything behind this one was sent later still.
        if (chunk.transmissions === 1) break;
        continue;
      }
      if (chunk.state !== chunkState.inFlight) continue;
      const lostAt = chunk.sentAt + reorderingMs;
      if (latest - chunk.packet >= this.#reorderingPackets || lostAt <= now) {
        this.leave(chunk, chunkState.lost);
        lost(chunk);
      } else if (nextAt === undefined || lostAt < nextAt) {
        nextAt = lostAt;
      }
    }
    return nextAt;
  }

  /** Marks everything that is in flight as lost; with `all` also what gap blocks had acknowledged. */
  loseAll(all: boolean, lost: (chunk: SentChunk) => void): void {
    for (let at = this.#head; at < this.#chunks.length; at += 1) {
      const chunk = this.#chunks[at];
      if (chunk === undefined) continue;
      if (chunk.state === chunkState.inFlight) {
        this.leave(chunk, chunkState.lost);
        lost(chunk);
      } else if (all && chunk.state === chunkState.acknowledged) {
        chunk.state = chunkState.lost;
        chunk.message.stream.outstanding += 1;
        lost(chunk);
      }
    }
  }

  /** The chunk is not in flight any more; not for one that is not. */
  leave(chunk: SentChunk, state: SentChunk["state"]): void {
    chunk.state = state;
    this.#bytes -= chunk.wireBytes;
    this.#dataBytes -= chunk.length;
    if (chunk.transmissions > 1) this.#retransmitted -= 1;
  }

  /** The chunk is given up, in whatever state it is. */
  abandon(chunk: SentChunk): void {
    if (chunk.state === chunkState.abandoned) return;
    // What a gap block acknowledged left its stream then.
    if (chunk.state !== chunkState.acknowledged) chunk.message.stream.outstanding -= 1;
    if (chunk.state === chunkState.inFlight) this.leave(chunk, chunkState.abandoned);
    else chunk.state = chunkState.abandoned;
    this.#abandoned += 1;
  }

  /** Whether it holds chunks that were given up. */
  get hasAbandoned(): boolean {
    return this.#abandoned > 0;
  }

  /**
   * How far the remote may be told to go on: over chunks that were given up, and over those between them that it has,
   * when their messages may be lost as well (it could still drop what gap blocks name).
   */
  advancedPoint(): number {
    let point = this.#cumulative;
    for (let index = 0; ; index += 1) {
      const chunk = this.at(index);
      if (chunk?.state === chunkState.abandoned) point = chunk.tsn;
      else if (chunk?.state !== chunkState.acknowledged || !isLimited(chunk.message)) return point;
    }
  }

  #enter(chunk: SentChunk): void {
    this.#bytes += chunk.wireBytes;
    this.#dataBytes += chunk.length;
  }

  #settle(chunk: SentChunk, result: Acknowledged, latestBefore: number): void {
    const { state } = chunk;
    if (state === chunkState.acknowledged) return;
    if (state === chunkState.inFlight) {
      this.leave(chunk, chunkState.acknowledged);
    } else {
      chunk.state = chunkState.acknowledged;
    }
    if (state === chunkState.abandoned) {
      this.#abandoned -= 1;
      return;
    }
    chunk.message.stream.outstanding -= 1;
    result.progress = true;
    result.bytes += chunk.wireBytes;
    if (chunk.large) result.large = true;
    const wasResent = chunk.transmissions > 1;
    if (!wasResent && chunk.packet < latestBefore) this.#onOvertaken(latestBefore - chunk.packet);
    if (isLate(chunk, state, this.#resentBefore)) result.late += 1;
    if (wasResent) result.repaired = true;
    // What counted as lost may have been acknowledged long ago, by a gap block that was not believed any more.
    else if (state === chunkState.inFlight && chunk.packet > result.samplePacket) {
      result.samplePacket = chunk.packet;
      result.sampleSentAt = chunk.sentAt;
    }
    if (chunk.packet <= this.#latestAcknowledgedPacket) return;
    if (wasResent && chunk.sentAt > this.#resentBefore) return;
    this.#latestAcknowledgedPacket = chunk.packet;
  }

  /** A packet arrived after so many later ones: the path reorders, and next time that is no loss. */
  #onOvertaken(packets: number): void {
    this.#reorderingPackets = Math.min(
      Math.max(this.#reorderingPackets, packets + 1),
      maxReorderingPackets,
    );
  }

  #drop(count: number): void {
    if (count === 0) return;
    this.#head += count;
    if (this.#head === this.#chunks.length) {
      this.#chunks = [];
      this.#head = 0;
    } else if (this.#head > 1_024 && this.#head * 2 > this.#chunks.length) {
      this.#chunks = this.#chunks.slice(this.#head);
      this.#head = 0;
    }
  }
}

/** An acknowledgement that comes sooner than a round trip after the second copy is one of the first. */
function isLate(
  { transmissions, sentAt }: SentChunk,
  state: SentChunk["state"],
  resentBefore: number,
): boolean {
  if (state === chunkState.lost) return transmissions === 1;
  return transmissions === 2 && sentAt > resentBefore;
}
