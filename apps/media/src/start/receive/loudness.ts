import { levelOf, PacketPlayback, type Level } from "@conic/audio";
import type { AudioDecoder, ReceivedChunk } from "@conic/domain";

/** Of each packet, so much of the level before is left: it falls by half in about 60 ms, as meters do. */
const rmsDecay = 0.8;
const peakDecay = 0.97;

/** How loud what comes is, for a meter: the peak falls slowly, so that a person sees it. */
export class Loudness {
  readonly #playback: PacketPlayback;
  #squares = 0;
  #peak = 0;

  constructor(decoder: AudioDecoder) {
    this.#playback = new PacketPlayback(decoder, { maxGapMs: 1000 });
  }

  get level(): Level {
    return { peak: rounded(this.#peak), rms: rounded(Math.sqrt(this.#squares)) };
  }

  add(chunk: ReceivedChunk): void {
    for (const samples of this.#playback.push(chunk)) {
      const { peak, rms } = levelOf(samples);
      this.#squares = this.#squares * rmsDecay + rms * rms * (1 - rmsDecay);
      this.#peak = Math.max(peak, this.#peak * peakDecay);
    }
  }

  /** Nothing comes. */
  silence(): void {
    this.#squares = 0;
    this.#peak = 0;
  }
}

/** To -80 dB, which is finer than anybody hears. */
function rounded(level: number): number {
  return Math.round(level * 10_000) / 10_000;
}
