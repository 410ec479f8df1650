import { ConicError, opusSampleRate, type AudioEncoder, type EncodedChunk } from "@conic/domain";
import { checkBitrate, checkPacketLoss, invalidArgument } from "./config.js";
import type { ResolvedEncoderConfig } from "./config.js";
import type { OpusEncoderHandle } from "./vendor.js";

export function frameSamplesOf(frameDuration: number): number {
  return (frameDuration * opusSampleRate) / 1_000_000;
}

export class LibopusEncoder implements AudioEncoder {
  readonly numberOfChannels: 1 | 2;
  readonly frameSamples: number;
  readonly lookaheadSamples: number;
  readonly #frameDuration: number;
  #handle: OpusEncoderHandle | undefined;

  constructor(handle: OpusEncoderHandle, config: ResolvedEncoderConfig) {
    this.numberOfChannels = config.numberOfChannels;
    this.frameSamples = frameSamplesOf(config.frameDuration);
    this.lookaheadSamples = handle.getLookahead();
    this.#frameDuration = config.frameDuration;
    this.#handle = handle;
  }

  encode(samples: Float32Array, timestamp: number): EncodedChunk {
    const handle = this.#open();
    const expected = this.frameSamples * this.numberOfChannels;
    if (samples.length !== expected) {
      throw invalidArgument(
        `a frame is ${this.frameSamples} samples × ${this.numberOfChannels} channels, ` +
          `${expected} values, not ${samples.length}`,
      );
    }
    const data = handle.encodeFloat(samples);
    return { type: "key", timestamp, duration: this.#frameDuration, data };
  }

  setBitrate(bitrate: number): void {
    const handle = this.#open();
    checkBitrate(bitrate);
    handle.setBitrate(bitrate);
  }

  setPacketLossPercent(percent: number): void {
    const handle = this.#open();
    checkPacketLoss(percent);
    handle.setPacketLossPercent(percent);
  }

  close(): void {
    this.#handle?.free();
    this.#handle = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #open(): OpusEncoderHandle {
    if (this.#handle !== undefined) return this.#handle;
    throw new ConicError("closed", "the encoder is closed; create another one");
  }
}
