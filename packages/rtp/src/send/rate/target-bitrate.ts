import { ConicError } from "@conic/domain";
import { LeastRoundTrip } from "./least-round-trip.js";

/** Draft-ietf-rmcat-gcc-02 section 6. */
const highLoss = 0.1;
const lowLoss = 0.02;
/** A second: reports of video come about that often, and more often than that the rate does not grow. */
const growthPerSecond = 1.08;
/** Fewer packets say nothing: one of ten that is lost is no path that loses 10 %. */
const minPackets = 20;
/** Another step down before the remote has seen the last one would be for the same loss. */
const minLoweringMs = 300;
/** A round trip so much above the least is a queue that fills: a path that is too thin, but does not lose yet. */
const maxQueueMs = 250;
/** What GCC does when delay grows (section 5.5). */
const queueFactor = 0.85;
/** What a remote estimates is about what it gets: only so far below what is sent it says something of its own. */
const lowEstimate = 0.5;
/** The same on a path that loses packets, or where a queue begins to fill. */
const lowStrainedEstimate = 0.8;
const strainedMs = 100;
/** Below, pictures are not worth sending. */
const minBitrate = 100_000;
export const defaultMaxBitrate = 2_500_000;

/** What a report of the remote says about the packets since the one before. */
export interface PathReport {
  readonly packets: number;
  /** Of these; also those that came when they were sent again. */
  readonly lost: number;
  readonly roundTripMs: number | undefined;
}

/**
 * How many bits a second to send, by what gets lost: the loss-based controller of a sender of Google congestion control
 * (draft-ietf-rmcat-gcc-02 section 6). More than 10 % lost lowers the rate by half of the share that is lost, less than
 * 2 % raises it by 8 % a second, and in between it stays; never above what the remote says that it can take (REMB).
 * Pure: time is an input.
 */
export class TargetBitrate {
  #max: number;
  /** By loss; what the remote says is another bound. */
  #estimate: number;
  #remoteMax = Number.POSITIVE_INFINITY;
  /** When the remote told its maximum last. */
  #sentBefore = Number.POSITIVE_INFINITY;
  #packets = 0;
  #lost = 0;
  #raisedAt: number | undefined;
  #loweredAt = Number.NEGATIVE_INFINITY;
  /** By the last report. */
  #isStrained = false;
  /** In a row. */
  #lateReports = 0;
  readonly #least = new LeastRoundTrip();

  /**
   * @param max bits a second, which is also where it begins
   * @throws ConicError `invalid_argument`.
   */
  constructor(max: number = defaultMaxBitrate) {
    this.#max = checked(max);
    this.#estimate = max;
  }

  /** Bits a second: 100,000, or the maximum where that is less, to the maximum. */
  get value(): number {
    return Math.round(this.#bounded(Math.min(this.#estimate, this.#remoteMax)));
  }

  /** @throws ConicError `invalid_argument`. */
  set max(max: number) {
    checked(max);
    // Nothing kept it from more so far.
    if (this.#estimate === this.#max) this.#estimate = max;
    this.#max = max;
    this.#estimate = this.#bounded(this.#estimate);
  }

  /**
   * REMB, in bits a second. Remotes work it out of what they get: at most 1.5 times that, and less when frames come
   * unevenly. To believe that of a sender that has little to send, or a slow encoder, would lower the rate for ever; so
   * only an estimate clearly below what is sent lowers it: half of it, or 80 % where reports tell of loss or a queue.
   * @param sent bits of the last second
   */
  onRemoteMax(bitrate: number, sent: number): void {
    const steadily = Math.min(sent, this.#sentBefore);
    this.#sentBefore = sent;
    const low = (this.#isStrained ? lowStrainedEstimate : lowEstimate) * steadily;
    if (bitrate < this.#remoteMax && bitrate >= low) return;
    this.#remoteMax = bitrate;
  }

  onReport({ packets, lost, roundTripMs }: PathReport, now: number): void {
    this.#packets += packets;
    this.#lost += lost;
    const excess = roundTripMs === undefined ? 0 : this.#least.excess(roundTripMs, now);
    this.#lateReports = excess > maxQueueMs ? this.#lateReports + 1 : 0;
    if (this.#packets < minPackets) return;
    const loss = Math.min(1, this.#lost / this.#packets);
    this.#isStrained = loss >= lowLoss || excess > strainedMs;
    // A single one is a process that was busy.
    const isQueueing = this.#lateReports > 1;
    if (loss > highLoss || isQueueing) {
      if (now - this.#loweredAt < minLoweringMs + (roundTripMs ?? 0)) return;
      this.#loweredAt = now;
      const factor = loss > highLoss ? 1 - 0.5 * loss : 1;
      this.#estimate *= Math.min(factor, isQueueing ? queueFactor : 1);
    } else if (loss < lowLoss) {
      const seconds = Math.min(1, (now - (this.#raisedAt ?? now)) / 1_000);
      this.#estimate *= growthPerSecond ** seconds;
    }
    this.#raisedAt = now;
    this.#estimate = this.#bounded(this.#estimate);
    this.#packets = 0;
    this.#lost = 0;
  }

  #bounded(bitrate: number): number {
    return Math.min(Math.max(bitrate, minBitrate), this.#max);
  }
}

function checked(max: number): number {
  if (max > 0 && Number.isFinite(max)) return max;
  throw new ConicError("invalid_argument", `maxBitrate is in bits a second, not ${max}`);
}
