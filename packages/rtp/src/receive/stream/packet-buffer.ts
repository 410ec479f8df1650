import { ConicError } from "@conic/domain";
import type { RtpPacket } from "../../packet/packet.js";
import type { Vp8Payload } from "../../payload/vp8-parse.js";
import type { ReorderLimits } from "../config.js";

export interface BufferedPacket {
  readonly packet: RtpPacket;
  /** Of the datagram, which the packet keeps alive. */
  readonly bytes: number;
  readonly arrivedAt: number;
  /** Of video; undefined for padding, and where it cannot be read. */
  readonly vp8: Vp8Payload | undefined;
}

const defaultMaxPackets = 2_048;
/** A run of packets goes on over gaps of {@link maxJump}. */
const minMaxPackets = 1_024;

/** @throws ConicError `invalid_argument`. */
export function checkReorderLimits({ maxPackets = defaultMaxPackets }: ReorderLimits): void {
  if (maxPackets >= minMaxPackets && Number.isInteger(Math.log2(maxPackets))) return;
  throw new ConicError(
    "invalid_argument",
    `reorder.maxPackets is a power of two from ${minMaxPackets} on`,
    { details: { maxPackets } },
  );
}

/** Packets from `next` on by position: a ring. */
export class PacketBuffer {
  readonly #slots: (BufferedPacket | undefined)[];
  readonly #mask: number;
  readonly #maxBytes: number;
  #next: number;
  #bytes = 0;

  constructor(next: number, limits: ReorderLimits = {}) {
    const maxPackets = limits.maxPackets ?? defaultMaxPackets;
    this.#next = next;
    this.#slots = Array.from({ length: maxPackets }, () => undefined);
    this.#mask = maxPackets - 1;
    this.#maxBytes = limits.maxBytes ?? 4 * 1_048_576;
  }

  /** All before it were taken, or given up. */
  get next(): number {
    return this.#next;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether a packet of so many bytes may be added there. */
  fits(position: number, bytes: number): boolean {
    return position - this.#next <= this.#mask && this.#bytes + bytes <= this.#maxBytes;
  }

  get(position: number): BufferedPacket | undefined {
    return position - this.#next > this.#mask ? undefined : this.#slots[position & this.#mask];
  }

  /** At `next` or after it, where it fits. */
  add(position: number, packet: BufferedPacket): void {
    this.#slots[position & this.#mask] = packet;
    this.#bytes += packet.bytes;
  }

  /** Drops all before `position`, which is `next` from now on. */
  advance(position: number): void {
    const last = Math.min(position, this.#next + this.#mask + 1);
    for (let at = this.#next; at < last; at += 1) {
      const slot = this.#slots[at & this.#mask];
      if (slot === undefined) continue;
      this.#bytes -= slot.bytes;
      this.#slots[at & this.#mask] = undefined;
    }
    this.#next = position;
  }

  /** Makes room for packets before `next`, of which none was taken yet. Nothing that is there may fall out of the ring. */
  lower(position: number): void {
    this.#next = position;
  }
}
