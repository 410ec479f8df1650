/** Share of the bandwidth that RTCP takes (RFC 3550 section 6.2). */
const share = 0.05;
/** Both ends report. */
const members = 2;
/** Less traffic counts as so much: 64 kbit/s. */
const minBytesPerSecond = 8_000;
const minIntervalMs = 250;
const maxAudioIntervalMs = 2_500;
const maxVideoIntervalMs = 1_000;
const firstMs = 100;
const initialPacketBytes = 120;

/** When the next report is due: RFC 3550 section 6.2 without its minimum, as RFC 4585 section 3.4 allows. */
export class ReportSchedule {
  readonly #randomUint32: () => number;
  #dueAt: number | undefined;
  #lastAt = 0;
  #lastBytes = 0;
  /** Smoothed (RFC 3550 section 6.3.3). */
  #packetBytes = initialPacketBytes;

  constructor(randomUint32: () => number) {
    this.#randomUint32 = randomUint32;
  }

  get dueAt(): number | undefined {
    return this.#dueAt;
  }

  /** Something is sent or received: the first report is due soon. */
  start(now: number): void {
    if (this.#dueAt !== undefined) return;
    this.#lastAt = now;
    this.#dueAt = now + this.#spread(firstMs);
  }

  stop(): void {
    this.#dueAt = undefined;
  }

  onReportSent(bytes: number): void {
    this.#packetBytes += (bytes - this.#packetBytes) / 16;
  }

  /** @param trafficBytes sent and received since the beginning */
  next(hasVideo: boolean, trafficBytes: number, now: number): void {
    const seconds = Math.max(now - this.#lastAt, 1) / 1_000;
    const rate = Math.max((trafficBytes - this.#lastBytes) / seconds, minBytesPerSecond);
    this.#lastAt = now;
    this.#lastBytes = trafficBytes;
    const wanted = ((this.#packetBytes * members) / (share * rate)) * 1_000;
    const max = hasVideo ? maxVideoIntervalMs : maxAudioIntervalMs;
    this.#dueAt = now + this.#spread(Math.min(Math.max(wanted, minIntervalMs), max));
  }

  /** 0.5 to 1.5 times: reports of several ends do not fall together. */
  #spread(ms: number): number {
    return ms * (0.5 + this.#randomUint32() / 2 ** 32);
  }
}
