import { basename } from "node:path";
import {
  maxSampleRate,
  minSampleRate,
  opusInput,
  readWav,
  tone,
  type WavFormat,
  type WavReader,
} from "@conic/audio";
import { ConicError, opusSampleRate, type OpusCodec } from "@conic/domain";
import { smallChunks, type InputFile } from "../../files/input-file.js";
import { LoopedFile } from "../play/looped-file.js";
import { building, type Playback } from "../play/playback.js";
import type { AudioSource, AudioSourceOptions } from "../source.js";
import { encodedSamples } from "./encode.js";
import { packetsOf } from "./packets.js";

export function openTone(options: AudioSourceOptions, codec: OpusCodec): Promise<AudioSource> {
  const { frequency = 440, channels = 1 } = options;
  const blocks = tone({ frequency, channels, sampleRate: opusSampleRate });
  const description = `tone of ${frequency} Hz`;
  const samples = (): AsyncIterable<Float32Array> => asynchronous(blocks);
  return building((playback) =>
    compressed({ description, channels, samples }, { options, codec, playback }),
  );
}

export function openWav(
  path: string,
  options: AudioSourceOptions,
  codec: OpusCodec,
): Promise<AudioSource> {
  return building(async (playback) => {
    const file = await LoopedFile.open({ path, loop: options.loop ?? false, open: readSamples });
    playback.own(() => file[Symbol.asyncDispose]());
    const { format } = file.reader.info;
    const { channels = format.channels === 1 ? 1 : 2 } = options;
    const samples = (): AsyncIterable<Float32Array> =>
      file.items((reader) => opusInput(reader, { channels }));
    const description = `${basename(path)}, ${describe(format)}`;
    return compressed({ description, channels, samples }, { options, codec, playback });
  });
}

async function readSamples({ handle }: InputFile): Promise<WavReader> {
  const reader = await readWav(smallChunks(handle));
  const { sampleRate } = reader.info.format;
  if (sampleRate >= minSampleRate && sampleRate <= maxSampleRate) return reader;
  await reader.close();
  const message = `${sampleRate} Hz is not ${minSampleRate} to ${maxSampleRate} Hz`;
  throw new ConicError("unsupported", message);
}

const encodings: Readonly<Record<WavFormat["encoding"], string>> = {
  pcm: "PCM",
  float: "float",
  alaw: "A-law",
  mulaw: "mu-law",
};

function describe({ encoding, validBits, sampleRate, channels }: WavFormat): string {
  const many = channels === 1 ? "1 channel" : `${channels} channels`;
  return `${encodings[encoding]} ${validBits} bit, ${sampleRate} Hz, ${many}`;
}

/** Audio before it is compressed: 48 kHz, interleaved. */
interface Sound {
  readonly description: string;
  readonly channels: 1 | 2;
  samples(): AsyncIterable<Float32Array>;
}

interface EncodingParts {
  readonly options: AudioSourceOptions;
  readonly codec: OpusCodec;
  readonly playback: Playback;
}

async function compressed(
  sound: Sound,
  { options, codec, playback }: EncodingParts,
): Promise<AudioSource> {
  const { description, channels } = sound;
  const { bitrate, seconds } = options;
  const encoder = await codec.createEncoder({ numberOfChannels: channels, bitrate });
  playback.own(() => {
    encoder.close();
    return Promise.resolve();
  });
  return packetsOf({
    description,
    numberOfChannels: channels,
    playback,
    seconds,
    chunks: (signal) => encodedSamples(sound.samples(), encoder, signal),
  });
}

async function* asynchronous<T>(items: Iterable<T>): AsyncGenerator<T, undefined> {
  for (const item of items) yield await Promise.resolve(item);
  return undefined;
}
