import { compactNtp, wallClockMs } from "../rtcp/ntp.js";
import type { SenderReport } from "../rtcp/packet.js";
import type { RemoteClockReading } from "../stats.js";

const compactPerMs = 65_536 / 1_000;

/** What the last sender report of one stream said. */
export class RemoteClock {
  readonly reading: RemoteClockReading;
  readonly #compact: number;

  constructor({ ntpSeconds, ntpFraction, rtpTimestamp }: SenderReport, now: number) {
    this.#compact = compactNtp(ntpSeconds, ntpFraction);
    this.reading = {
      remoteTimeMs: wallClockMs(ntpSeconds, ntpFraction),
      rtpTimestamp,
      receivedAtMs: now,
    };
  }

  /** For the report block about the stream. */
  reference(now: number): {
    readonly lastSenderReport: number;
    readonly delaySinceLastSenderReport: number;
  } {
    const delay = Math.round((now - this.reading.receivedAtMs) * compactPerMs);
    return {
      lastSenderReport: this.#compact,
      delaySinceLastSenderReport: Math.min(Math.max(delay, 0), 0xffff_ffff),
    };
  }
}
