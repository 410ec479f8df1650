import { isConicError, opusSampleRate, type AudioDecoder, type ReceivedChunk } from "@conic/domain";
import { invalidArgument } from "../errors.js";
import { hasFecCopy, opusPacketSamples } from "./packet.js";

export interface PacketPlaybackOptions {
  /** Of one gap that the decoder makes up for, in ms; silence after that. Default 1,000. */
  readonly maxConcealMs?: number | undefined;
  /** A longer gap is not filled at all, in ms. Default 600,000. */
  readonly maxGapMs?: number | undefined;
}

/** What was played so far. Samples are counted for each channel, at 48 kHz. */
export interface PacketPlaybackStats {
  readonly decodedPackets: number;
  /** Lost packets rebuilt from the copy in the packet after them. */
  readonly recoveredPackets: number;
  /** Made up by the decoder, for lost packets, broken ones, and the pauses of a sender with DTX. */
  readonly concealedSamples: number;
  /** Of silence, in gaps longer than `maxConcealMs`. */
  readonly silentSamples: number;
  /** Packets that the decoder refused. */
  readonly invalidPackets: number;
  /** Gaps longer than `maxGapMs`. */
  readonly skippedGaps: number;
}

/** Opus makes up audio in steps of 2.5 ms (RFC 6716 section 4.4). */
const stepSamples = 120;
/** What a packet lasts when neither it nor one before it tells. */
const usualPacketSamples = 960;
const silenceSamples = 5_760;

/**
 * Turns received packets into audio without gaps: what is missing between two packets, by their RTP timestamps, is
 * recovered, concealed, or silent, so that the time of the audio stays that of the sender. The decoder stays the
 * caller's.
 */
export class PacketPlayback {
  readonly #decoder: AudioDecoder;
  readonly #maxConcealSamples: number;
  readonly #maxGapSamples: number;
  /** Shared by all results: it is never written to. */
  readonly #silence: Float32Array;
  #nextTimestamp: number | undefined;
  #lastPacketSamples = usualPacketSamples;
  #stats = {
    decodedPackets: 0,
    recoveredPackets: 0,
    concealedSamples: 0,
    silentSamples: 0,
    invalidPackets: 0,
    skippedGaps: 0,
  };

  /** @throws ConicError `invalid_argument` */
  constructor(decoder: AudioDecoder, options: PacketPlaybackOptions = {}) {
    const { maxConcealMs = 1_000, maxGapMs = 600_000 } = options;
    this.#decoder = decoder;
    this.#maxConcealSamples = samplesOf("maxConcealMs", maxConcealMs);
    this.#maxGapSamples = samplesOf("maxGapMs", maxGapMs);
    this.#silence = new Float32Array(silenceSamples * decoder.numberOfChannels);
  }

  /**
   * Audio of `chunk`, after that of what is missing before it; interleaved, in parts to be read, not written.
   * A packet that overlaps the one before is played whole.
   * @throws ConicError `closed` once the decoder is
   */
  push(chunk: ReceivedChunk): Float32Array[] {
    const samples = opusPacketSamples(chunk.data);
    const parts = this.#fill(chunk, samples);
    const lasting = samples ?? this.#lastPacketSamples;
    parts.push(this.#decode(chunk.data, lasting));
    this.#nextTimestamp = chunk.rtpTimestamp + lasting;
    this.#lastPacketSamples = lasting;
    return parts;
  }

  stats(): PacketPlaybackStats {
    return { ...this.#stats };
  }

  #fill(chunk: ReceivedChunk, samples: number | undefined): Float32Array[] {
    const gap = chunk.rtpTimestamp - (this.#nextTimestamp ?? chunk.rtpTimestamp);
    if (gap <= 0) return [];
    if (gap > this.#maxGapSamples) {
      this.#stats.skippedGaps += 1;
      return [];
    }
    const copied =
      chunk.lostBefore > 0 && samples !== undefined && hasFecCopy(chunk.data)
        ? Math.min(gap - (gap % stepSamples), samples)
        : 0;
    const concealed = Math.min(gap - copied, this.#maxConcealSamples);
    const parts = concealed === 0 ? [] : [this.#conceal(concealed)];
    this.#pushSilence(parts, gap - copied - concealed);
    if (copied > 0) parts.push(this.#recover(chunk.data, copied));
    return parts;
  }

  #conceal(samples: number): Float32Array {
    this.#stats.concealedSamples += samples;
    const steps = Math.ceil(samples / stepSamples) * stepSamples;
    return this.#decoder.conceal(steps).subarray(0, samples * this.#decoder.numberOfChannels);
  }

  #pushSilence(parts: Float32Array[], samples: number): void {
    this.#stats.silentSamples += samples;
    const channels = this.#decoder.numberOfChannels;
    for (let rest = samples; rest > 0; rest -= silenceSamples) {
      parts.push(this.#silence.subarray(0, Math.min(rest, silenceSamples) * channels));
    }
  }

  #recover(next: Uint8Array, samples: number): Float32Array {
    const audio = this.#attempt(() => this.#decoder.recover(next, samples));
    // Broken, which decoding it will count.
    if (audio === undefined) return this.#conceal(samples);
    this.#stats.recoveredPackets += 1;
    return audio;
  }

  #decode(packet: Uint8Array, samples: number): Float32Array {
    const audio = this.#attempt(() => this.#decoder.decode(packet));
    if (audio === undefined) {
      this.#stats.invalidPackets += 1;
      return this.#conceal(samples);
    }
    this.#stats.decodedPackets += 1;
    return audio;
  }

  /** Undefined when the packet is broken. */
  #attempt(run: () => Float32Array): Float32Array | undefined {
    try {
      return run();
    } catch (error) {
      if (isConicError(error, "invalid_data")) return undefined;
      throw error;
    }
  }
}

function samplesOf(name: string, ms: number): number {
  if (ms >= 0 && ms < Infinity) return Math.floor((ms * opusSampleRate) / 1_000);
  throw invalidArgument(`${name} is 0 or more, not ${ms}`);
}
