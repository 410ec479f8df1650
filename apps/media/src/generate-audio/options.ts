import { parseArgs } from "node:util";
import type { Waveform } from "@conic/audio";
import { UsageError } from "../io.js";

/** A tone and the file that it goes into. */
export interface GenerateAudioOptions {
  /** As the user gave it. */
  readonly output: string;
  readonly frames: number;
  /** In Hz. */
  readonly frequency: number;
  readonly sampleRate: number;
  readonly channels: number;
  readonly bitsPerSample: number;
  readonly amplitude: number;
  readonly waveform: Waveform;
}

export const defaults = {
  output: "sample.wav",
  duration: "5",
  freq: "440",
  rate: "48000",
  channels: "2",
  bits: "16",
  amplitude: "0.3",
  waveform: "sine",
} as const;

export const limits = {
  maxDurationSeconds: 86_400,
  minRate: 1000,
  maxRate: 768_000,
  maxChannels: 32,
} as const;

const widths = [8, 16, 24, 32];
const waveforms: readonly Waveform[] = ["sine", "square", "noise", "silence"];

type Flags = Record<keyof typeof defaults, string>;

/** @throws UsageError with what is wrong, in one line. */
export function parseGenerateAudioOptions(argv: readonly string[]): GenerateAudioOptions {
  const flags = parseFlags(argv);
  if (flags.output === "") throw usage("--output is empty; give the path of a file");
  const sampleRate = whole("--rate", flags.rate, limits.minRate, limits.maxRate);
  const frequency = number("--freq", flags.freq);
  if (!(frequency > 0 && frequency < sampleRate / 2)) {
    throw usage(
      `--freq must be above 0 and below half of --rate, ${sampleRate / 2} Hz, not ${flags.freq}`,
    );
  }
  const amplitude = number("--amplitude", flags.amplitude);
  if (amplitude > 1) {
    throw usage(`--amplitude must be 0 to 1, not ${flags.amplitude}`);
  }
  const bitsPerSample = number("--bits", flags.bits);
  if (!widths.includes(bitsPerSample)) {
    throw usage(`--bits must be 8, 16, 24 or 32, not ${flags.bits}`);
  }
  const waveform = waveforms.find((name) => name === flags.waveform);
  if (waveform === undefined) {
    throw usage(`--waveform must be ${waveforms.join(", ")}; not '${flags.waveform}'`);
  }
  return {
    output: flags.output,
    frames: countFrames(flags.duration, sampleRate),
    frequency,
    sampleRate,
    channels: whole("--channels", flags.channels, 1, limits.maxChannels),
    bitsPerSample,
    amplitude,
    waveform,
  };
}

function parseFlags(argv: readonly string[]): Flags {
  // `pnpm generate-audio -- --duration 1` hands the dashes on.
  const args = argv[0] === "--" ? argv.slice(1) : [...argv];
  const type = "string";
  const options = Object.fromEntries(
    Object.keys(defaults).map((name) => [name, { type }] as const),
  );
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw usage(firstSentence(error));
  }
  const [extra] = parsed.positionals;
  if (extra !== undefined) throw usage(`unexpected argument '${extra}'`);
  return { ...defaults, ...(parsed.values as Partial<Flags>) };
}

/** Node's own message goes on with advice over several lines. */
function firstSentence(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const sentence = message.split(/\.?\n|\. /, 1)[0] ?? message;
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

/** A decimal number that is not negative: what `Number` takes beyond that is more likely a mistake. */
function number(flag: string, text: string): number {
  if (/^(\d+\.?\d*|\.\d+)$/.test(text)) return Number(text);
  throw usage(`${flag} must be a number from 0 on, not '${text}'`);
}

function whole(flag: string, text: string, least: number, most: number): number {
  const value = number(flag, text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw usage(`${flag} must be a whole number from ${least} to ${most}, not ${text}`);
}

function countFrames(duration: string, sampleRate: number): number {
  const seconds = number("--duration", duration);
  const frames = Math.round(seconds * sampleRate);
  if (frames >= 1 && seconds <= limits.maxDurationSeconds) return frames;
  throw usage(
    `--duration must be one frame to ${limits.maxDurationSeconds} seconds, not ${duration}`,
  );
}

function usage(message: string): UsageError {
  return new UsageError(`${message}; see --help`);
}
