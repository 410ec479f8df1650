import type { EncodedChunk } from "@conic/domain";
import { opusPacketDuration } from "../payload/opus.js";

const samplesPerMs = 48;

/** Which audio packets are the first after silence: they get the marker (RFC 3551 section 4.1, RFC 7587 section 4.1). */
export class TalkSpurts {
  #endUs: number | undefined;

  begins({ timestamp, duration, data }: EncodedChunk): boolean {
    const lasts =
      duration > 0 ? duration : ((opusPacketDuration(data) ?? 0) * 1_000) / samplesPerMs;
    // Sources round to whole µs, or ms: silence is at least half a packet.
    const begins = this.#endUs === undefined || Math.abs(timestamp - this.#endUs) > lasts / 2;
    this.#endUs = timestamp + lasts;
    return begins;
  }
}
