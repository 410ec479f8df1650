/** One message on its way out. */
export interface OutboundMessage {
  readonly stream: OutboundStream;
  readonly data: Uint8Array;
  readonly ppid: number;
  readonly unordered: boolean;
  readonly maxRetransmits: number;
  readonly expiresAt: number;
  /** Bytes that have a TSN. */
  sentBytes: number;
  /** Fragments that have a TSN. */
  fragments: number;
  /** Stream sequence number or message identifier, given with the first TSN. */
  number: number;
  firstTsn: number;
  abandoned: boolean;
}

/** Whether it may be given up. */
export function isLimited({ maxRetransmits, expiresAt }: OutboundMessage): boolean {
  return maxRetransmits !== Number.POSITIVE_INFINITY || expiresAt !== Number.POSITIVE_INFINITY;
}

export const chunkState = { inFlight: 0, acknowledged: 1, lost: 2, abandoned: 3 } as const;
export type ChunkState = (typeof chunkState)[keyof typeof chunkState];

/** One fragment that has a TSN. */
export interface SentChunk {
  readonly tsn: number;
  readonly message: OutboundMessage;
  readonly offset: number;
  readonly length: number;
  readonly fragment: number;
  /** Chunk header, data and padding: what it takes of the congestion window. */
  readonly wireBytes: number;
  /** Number of the packet that carried it last; packets are counted up, retransmissions too. */
  packet: number;
  sentAt: number;
  transmissions: number;
  /** Its last packet was larger than what every path carries. */
  large: boolean;
  state: ChunkState;
}

/** One outgoing stream: its queue and numbers. */
export class OutboundStream {
  readonly id: number;
  /** Weight in the turns that streams take (RFC 8831 section 6.4). */
  priority = 256;
  /** How much it has had of the association, by its weight: the least comes next. */
  pass = 0;
  /** No more messages; a reset follows once all is delivered. */
  closing = false;
  bufferedBytes = 0;
  /** Chunks that have a TSN and are neither acknowledged nor given up. */
  outstanding = 0;
  /** `bufferedBytes` went down since the owner was told. */
  drained = false;
  #queue: OutboundMessage[] = [];
  #head = 0;
  #nextOrdered = 0;
  #nextUnordered = 0;

  constructor(id: number) {
    this.id = id;
  }

  get first(): OutboundMessage | undefined {
    return this.#queue[this.#head];
  }

  get isFlushed(): boolean {
    return this.#head === this.#queue.length && this.outstanding === 0;
  }

  push(message: OutboundMessage): void {
    this.#queue.push(message);
    this.bufferedBytes += message.data.length;
  }

  /** Takes the first message out of the queue. */
  shift(): void {
    this.#head += 1;
    if (this.#head === this.#queue.length) {
      this.#queue = [];
      this.#head = 0;
    } else if (this.#head > 1_024 && this.#head * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
  }

  /** Drops all messages but the first ones. */
  clear(kept: number): void {
    this.#queue = this.#queue.slice(this.#head, this.#head + kept);
    this.#head = 0;
    this.bufferedBytes = 0;
    for (const { data, sentBytes } of this.#queue) this.bufferedBytes += data.length - sentBytes;
  }

  nextNumber(unordered: boolean, wide: boolean): number {
    const mask = wide ? 0xffff_ffff : 0xffff;
    if (!unordered) {
      const number = this.#nextOrdered;
      this.#nextOrdered = ((number + 1) & mask) >>> 0;
      return number;
    }
    // DATA numbers ordered messages only (RFC 9260 section 6.6).
    if (!wide) return 0;
    const number = this.#nextUnordered;
    this.#nextUnordered = (number + 1) >>> 0;
    return number;
  }

  /** The remote has confirmed a reset: numbers start anew. */
  restart(): void {
    this.#nextOrdered = 0;
    this.#nextUnordered = 0;
    this.closing = false;
  }
}
