import type {
  CongestionController,
  CongestionControllerFactory,
  CongestionSample,
} from "../options.js";

/** RFC 9260 section 7.2, to the letter. */
class Reno implements CongestionController {
  #packetBytes: number;
  #window: number;
  #threshold: number = Number.POSITIVE_INFINITY;
  #partial = 0;

  constructor(packetBytes: number) {
    this.#packetBytes = packetBytes;
    this.#window = Math.min(4 * packetBytes, Math.max(2 * packetBytes, 4_404));
  }

  get window(): number {
    return this.#window;
  }

  get threshold(): number {
    return this.#threshold;
  }

  onAcked(ackedBytes: number, { windowLimited, inRecovery }: CongestionSample): void {
    if (!windowLimited) return;
    if (this.#window <= this.#threshold) {
      if (!inRecovery) this.#window += Math.min(ackedBytes, this.#packetBytes);
      return;
    }
    this.#partial += ackedBytes;
    if (this.#partial < this.#window) return;
    this.#partial -= this.#window;
    this.#window += this.#packetBytes;
  }

  onLoss(_sample: CongestionSample): void {
    this.#threshold = Math.max(this.#window / 2, 4 * this.#packetBytes);
    this.#window = this.#threshold;
    this.#partial = 0;
  }

  onTimeout(_sample: CongestionSample): void {
    this.#threshold = Math.max(this.#window / 2, 4 * this.#packetBytes);
    this.#window = this.#packetBytes;
    this.#partial = 0;
  }

  onPacketBytes(packetBytes: number): void {
    this.#packetBytes = packetBytes;
  }
}

/** Congestion control of RFC 9260: halves its window at every loss. */
export const reno: CongestionControllerFactory = (packetBytes) => new Reno(packetBytes);
