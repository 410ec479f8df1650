import { rmSync } from "node:fs";
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeWav } from "@conic/audio";
import { watchLeaks } from "@conic/internal-testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CommandIo } from "@conic/internal-cli";
import { runMedia, type Outcome } from "./support/run.js";

let directory = "";
let noLeaks = watchLeaks();
beforeEach(async () => {
  noLeaks = watchLeaks();
  directory = await mkdtemp(join(tmpdir(), "conic-media-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
  await noLeaks();
});

function generate(argv: readonly string[], io: Partial<CommandIo> = {}): Promise<Outcome> {
  return runMedia(["generate-audio", ...argv], {
    cwd: directory,
    env: io.env ?? {},
    get signal() {
      return io.signal;
    },
  });
}

/** Energy at one frequency, as a part of all. */
function purity(samples: Float32Array, frequency: number, sampleRate: number): number {
  let [real, imaginary, energy] = [0, 0, 0];
  for (const [index, sample] of samples.entries()) {
    const angle = (2 * Math.PI * frequency * index) / sampleRate;
    real += sample * Math.cos(angle);
    imaginary += sample * Math.sin(angle);
    energy += sample * sample;
  }
  return (2 * (real * real + imaginary * imaginary)) / (samples.length * energy);
}

describe("generate-audio without flags", () => {
  it("writes 5 s of 440 Hz, 48 kHz, 16-bit stereo at 30 %, to sample.wav", async () => {
    const { code, out, err } = await generate([]);
    expect([code, err]).toEqual([0, []]);
    const path = join(directory, "sample.wav");
    const { info, summary, channelData } = decodeWav(await readFile(path));
    expect(info).toMatchObject({
      dataOffset: 44,
      format: { encoding: "pcm", channels: 2, sampleRate: 48_000, bitsPerSample: 16 },
    });
    expect(summary).toMatchObject({ frames: 240_000, truncated: false });
    const [left = new Float32Array(), right] = channelData;
    expect(right).toEqual(left);
    expect(purity(left, 440, 48_000)).toBeGreaterThan(0.9999);
    const peak = left.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    expect(peak).toBeCloseTo(0.3, 4);
    expect(out).toEqual([
      `wrote ${path}`,
      "  format    WAV, PCM 16 bit, 48000 Hz, 2 channels",
      "  wave      sine of 440 Hz",
      "  duration  5 s, 240000 frames",
      "  size      960044 bytes",
      "  peak      0.3 of full scale, -10.5 dBFS",
    ]);
  });
});

describe("generate-audio", () => {
  it("takes every flag", async () => {
    const flags =
      "--output a.wav --duration 0.25 --freq 1000.5 --rate 44100 --channels 6 --bits 24";
    const { code, out } = await generate([
      ...flags.split(" "),
      "--amplitude=.5",
      "--waveform=square",
    ]);
    expect(code).toBe(0);
    const { info, summary, channelData } = decodeWav(await readFile(join(directory, "a.wav")));
    expect(info.format).toMatchObject({
      channels: 6,
      sampleRate: 44_100,
      bitsPerSample: 24,
      channelMask: 0x3f,
    });
    expect(summary.frames).toBe(11_025);
    expect(new Set(channelData[5])).toEqual(new Set([0.5, -0.5]));
    expect(out).toContain("  wave      square of 1000.5 Hz");
    expect(out).toContain("  duration  0.25 s, 11025 frames");
  });

  it("writes silence, of which the peak has no decibels", async () => {
    const { out } = await generate(["--waveform", "silence", "--duration", "1", "--channels", "1"]);
    expect(out).toContain("  wave      silence");
    expect(out).toContain("  peak      0 of full scale");
    expect(out[1]).toMatch(/1 channel$/);
  });

  it("strips the dashes that pnpm hands on", async () => {
    const { code } = await generate(["--", "--duration", "0.1", "--output", "b.wav"]);
    expect(code).toBe(0);
    expect(await readdir(directory)).toEqual(["b.wav"]);
  });

  it("resolves the path against INIT_CWD, where the user called pnpm", async () => {
    const user = join(directory, "user");
    await mkdir(user);
    await generate(["--duration", "0.1"], { env: { INIT_CWD: user } });
    expect(await readdir(user)).toEqual(["sample.wav"]);
    await generate(["--duration", "0.1", "--output", join(directory, "absolute.wav")], {
      env: { INIT_CWD: user },
    });
    expect(await readdir(directory)).toEqual(["absolute.wav", "user"]);
  });
});

describe("generate-audio refuses, with one line and exit code 2,", () => {
  it.each<[argv: string[], message: RegExp]>([
    [["--duration", "0"], /--duration is one frame to 86400 seconds, not "0"/],
    [["--duration", "86400.1"], /--duration is a number from 0 to 86400, not "86400.1"/],
    [["--duration", "five"], /--duration is a number from 0 to 86400, not "five"/],
    [["--duration", "1e3"], /not "1e3"/],
    [["--duration", "Infinity"], /not "Infinity"/],
    [["--duration", ""], /not ""/],
    [["--duration=-1"], /not "-1"/],
    [["--duration", "-1"], /--duration is a number from 0 to 86400, not "-1"/],
    [["--duration"], /--duration needs a value/],
    [["--freq", "0"], /--freq is above 0 and below half of --rate, 24000 Hz, not "0"/],
    [["--freq", "24000"], /not "24000"/],
    [["--freq", "4000", "--rate", "8000"], /below half of --rate, 4000 Hz/],
    [["--rate", "999"], /--rate is a whole number from 1000 to 768000, not "999"/],
    [["--rate", "768001"], /not "768001"/],
    [["--rate", "44100.5"], /not "44100.5"/],
    [["--channels", "0"], /--channels is a whole number from 1 to 32, not "0"/],
    [["--channels", "33"], /not "33"/],
    [["--bits", "12"], /--bits is one of 8, 16, 24, 32, not "12"/],
    [["--amplitude", "1.1"], /--amplitude is a number from 0 to 1, not "1.1"/],
    [["--waveform", "saw"], /--waveform is one of sine, square, noise, silence, not "saw"/],
    [["--output", ""], /--output is empty/],
    [["--volume", "3"], /there is no option --volume/],
    [["out.wav"], /unexpected argument "out.wav"/],
  ])("%j", async (argv, message) => {
    const { code, out, err } = await generate(argv);
    expect([code, out, err.length]).toEqual([2, [], 1]);
    expect(err[0]).toMatch(message);
    expect(err[0]).toMatch(/^conic-media: [^\n]*; try --help$/);
    expect(await readdir(directory)).toEqual([]);
  });

  it.each([
    ["a folder that is not there", "no/such/a.wav", /the folder does not exist/],
    ["a folder", ".", /it is a directory/],
    ["a path through a file", "file.txt/a.wav", /a part of the path is not a folder/],
    ["a device, which a rename would replace", "/dev/null", /it is not a regular file/],
    ["a name too long", `${"x".repeat(300)}.wav`, /the name is too long/],
  ])("%s", async (_, output, message) => {
    await writeFile(join(directory, "file.txt"), "mine");
    const { code, out, err } = await generate(["--output", output]);
    expect([code, out, err.length]).toEqual([2, [], 1]);
    expect(err[0]).toMatch(message);
    expect(await readdir(directory)).toEqual(["file.txt"]);
  });

  it("nothing at the limits", async () => {
    for (const argv of [
      ["--rate", "1000", "--freq", "499.9"],
      ["--rate", "768000"],
      ["--channels", "32"],
      ["--amplitude", "1"],
      ["--amplitude", "0"],
      ["--duration", "0.00002"],
    ]) {
      const { code } = await generate(["--duration", "0.001", ...argv]);
      expect([argv, code]).toEqual([argv, 0]);
    }
  });
});

describe("the file that generate-audio writes", () => {
  it("replaces an older one, and keeps its mode", async () => {
    const path = join(directory, "sample.wav");
    await writeFile(path, "old");
    await chmod(path, 0o640);
    expect((await generate(["--duration", "0.1"])).code).toBe(0);
    expect(decodeWav(await readFile(path)).summary.frames).toBe(4800);
    expect((await stat(path)).mode & 0o777).toBe(0o640);
  });

  it("replaces what a symbolic link points at, and not the link", async () => {
    await writeFile(join(directory, "real.wav"), "old");
    await symlink("real.wav", join(directory, "sample.wav"));
    await generate(["--duration", "0.1"]);
    expect(await readlink(join(directory, "sample.wav"))).toBe("real.wav");
    expect(decodeWav(await readFile(join(directory, "real.wav"))).summary.frames).toBe(4800);
  });

  it("is not there in part when the user interrupts, and an older one is whole", async () => {
    const path = join(directory, "sample.wav");
    await writeFile(path, "old");
    const interrupt = new AbortController();
    const running = generate(["--duration", "86400"], { signal: interrupt.signal });
    // Interrupted once samples are in the temporary file, and not before.
    await expect.poll(() => sizeOfDraft()).toBeGreaterThan(100_000);
    interrupt.abort();
    const { code, out, err } = await running;
    expect([code, out]).toEqual([130, []]);
    expect(err).toEqual(["conic-media: interrupted; nothing was written"]);
    expect(await readdir(directory)).toEqual(["sample.wav"]);
    expect(await readFile(path, "utf8")).toBe("old");
  });

  it("is not there when the disk fails, with exit code 1", async () => {
    const folder = join(directory, "pulled");
    await mkdir(folder);
    const { code, out, err } = await generate(["--output", "pulled/a.wav", "--duration", "0.1"], {
      // Asked for when the temporary file is open: with its folder gone, the rename fails.
      get signal() {
        rmSync(folder, { recursive: true });
        return undefined;
      },
    });
    expect([code, out, err.length]).toEqual([1, [], 1]);
    expect(err[0]).toMatch(/^conic-media: ENOENT[^\n]*$/);
  });
});

async function sizeOfDraft(): Promise<number> {
  const draft = (await readdir(directory)).find((name) => name.endsWith(".tmp"));
  return draft === undefined ? 0 : (await stat(join(directory, draft))).size;
}
