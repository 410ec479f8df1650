import { sequenceDelta } from "../packet/serial.js";
import type { HistoryLimits } from "./config.js";

export interface SentPacket {
  readonly sequenceNumber: number;
  readonly bytes: Uint8Array;
  readonly payloadBytes: number;
  readonly sentAt: number;
  /** When it was sent again; -∞ when it was not. */
  resentAt: number;
  /** The remote asked for it. */
  isMissed: boolean;
}

/** The last packets of one stream, for retransmission. They come in order, without gaps. */
export class SentPackets {
  readonly #maxPackets: number;
  readonly #maxBytes: number;
  readonly #maxAgeMs: number;
  /** Made with the first packet: many streams never keep one. */
  #ring: (SentPacket | undefined)[] = [];
  /** Counts of packets: those from `#first` to below `#end` are kept. */
  #first = 0;
  #end = 0;
  #last = 0;
  #bytes = 0;

  constructor(limits: HistoryLimits = {}) {
    this.#maxPackets = limits.maxPackets ?? 1_024;
    this.#maxBytes = limits.maxBytes ?? 4 * 1_048_576;
    this.#maxAgeMs = limits.maxAgeMs ?? 2_000;
  }

  get packets(): number {
    return this.#end - this.#first;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(sequenceNumber: number, bytes: Uint8Array, payloadBytes: number, now: number): void {
    if (this.packets > 0 && sequenceDelta(this.#last, sequenceNumber) !== 1) this.clear();
    if (this.packets === this.#maxPackets) this.#dropFirst();
    this.#ring[this.#end % this.#maxPackets] = {
      sequenceNumber,
      bytes,
      payloadBytes,
      sentAt: now,
      resentAt: Number.NEGATIVE_INFINITY,
      isMissed: false,
    };
    this.#end += 1;
    this.#last = sequenceNumber;
    this.#bytes += bytes.length;
    while (this.#bytes > this.#maxBytes) this.#dropFirst();
    this.expire(now);
  }

  get(sequenceNumber: number, now: number): SentPacket | undefined {
    const back = sequenceDelta(sequenceNumber, this.#last);
    if (back < 0 || back >= this.packets) return undefined;
    const packet = this.#ring[(this.#end - 1 - back) % this.#maxPackets];
    return packet === undefined || now - packet.sentAt > this.#maxAgeMs ? undefined : packet;
  }

  /** Drops what is too old. */
  expire(now: number): void {
    while (this.packets > 0) {
      const first = this.#ring[this.#first % this.#maxPackets];
      if (first !== undefined && now - first.sentAt <= this.#maxAgeMs) return;
      this.#dropFirst();
    }
  }

  clear(): void {
    this.#ring = [];
    this.#first = this.#end = this.#bytes = 0;
  }

  #dropFirst(): void {
    const at = this.#first % this.#maxPackets;
    this.#bytes -= this.#ring[at]?.bytes.length ?? 0;
    this.#ring[at] = undefined;
    this.#first += 1;
  }
}
