import { mkdir, writeFile } from "node:fs/promises";
import { encodeWav, tone } from "@conic/audio";
import { createOpusCodec } from "@conic/codec-opus";
import type { AudioEncoder, EncodedChunk, OpusCodec } from "@conic/domain";
import { collect, collectAll } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { openAudioSource } from "../../src/sources/audio.js";
import type { AudioSource, AudioSourceOptions } from "../../src/sources/source.js";
import { expectAborted } from "../support/aborted.js";
import { failure } from "../support/failure.js";
import { openFiles } from "../support/open-files.js";
import { tempFolder } from "../support/temp-folder.js";
import { channelOf, joined, purity } from "../support/tone.js";

const codec = createOpusCodec();
const path = tempFolder();

async function decoded(chunks: readonly EncodedChunk[], channels: 1 | 2): Promise<Float32Array> {
  using decoder = await codec.createDecoder({ numberOfChannels: channels });
  return joined(chunks.map(({ data }) => decoder.decode(data)));
}

/** Every packet, as fast as it is read. */
async function packets(options: AudioSourceOptions, count = Infinity): Promise<EncodedChunk[]> {
  const source = await openAudioSource(options, codec);
  return collect(source.packets(), count);
}

interface WavShape {
  readonly sampleRate: number;
  readonly channels?: number;
  readonly bitsPerSample?: number;
  readonly frames?: number;
  readonly frequency?: number;
}

async function writeWav(name: string, shape: WavShape): Promise<string> {
  const { channels = 1, sampleRate, bitsPerSample = 16, frames = sampleRate, frequency } = shape;
  const samples = joined([...tone({ sampleRate, frames, frequency })]);
  const planes = Array.from({ length: channels }, () => samples);
  await writeFile(path(name), encodeWav(planes, { channels, sampleRate, bitsPerSample }));
  return path(name);
}

describe("a tone", () => {
  it("is Opus that decodes to its frequency, without a gap", async () => {
    const chunks = await packets({ frequency: 1000 }, 50);
    expect(chunks.map(({ timestamp }) => timestamp)).toEqual(
      Array.from({ length: 50 }, (_, n) => n * 20_000),
    );
    const samples = await decoded(chunks, 1);
    expect(purity(samples.subarray(4800), 1000)).toBeGreaterThan(0.95);
  });

  it("ends after the seconds that were asked for", async () => {
    expect(await packets({ seconds: 0.5 })).toHaveLength(25);
    expect(await packets({ seconds: 0.501 })).toHaveLength(26);
  });

  it("is named, with its channels", async () => {
    await using source = await openAudioSource({ channels: 2 }, codec);
    expect([source.description, source.numberOfChannels]).toEqual(["tone of 440 Hz", 2]);
  });
});

describe("a WAV file", () => {
  it.each<[WavShape, string]>([
    [{ sampleRate: 8000, bitsPerSample: 8 }, "PCM 8 bit, 8000 Hz, 1 channel"],
    [{ sampleRate: 44_100, channels: 2 }, "PCM 16 bit, 44100 Hz, 2 channels"],
    [{ sampleRate: 96_000, channels: 6, bitsPerSample: 24 }, "PCM 24 bit, 96000 Hz, 6 channels"],
    [{ sampleRate: 48_000, bitsPerSample: 32 }, "PCM 32 bit, 48000 Hz, 1 channel"],
    [{ sampleRate: 1000, frequency: 100 }, "PCM 16 bit, 1000 Hz, 1 channel"],
  ])("%j is resampled and mixed", async (shape, description) => {
    const wav = await writeWav("a.wav", shape);
    const source = await openAudioSource({ wav }, codec);
    expect(source.description).toBe(`a.wav, ${description}`);
    const channels = (shape.channels ?? 1) > 1 ? 2 : 1;
    expect(source.numberOfChannels).toBe(channels);
    const samples = await decoded(await collectAll(source.packets()), channels);
    // The file, what the codec lags behind, and the rest of the last frame.
    expect(samples.length / channels).toBe(51 * 960);
    const left = channelOf(samples, 0, channels).subarray(2400, 45_600);
    expect(purity(left, shape.frequency ?? 440)).toBeGreaterThan(0.99);
  });

  it("is heard to its last sample", async () => {
    const samples = new Float32Array(960 * 3);
    samples.fill(0.5, samples.length - 200);
    await writeFile(path("a.wav"), encodeWav([samples], { channels: 1, sampleRate: 48_000 }));
    const chunks = await packets({ wav: path("a.wav") });
    expect(chunks).toHaveLength(4);
    using encoder = await codec.createEncoder();
    const heard = (await decoded(chunks, 1)).subarray(encoder.lookaheadSamples);
    const end = heard.subarray(samples.length - 150, samples.length);
    expect(end.reduce((sum, value) => sum + value, 0) / end.length).toBeGreaterThan(0.3);
  });

  it("starts again with --loop: one encoder, timestamps that go on", async () => {
    const wav = await writeWav("a.wav", { sampleRate: 44_100, frames: 4410 });
    const chunks = await packets({ wav, loop: true }, 50);
    expect(chunks.map(({ timestamp }) => timestamp)).toEqual(
      Array.from({ length: 50 }, (_, n) => n * 20_000),
    );
    // 44 whole periods in each pass: the tone runs on over the seams.
    const samples = await decoded(chunks, 1);
    expect(purity(samples.subarray(4800), 440)).toBeGreaterThan(0.99);
    expect(await openFiles(wav)).toBe(0);
  });

  it("can be given more or fewer channels", async () => {
    const wav = await writeWav("a.wav", { sampleRate: 48_000, channels: 2, frames: 960 });
    await using source = await openAudioSource({ wav, channels: 1 }, codec);
    expect(source.numberOfChannels).toBe(1);
  });

  it("takes the bitrate", async () => {
    const wav = await writeWav("a.wav", { sampleRate: 48_000 });
    const bytes = async (bitrate: number): Promise<number> =>
      (await packets({ wav, bitrate })).reduce((sum, { data }) => sum + data.length, 0);
    expect(await bytes(96_000)).toBeGreaterThan(2 * (await bytes(16_000)));
  });
});

