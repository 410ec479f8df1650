import type { EncodedChunk } from "./chunk.js";

/** The Opus settings that an encoder can be asked for; names of the WebCodecs Opus registration where it has one. */
export interface OpusEncoderConfig {
  /** Default 1. Input is interleaved. */
  readonly numberOfChannels?: 1 | 2 | undefined;
  /** Bits a second, 6,000 to 510,000. Default 32,000 for each channel. */
  readonly bitrate?: number | undefined;
  /** Default `variable`. */
  readonly bitrateMode?: "constant" | "variable" | undefined;
  /** Of one packet, in µs: 2,500, 5,000, 10,000, 20,000, 40,000 or 60,000. Default 20,000. */
  readonly frameDuration?: number | undefined;
  /** What the signal is: `voip` speech, `audio` anything, `lowdelay` without look-ahead. Default `audio`. */
  readonly application?: "voip" | "audio" | "lowdelay" | undefined;
  /** 0 (fast) to 10 (best). Default 10. */
  readonly complexity?: number | undefined;
  /** Loss that the encoder prepares for, 0 to 100. Default 0. */
  readonly packetLossPercent?: number | undefined;
  /** Adds a coarse copy of each packet to the next (RFC 6716 section 2.1.7). Default false. */
  readonly useInBandFec?: boolean | undefined;
  /** Sends next to nothing in silence (RFC 6716 section 2.1.9). Default false. */
  readonly useDtx?: boolean | undefined;
}

export interface OpusDecoderConfig {
  /** Default 2. */
  readonly numberOfChannels?: 1 | 2 | undefined;
}

/** Samples per second of every Opus encoder and decoder here (RFC 7587 section 4.1). */
export const opusSampleRate = 48_000;

/** Compresses PCM frame by frame. Synchronous: a frame takes a fraction of a millisecond. */
export interface AudioEncoder extends Disposable {
  readonly numberOfChannels: 1 | 2;
  /** Samples of each channel that one packet holds, at 48 kHz. */
  readonly frameSamples: number;
  /** Samples at 48 kHz by which decoded audio lags behind its input: the pre-skip of Ogg (RFC 7845 section 4.2). */
  readonly lookaheadSamples: number;
  /**
   * Compresses one frame.
   * @param samples interleaved floats, full scale ±1, exactly `frameSamples` × channels of them
   * @param timestamp of its first sample, in µs
   * @throws ConicError `invalid_argument` for another number of samples, `closed`.
   */
  encode(samples: Float32Array, timestamp: number): EncodedChunk;
  /** From the next frame on. @throws ConicError `invalid_argument`, `closed`. */
  setBitrate(bitrate: number): void;
  /** From the next frame on. @throws ConicError `invalid_argument`, `closed`. */
  setPacketLossPercent(percent: number): void;
  /** Idempotent. */
  close(): void;
}

/** Expands packets to PCM: interleaved floats, full scale ±1, 48 kHz; each result is a new array. */
export interface AudioDecoder extends Disposable {
  readonly numberOfChannels: 1 | 2;
  /** @throws ConicError `invalid_data` for a packet that breaks RFC 6716; the decoder goes on. `closed`. */
  decode(packet: Uint8Array): Float32Array;
  /**
   * Stands in for lost audio (RFC 6716 section 4.4).
   * @param samples of each channel to make up
   */
  conceal(samples: number): Float32Array;
  /**
   * Rebuilds the packet before `next` from the copy that `next` may hold; conceals where it holds none.
   * @param samples of each channel that the lost packet held
   */
  recover(next: Uint8Array, samples: number): Float32Array;
  /** Idempotent. */
  close(): void;
}

/** The port to an Opus implementation. */
export interface OpusCodec {
  /** @throws ConicError `invalid_argument`. */
  createEncoder(config?: OpusEncoderConfig): Promise<AudioEncoder>;
  /** @throws ConicError `invalid_argument`. */
  createDecoder(config?: OpusDecoderConfig): Promise<AudioDecoder>;
}
