// How fast 16-bit WAV files are read, against a plain read of the same file, and what memory that takes.
import { spawnSync } from "node:child_process";
import { mkdtemp, open, rm } from "node:fs/promises";
import { createReadStream, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fileSink, readWav, tone, WavWriter } from "@conic/audio";

export const name = "wav";

const quick = process.env["CONIC_BENCH_QUICK"] === "1";
const megabytes = quick ? 64 : 1024;
const rounds = 5;
const chunkBytes = 256 * 1024;
const spec = { channels: 2, sampleRate: 48_000 };

/** @typedef {{ title: string, rows: Record<string, string | number>[], notes: string[] }} Report */

/** @param {Int16Array} samples */
function sum(samples) {
  let total = 0;
  for (let i = 0; i < samples.length; i += 1) total += samples[i] ?? 0;
  return total;
}

/** @param {Float32Array} samples */
function sumFloats(samples) {
  let total = 0;
  for (let i = 0; i < samples.length; i += 1) total += samples[i] ?? 0;
  return total * 32_768;
}

/** The least that can be done: read the file and look at each sample. @param {string} path */
async function readPlain(path) {
  const file = await open(path);
  try {
    const buffer = new Uint8Array(chunkBytes);
    let total = 0;
    for (let position = dataOffset; ;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
      if (bytesRead === 0) return total;
      total += sum(new Int16Array(buffer.buffer, 0, bytesRead / 2));
      position += bytesRead;
    }
  } finally {
    await file.close();
  }
}

/** @param {string} path */
async function readIntegers(path) {
  const file = await open(path);
  try {
    let total = 0;
    for await (const block of (await readWav(file)).blocks()) total += sum(block.int16());
    return total;
  } finally {
    await file.close();
  }
}

/** @param {import("@conic/audio").WavReader} reader */
async function sumInterleaved(reader) {
  let total = 0;
  let target = new Float32Array(0);
  for await (const block of reader.blocks()) {
    const count = block.frames * spec.channels;
    if (target.length < count) target = new Float32Array(count);
    total += sumFloats(block.interleaved(target));
  }
  return total;
}

/** @param {string} path */
async function readFloats(path) {
  const file = await open(path);
  try {
    return await sumInterleaved(await readWav(file));
  } finally {
    await file.close();
  }
}

/** @param {string} path */
async function readStream(path) {
  return sumInterleaved(await readWav(createReadStream(path)));
}

/** @param {string} path */
async function readPlanar(path) {
  const file = await open(path);
  try {
    let total = 0;
    let targets = [new Float32Array(0), new Float32Array(0)];
    for await (const block of (await readWav(file)).blocks()) {
      if (targets.some((target) => target.length < block.frames)) {
        targets = targets.map(() => new Float32Array(block.frames));
      }
      for (const channel of block.planar(targets)) total += sumFloats(channel);
    }
    return total;
  } finally {
    await file.close();
  }
}

const reserved = 36; // The writer keeps room for RF64 sizes.
const dataOffset = 44 + reserved;

/** @type {Record<string, (path: string) => Promise<number>>} */
const readers = {
  "plain read (reference)": readPlain,
  "plain read again (control)": readPlain,
  "int16()": readIntegers,
  "interleaved()": readFloats,
  "planar()": readPlanar,
  "interleaved(), Node stream": readStream,
};

/** Writes a tone of so many megabytes; returns how many bytes a second. @param {string} path */
async function generate(path) {
  const file = await open(path, "wx");
  try {
    // One second, again and again: it is the writer that is measured.
    const [second = new Float32Array(0)] = tone({
      ...spec,
      frames: spec.sampleRate,
      framesPerBlock: spec.sampleRate,
    });
    const writer = new WavWriter(fileSink(file), spec);
    const frames = (megabytes * 2 ** 20) / 4;
    const start = performance.now();
    while (writer.frames < frames) {
      const rest = (frames - writer.frames) * spec.channels;
      await writer.write(second.subarray(0, rest));
    }
    const { fileBytes } = await writer.close();
    return (fileBytes / (performance.now() - start)) * 1000;
  } finally {
    await file.close();
  }
}

/** Peak memory in MB of a process that runs one reader, or none. @param {string} reader @param {string} path */
function peakOfChild(reader, path) {
  const script = fileURLToPath(import.meta.url);
  const child = spawnSync(
    process.execPath,
    [...process.execArgv, script, "--child", reader, path],
    {
      encoding: "utf8",
    },
  );
  if (child.status !== 0) throw new Error(`the child failed: ${child.stderr}`);
  return Number(child.stdout) / 1024;
}

/** @param {number[]} values */
function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** @param {string[]} names */
function shuffled(names) {
  return names
    .map((item) => ({ item, key: Math.random() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

/** @param {string} path */
async function measure(path) {
  /** @type {Map<string, number[]>} */
  const times = new Map(Object.keys(readers).map((key) => [key, []]));
  const expected = await readPlain(path);
  for (let round = 0; round < rounds; round += 1) {
    for (const key of shuffled([...times.keys()])) {
      const start = performance.now();
      const total = await readers[key]?.(path);
      times.get(key)?.push((performance.now() - start) / 1000);
      if (total !== expected) throw new Error(`${key} read ${total}, not ${expected}`);
    }
  }
  return times;
}

/** @param {{ report: (report: Report) => void }} context */
export async function run({ report }) {
  const directory = await mkdtemp(join(tmpdir(), "conic-bench-"));
  const path = join(directory, "tone.wav");
  try {
    const written = await generate(path);
    const times = await measure(path);
    const idle = peakOfChild("none", path);
    const reference = times.get("plain read (reference)") ?? [];
    const rows = [...times].map(([reader, seconds]) => ({
      reader,
      "MB/s": Math.round((megabytes * 1.048576) / median(seconds)),
      "of reference": Number(
        median(seconds.map((value, round) => (reference[round] ?? 0) / value)).toFixed(2),
      ),
      "peak RSS growth, MB": Math.round((peakOfChild(reader, path) - idle) * 10) / 10,
    }));
    report({
      title: `Reading a WAV file of ${megabytes} MiB (16-bit stereo)`,
      rows,
      notes: [
        `Median of ${rounds} rounds in random order; every reader sums all samples, and the sums agree.`,
        "The reference reads the file and sums an Int16Array view of it; the control is the same once more.",
        `RSS growth: peak of a process that only reads, less that of one that reads nothing (${Math.round(idle)} MB).`,
        `Writing the file from floats: ${Math.round(written / 1e6)} MB/s. The file is in the page cache.`,
      ],
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function beChild() {
  const [, , , reader = "none", path = ""] = process.argv;
  await readers[reader]?.(path);
  process.stdout.write(String(process.resourceUsage().maxRSS));
}

if (
  process.argv[1] !== undefined &&
  realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)
) {
  if (process.argv[2] === "--child") await beChild();
  else {
    await run({
      report: ({ title, rows, notes }) => {
        console.log(title);
        console.table(rows);
        for (const note of notes) console.log(note);
      },
    });
  }
}
