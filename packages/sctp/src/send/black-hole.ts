import type { SentChunk } from "./outbound.js";

/** Large packets in a row, each with a chunk that was sent before, after which no chance explains their loss. */
const suspiciousPackets = 3;

/**
 * Notices that the path has stopped carrying large packets while small ones still arrive (RFC 8899 section 4.3):
 * timeouts do not tell, for each is followed by the progress that one small packet makes.
 */
export class BlackHole {
  #lost = 0;
  #lastPacket = 0;

  get isLikely(): boolean {
    return this.#lost >= suspiciousPackets;
  }

  onLost({ large, transmissions, packet }: SentChunk): void {
    if (!large || transmissions === 1 || packet === this.#lastPacket) return;
    this.#lastPacket = packet;
    this.#lost += 1;
  }

  /** A large packet arrived, or no more are sent. */
  reset(): void {
    this.#lost = 0;
  }
}
