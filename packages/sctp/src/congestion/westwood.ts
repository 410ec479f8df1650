import type {
  CongestionController,
  CongestionControllerFactory,
  CongestionSample,
} from "../options.js";

const initialPackets = 10;
const minPackets = 4;
const sampleMs = 50;
const newSampleWeight = 0.25;

/**
 * TCP Westwood+ (Grieco and Mascolo, 2004): growth as in RFC 9260, but after a loss the window becomes what the
 * path was measured to carry (bandwidth times smallest round trip) instead of half of what it was; never less than
 * that half. Where a queue overflowed, that empties the queue; where a packet was lost by chance, as on radio
 * links, it hardly slows down. After a timeout it starts over like every other.
 */
class Westwood implements CongestionController {
  #packetBytes: number;
  #window: number;
  #threshold: number = Number.POSITIVE_INFINITY;
  #credit = 0;
  #before = { window: 0, threshold: 0 };
  /** Bytes per ms. */
  #bandwidth = 0;
  #sampleStart = -1;
  #sampleBytes = 0;

  constructor(packetBytes: number) {
    this.#packetBytes = packetBytes;
    this.#window = initialPackets * packetBytes;
  }

  get window(): number {
    return this.#window;
  }

  get threshold(): number {
    return this.#threshold;
  }

  onAcked(ackedBytes: number, sample: CongestionSample): void {
    this.#measure(ackedBytes, sample);
    // RFC 9260 section 7.2.1: growth only of a window that was the limit.
    if (!sample.windowLimited) return;
    if (this.#window < this.#threshold) {
      if (!sample.inRecovery) this.#window += ackedBytes;
      return;
    }
    this.#credit += ackedBytes;
    if (this.#credit < this.#window) return;
    this.#credit -= this.#window;
    this.#window += this.#packetBytes;
  }

  onLoss(sample: CongestionSample): void {
    this.#before = { window: this.#window, threshold: this.#threshold };
    this.#threshold = this.#afterLoss(sample);
    this.#window = Math.min(this.#window, this.#threshold);
    this.#credit = 0;
  }

  onSpuriousLoss(): void {
    this.#window = Math.max(this.#window, this.#before.window);
    this.#threshold = Math.max(this.#threshold, this.#before.threshold);
  }

  onTimeout(sample: CongestionSample): void {
    this.#threshold = this.#afterLoss(sample);
    this.#window = this.#packetBytes;
    this.#credit = 0;
    this.#sampleStart = -1;
  }

  onPacketBytes(packetBytes: number): void {
    if (packetBytes > this.#packetBytes) {
      this.#window = Math.max(this.#window, initialPackets * packetBytes);
    }
    this.#packetBytes = packetBytes;
  }

  #afterLoss({ minRttMs }: CongestionSample): number {
    const carried = this.#bandwidth * minRttMs;
    return Math.max(carried, this.#window / 2, minPackets * this.#packetBytes);
  }

  /** One sample per round trip at most: acknowledgements come in bursts. */
  #measure(ackedBytes: number, { now, smoothedRttMs }: CongestionSample): void {
    if (this.#sampleStart < 0) {
      this.#sampleStart = now;
      this.#sampleBytes = 0;
      return;
    }
    this.#sampleBytes += ackedBytes;
    const elapsed = now - this.#sampleStart;
    if (elapsed < Math.max(smoothedRttMs, sampleMs)) return;
    const rate = this.#sampleBytes / elapsed;
    this.#bandwidth =
      this.#bandwidth === 0 ? rate : this.#bandwidth + newSampleWeight * (rate - this.#bandwidth);
    this.#sampleStart = now;
    this.#sampleBytes = 0;
  }
}

/** Congestion control that tells chance from congestion: the default. */
export const westwood: CongestionControllerFactory = (packetBytes) => new Westwood(packetBytes);
