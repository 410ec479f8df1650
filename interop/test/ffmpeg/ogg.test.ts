import { spawnSync } from "node:child_process";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  encodeWav,
  framesOf,
  OggOpusWriter,
  fileSink,
  opusInput,
  readOggOpus,
  readWav,
  type OggOpusSummary,
} from "@conic/audio";
import { createOpusCodec } from "@conic/codec-opus";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const codec = createOpusCodec();
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "conic-ogg-"));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Standard output; a warning fails the test. */
function run(program: "ffmpeg" | "ffprobe", ...args: readonly string[]): Buffer {
  const result = spawnSync(program, ["-v", "warning", ...args], { maxBuffer: 2 ** 28 });
  expect(result.error).toBeUndefined();
  expect(result.stderr.toString()).toBe("");
  return result.stdout;
}

function decoded(path: string, channels: number): Float32Array {
  const bytes = run("ffmpeg", "-i", path, "-f", "f32le", "-ac", String(channels), "-");
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

/** Part of the power of `samples` that is at `frequency`, with the phase of a sine that starts at 0. */
function likeness(samples: Float32Array, frequency: number, amplitude: number): number {
  let signal = 0;
  let noise = 0;
  for (const [n, value] of samples.entries()) {
    const expected = amplitude * Math.sin((2 * Math.PI * frequency * n) / 48_000);
    signal += expected * expected;
    noise += (value - expected) ** 2;
  }
  return 10 * Math.log10(signal / noise);
}

/** Two seconds and a bit of a WAV file with 440 Hz, encoded; `drop` leaves packets out. */
async function write(path: string, drop: (packet: number) => boolean): Promise<OggOpusSummary> {
  const frames = 99_999;
  const wave = Float32Array.from({ length: frames }, (_, n) => {
    return 0.5 * Math.sin((2 * Math.PI * 440 * n) / 44_100);
  });
  const wav = encodeWav([wave, wave], { channels: 2, sampleRate: 44_100 });
  using encoder = await codec.createEncoder({ numberOfChannels: 2, bitrate: 128_000 });
  await using file = await open(path, "w");
  const writer = new OggOpusWriter(fileSink(file), {
    numberOfChannels: 2,
    preSkipSamples: encoder.lookaheadSamples,
    inputSampleRate: 44_100,
  });
  let packet = 0;
  for await (const frame of framesOf(opusInput(await readWav(wav)), encoder.frameSamples * 2)) {
    const chunk = encoder.encode(frame, packet * 20_000);
    if (!drop(packet)) await writer.write(chunk);
    packet += 1;
  }
  return await writer.close({ samples: Math.ceil((frames * 48) / 44.1) - 312 });
}

describe("an Ogg file that we write", () => {
  it("is what ffprobe takes it for, and decodes without a warning to every sample", async () => {
    const path = join(folder, "ours.ogg");
    const summary = await write(path, () => false);
    const probe: unknown = JSON.parse(
      run(
        "ffprobe",
        "-count_packets",
        "-show_streams",
        "-show_format",
        "-of",
        "json",
        path,
      ).toString(),
    );
    expect(probe).toMatchObject({
      streams: [
        {
          codec_name: "opus",
          sample_rate: "48000",
          channels: 2,
          nb_read_packets: String(summary.packets),
        },
      ],
      format: { format_name: "ogg", nb_streams: 1 },
    });
    const samples = decoded(path, 2);
    expect(samples.length).toBe(summary.samples * 2);
    const left = samples.filter((_, i) => i % 2 === 0);
    expect(likeness(left.subarray(0, 96_000), 440, 0.5)).toBeGreaterThan(35);
  });

  it("keeps its time where packets are missing", async () => {
    const path = join(folder, "gap.ogg");
    const summary = await write(path, (packet) => packet >= 30 && packet < 50);
    expect(summary.gapSamples).toBe(20 * 960);
    const samples = decoded(path, 2);
    expect(samples.length).toBe(summary.samples * 2);
    const left = samples.filter((_, i) => i % 2 === 0);
    // 60,000 samples are 550 periods of 440 Hz: the phase starts at 0 again.
    expect(likeness(left.subarray(60_000, 90_000), 440, 0.5)).toBeGreaterThan(30);
  });
});

describe("an Ogg file that ffmpeg writes", () => {
  it.each([
    [1, 20],
    [2, 20],
    [2, 60],
    [1, 2.5],
  ] as const)("is read: %i channels, frames of %d ms", async (channels, duration) => {
    const path = join(folder, `theirs-${channels}-${duration}.ogg`);
    const tone = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=2.01"];
    const opus = ["-ac", String(channels), "-c:a", "libopus", "-b:a", "96k"];
    const frames = ["-frame_duration", String(duration), "-application", "lowdelay"];
    run("ffmpeg", ...tone, ...opus, ...frames, "-metadata", "title=Tone", path);
    await using file = await open(path);
    const reader = await readOggOpus(file);
    expect(reader.numberOfChannels).toBe(channels);
    expect(reader.tags).toContainEqual({ name: "TITLE", value: "Tone" });
    using decoder = await codec.createDecoder({ numberOfChannels: channels });
    const parts: Float32Array[] = [];
    for await (const chunk of reader) {
      expect(chunk.duration).toBe(duration * 1_000);
      parts.push(decoder.decode(chunk.data));
    }
    const summary = reader.summary;
    expect(summary).toMatchObject({ samples: 96_480, complete: true });
    const whole = Float32Array.from(parts.flatMap((part) => [...part]));
    const { preSkipSamples } = reader;
    const ours = whole.subarray(preSkipSamples * channels, (preSkipSamples + 96_480) * channels);
    const theirs = decoded(path, channels);
    expect(ours.length).toBe(theirs.length);
    const largest = ours.reduce((most, x, i) => Math.max(most, Math.abs(x - (theirs[i] ?? 0))), 0);
    expect(largest).toBeLessThan(0.002);
  });
});
