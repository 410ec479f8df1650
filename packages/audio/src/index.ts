export {
  opusSampleRate,
  type AudioDecoder,
  type AudioEncoder,
  type EncodedChunk,
  type OpusCodec,
  type OpusDecoderConfig,
  type OpusEncoderConfig,
  type ReceivedChunk,
} from "@conic/domain";
export { decibels, levelOf, type Level } from "./level/level.js";
export {
  defaultMaxTagsBytes,
  readOggOpus,
  type OggOpusEnd,
  type OggOpusReader,
  type ReadOggOptions,
} from "./ogg/read/reader.js";
export { maxOggPacketBytes } from "./ogg/read/stream.js";
export type { OggTag } from "./ogg/read/tags.js";
export {
  OggOpusWriter,
  type OggCloseOptions,
  type OggOpusSpec,
  type OggOpusSummary,
  type OggSink,
} from "./ogg/write/writer.js";
export { framesOf } from "./opus/frames-of.js";
export { opusInput, type OpusInputOptions } from "./opus/opus-input.js";
export { hasFecCopy, opusPacketSamples } from "./opus/packet.js";
export {
  PacketPlayback,
  type PacketPlaybackOptions,
  type PacketPlaybackStats,
} from "./opus/playback.js";
export { floatToInt16, int16ToFloat } from "./pcm/int16.js";
export type { RawSamples } from "./pcm/raw.js";
export {
  maxResamplerChannels,
  maxSampleRate,
  minSampleRate,
  Resampler,
  type ResamplerOptions,
} from "./resample/resampler.js";
export { remix } from "./resample/remix.js";
export type { Waveform } from "./tone/oscillator.js";
export { maxToneChannels, maxToneFramesPerBlock, tone, type ToneOptions } from "./tone/tone.js";
export type { SampleEncoding, WavContainer, WavFormat, WavInfo, WavSummary } from "./wav/format.js";
export { WavBlock } from "./wav/read/block.js";
export { decodeWav, type DecodeWavOptions, type WavAudio } from "./wav/read/decode.js";
export {
  defaultMaxChannels,
  maxBlockBytes,
  WavParser,
  type WavEvent,
  type WavParserOptions,
} from "./wav/parse/parser.js";
export { readWav, type ReadWavOptions, type WavReader } from "./wav/read/reader.js";
export type { ReadableFile, WavSource } from "./wav/read/source.js";
export { encodeWav } from "./wav/write/encode.js";
export type { FloatFrames } from "./wav/write/frames.js";
export { fileSink, type WavSink, type WritableFile } from "./wav/write/sink.js";
export type { WavSpec } from "./wav/write/spec.js";
export { WavWriter, type WavFileSummary, type WavWriterOptions } from "./wav/write/writer.js";
