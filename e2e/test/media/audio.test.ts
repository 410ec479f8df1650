import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { decodeWav, encodeWav, framesOf, opusInput, readWav } from "@conic/audio";
import { createOpusCodec } from "@conic/codec-opus";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSignalServer, type SignalServer } from "../../src/signal-server.js";
import { call, good, seconds, testTimeoutMs } from "./support/media.js";
import { fitSine, phaseShifts } from "./support/sine.js";

const frequency = 997;
const fileRate = 44_100;
const rate = 48_000;

let server: SignalServer;
let folder: string;
let file: string;
beforeAll(async () => {
  server = await startSignalServer();
  folder = await mkdtemp(path.join(tmpdir(), "conic-media-"));
  file = path.join(folder, "tone.wav");
  const step = (2 * Math.PI * frequency) / fileRate;
  const tone = Float32Array.from(
    { length: seconds * fileRate },
    (_, n) => 0.5 * Math.sin(n * step),
  );
  const spec = { sampleRate: fileRate, channels: 1, bitsPerSample: 16 as const };
  await writeFile(file, encodeWav([tone], spec));
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** What the codec alone makes of the file. */
async function codecAlone(): Promise<Float32Array> {
  const codec = createOpusCodec();
  using encoder = await codec.createEncoder({ numberOfChannels: 1 });
  using decoder = await codec.createDecoder({ numberOfChannels: 1 });
  const reader = await readWav(await readFile(file));
  const decoded: number[] = [];
  for await (const frame of framesOf(opusInput(reader, { channels: 1 }), encoder.frameSamples)) {
    for (const sample of decoder.decode(encoder.encode(frame, 0).data)) decoded.push(sample);
  }
  return Float32Array.from(decoded);
}

/** Without the beginning, in which the codec finds its way, and the end, which is padded with silence. */
function middle(samples: Float32Array): Float32Array {
  return samples.subarray(0.6 * rate, Math.floor((seconds - 0.1) * rate));
}

/** The largest distance of one sample. */
function distance(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, sample, index) => Math.max(most, Math.abs(sample - (b[index] ?? 0))), 0);
}

describe("a WAV file of a tone through a call", () => {
  it(
    "is recorded with its frequency, without a gap or drift, and as well as the codec alone does it",
    async () => {
      const record = path.join(folder, "recorded.wav");
      const { answer, exits } = await call(
        server.url,
        ["audio", `--record=${record}`],
        ["audio", `--wav=${file}`],
      );
      expect(exits).toEqual(good);
      const { info, channelData } = decodeWav(await readFile(record));
      const samples = channelData[0] ?? new Float32Array();
      expect(info.format.sampleRate).toBe(rate);
      expect(Math.abs(samples.length / rate - seconds)).toBeLessThan(0.04);

      const tone = middle(samples);
      const fit = fitSine(tone, frequency, rate);
      expect(fit.amplitude).toBeCloseTo(0.5, 1);
      // A gap, or a packet twice, would turn the phase; 1 % of a turn is 10 µs.
      const shifts = phaseShifts(tone, frequency, rate, rate / 50);
      expect(Math.max(...shifts.map(Math.abs))).toBeLessThan(0.01);
      const alone = middle(await codecAlone());
      expect(fit.snrDb).toBeGreaterThan(fitSine(alone, frequency, rate).snrDb - 1);
      expect(fit.snrDb).toBeGreaterThan(30);
      // Nothing was lost, so the way over the network changes nothing but the rounding to 16 bits.
      expect(distance(alone, tone)).toBeLessThan(2 / 32_768);

      const ended = await answer.event("ended");
      expect(ended["received"]).toMatchObject({ audio: { lost: 0 } });
      expect(answer.of("gap")).toEqual([]);
    },
    testTimeoutMs,
  );

  it("arrives with the level that was sent, in every second", async () => {
    const { answer, exits } = await call(
      server.url,
      ["audio"],
      ["audio", `--wav=${file}`, "--duration=3"],
    );
    expect(exits).toEqual(good);
    const flows = answer.of("stats").flatMap(({ flows: all }) => all as Record<string, unknown>[]);
    const loud = flows.filter(({ level }) => {
      const { rms } = (level ?? { rms: 0 }) as { rms: number };
      return Math.abs(rms - 0.5 / Math.SQRT2) < 0.05;
    });
    expect(loud.length).toBeGreaterThanOrEqual(2);
    expect(flows.at(-1)).toMatchObject({ direction: "receive", kind: "audio", lost: 0 });
  });

  it("goes both ways with --send", async () => {
    const record = path.join(folder, "back.ogg");
    const { answer, offer, exits } = await call(
      server.url,
      ["audio", "--send", "--freq=1500"],
      ["audio", "--freq=500", "--duration=2", `--record=${record}`],
    );
    expect(exits).toEqual(good);
    const received = { received: { audio: { lost: 0 } } };
    expect(await answer.event("ended")).toMatchObject(received);
    expect(await offer.event("ended")).toMatchObject(received);
    expect(await offer.event("recorded")).toMatchObject({ written: true });
  });
});
