import type { RtpPacket } from "../../packet/packet.js";

/** A packet, and what it needs to be taken in later. */
export interface HeldPacket {
  readonly packet: RtpPacket;
  readonly bytes: number;
}

/**
 * Tells a stray packet from a new run of sequence numbers: that has two in a row (RFC 3550 appendix A.1). The first is
 * held for so long.
 */
export class RunGuard {
  #held: HeldPacket | undefined;

  /** A packet far from the run: the one that was held when both begin a new run, else it is held itself. */
  confirm(packet: RtpPacket, bytes: number): HeldPacket | undefined {
    const held = this.#held;
    const before = (packet.sequenceNumber - 1) & 0xffff;
    if (held?.packet.sequenceNumber === before && held.packet.ssrc === packet.ssrc) {
      this.#held = undefined;
      return held;
    }
    this.#held = { packet, bytes };
    return undefined;
  }
}