describe("an audio source that cannot be opened", () => {
  it.each<[string, AudioSourceOptions, RegExp]>([
    ["no file", { wav: "no.wav" }, /^cannot read \S+no\.wav: there is no such file$/],
    ["a folder", { wav: "folder" }, /^cannot read \S+folder: it is a directory$/],
    ["a path through a file", { wav: "text/a.wav" }, /: a part of the path is not a folder$/],
    ["no WAV", { wav: "text" }, /text: .*\(at byte \d+\)$/],
    ["nothing", { wav: "empty" }, /empty: .*\(at byte 0\)$/],
    ["two files", { wav: "text", ogg: "text" }, /^--wav and --ogg exclude each other; try --help$/],
    ["a file and a tone", { wav: "text", frequency: 5 }, /^--wav and --freq exclude each other/],
  ])("says so in one line: %s", async (_, { wav, ogg, frequency }, message) => {
    await writeFile(path("text"), "this is a text, and no audio at all");
    await writeFile(path("empty"), "");
    await mkdir(path("folder"));
    const inFolder = (name?: string): string | undefined => name && path(name);
    const options = { wav: inFolder(wav), ogg: inFolder(ogg), frequency };
    const opening = openAudioSource(options, codec);
    const line = (await failure(opening)).message;
    expect(line).toMatch(message);
    expect(line).not.toContain("\n");
    expect(await openFiles(path())).toBe(0);
  });

  it("says that there is nothing in a file without samples, also with --loop", async () => {
    const wav = await writeWav("a.wav", { sampleRate: 48_000, frames: 0 });
    for (const loop of [false, true]) {
      await expect(packets({ wav, loop })).rejects.toThrow(
        /a\.wav: there is nothing in it to play$/,
      );
    }
  });
});

/** A codec whose encoders are counted. */
function counting(): { codec: OpusCodec; open: () => number } {
  const encoders: AudioEncoder[] = [];
  let closed = 0;
  const createEncoder: OpusCodec["createEncoder"] = async (config) => {
    const encoder = await codec.createEncoder(config);
    encoders.push(encoder);
    const close = encoder.close.bind(encoder);
    encoder.close = () => {
      closed += 1;
      close();
    };
    return encoder;
  };
  return { codec: { ...codec, createEncoder }, open: () => encoders.length - closed };
}

async function failing(source: AudioSource): Promise<void> {
  for await (const _ of source.packets()) throw new Error("no network");
}

describe("an audio source closes its file and its encoder", () => {
  it.each<[string, (source: AudioSource) => PromiseLike<unknown>]>([
    ["disposed", (source) => source[Symbol.asyncDispose]()],
    ["played to the end", (source) => collectAll(source.packets())],
    ["left", (source) => collect(source.packets(), 1)],
    ["aborted", (source) => expectAborted((options) => source.packets(options))],
    ["left by an error", (source) => expect(failing(source)).rejects.toThrow("no network")],
  ])("when %s", async (_, end) => {
    const wav = await writeWav("a.wav", { sampleRate: 48_000 });
    const { codec: counted, open } = counting();
    const source = await openAudioSource({ wav }, counted);
    expect([open(), await openFiles(wav)]).toEqual([1, 1]);
    await end(source);
    await expect.poll(open).toBe(0);
    await expect.poll(() => openFiles(wav)).toBe(0);
    await source[Symbol.asyncDispose]();
    expect(open()).toBe(0);
  });

  it("when it is disposed in the middle of a loop, which then ends", async () => {
    const wav = await writeWav("a.wav", { sampleRate: 48_000, frames: 48_000 * 5 });
    const source = await openAudioSource({ wav, loop: true }, codec);
    const timestamps: number[] = [];
    for await (const { timestamp } of source.packets()) {
      timestamps.push(timestamp);
      if (timestamps.length === 10) await source[Symbol.asyncDispose]();
    }
    expect(timestamps).toHaveLength(10);
    expect(await openFiles(wav)).toBe(0);
  });

  it("and is played once", async () => {
    const source = await openAudioSource({}, codec);
    await collect(source.packets(), 1);
    expect(() => source.packets()).toThrow(/played already/);
    const other = await openAudioSource({}, codec);
    await other[Symbol.asyncDispose]();
    expect(() => other.packets()).toThrow(/is closed/);
  });
});
