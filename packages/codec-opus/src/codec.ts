import type {
  AudioDecoder,
  AudioEncoder,
  OpusCodec,
  OpusDecoderConfig,
  OpusEncoderConfig,
} from "@conic/domain";
import { ConicError } from "@conic/domain";
import { resolveChannels, resolveEncoderConfig, type ResolvedEncoderConfig } from "./config.js";
import { LibopusDecoder } from "./decoder.js";
import { frameSamplesOf, LibopusEncoder } from "./encoder.js";
import { application, loadLibopus, type EncoderOptions } from "./vendor.js";

/** {@link OpusCodec} over libopus, compiled to WebAssembly. */
export interface LibopusCodec extends OpusCodec {
  /**
   * Loads libopus, and encodes and decodes a second of noise, so that the engine has compiled what a first frame
   * would otherwise wait 10 ms for. Worth it before packets are paced by a clock.
   * @param config of the encoders to come
   * @throws ConicError `invalid_argument`.
   */
  warmUp(config?: OpusEncoderConfig): Promise<void>;
}

/** Frames until V8 has optimised the code of both directions. */
const warmUpFrames = 50;

/** libopus is loaded with the first encoder or decoder, once per process. */
export function createOpusCodec(): LibopusCodec {
  return { createEncoder, createDecoder, warmUp };
}

async function createEncoder(config: OpusEncoderConfig = {}): Promise<AudioEncoder> {
  const resolved = resolveEncoderConfig(config);
  const { createEncoder: create } = await loadLibopus();
  const handle = await create(optionsOf(resolved)).catch(failed);
  return new LibopusEncoder(handle, resolved);
}

async function createDecoder(config: OpusDecoderConfig = {}): Promise<AudioDecoder> {
  const channels = resolveChannels(config);
  const { createDecoder: create } = await loadLibopus();
  return new LibopusDecoder(await create({ channels }).catch(failed), channels);
}

async function warmUp(config: OpusEncoderConfig = {}): Promise<void> {
  using encoder = await createEncoder(config);
  using decoder = await createDecoder({ numberOfChannels: encoder.numberOfChannels });
  const values = encoder.frameSamples * encoder.numberOfChannels;
  for (let frame = 0; frame < warmUpFrames; frame += 1) {
    const noise = Float32Array.from({ length: values }, (_, i) => ((i * 7_919 + frame) % 97) / 194);
    decoder.decode(encoder.encode(noise, 0).data);
  }
  decoder.conceal(encoder.frameSamples);
}

function optionsOf(config: ResolvedEncoderConfig): EncoderOptions {
  return {
    application: application[config.application],
    bitrate: config.bitrate,
    channels: config.numberOfChannels,
    complexity: config.complexity,
    dtx: config.useDtx,
    fec: config.useInBandFec,
    frameSize: frameSamplesOf(config.frameDuration),
    packetLossPercent: config.packetLossPercent,
    sampleRate: 48_000,
    vbr: config.bitrateMode === "variable",
  };
}

function failed(error: unknown): never {
  throw ConicError.from(error, "internal", "libopus could not be set up");
}
