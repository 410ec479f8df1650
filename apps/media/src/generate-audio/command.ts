import type { Waveform } from "@conic/audio";
import {
  defineCommand,
  usageError,
  type Command,
  type Flags,
  type FlagValues,
} from "@conic/internal-cli";
import type { GenerateAudioOptions } from "./options.js";

const maxDurationSeconds = 86_400;
const minRate = 1000;
const maxRate = 768_000;
const maxChannels = 32;
const waveforms = ["sine", "square", "noise", "silence"] as const satisfies readonly Waveform[];

const flags = {
  output: {
    type: "string",
    default: "sample.wav",
    placeholder: "PATH",
    help: "File to write, replaced if it exists",
  },
  duration: {
    type: "number",
    default: 5,
    min: 0,
    max: maxDurationSeconds,
    integer: false,
    placeholder: "SECONDS",
    help: `Also fractions, from one frame to ${maxDurationSeconds}`,
  },
  freq: {
    type: "number",
    default: 440,
    min: 0,
    max: maxRate / 2,
    integer: false,
    placeholder: "HZ",
    help: "Frequency of the tone, above 0 and below half of --rate",
  },
  rate: {
    type: "number",
    default: 48_000,
    min: minRate,
    max: maxRate,
    placeholder: "HZ",
    help: `Frames per second, ${minRate} to ${maxRate}`,
  },
  channels: {
    type: "number",
    default: 2,
    min: 1,
    max: maxChannels,
    help: `1 to ${maxChannels}, all with the same samples`,
  },
  bits: {
    type: "number",
    default: 16,
    choices: [8, 16, 24, 32],
    help: "Bits per sample",
  },
  amplitude: {
    type: "number",
    default: 0.3,
    min: 0,
    max: 1,
    integer: false,
    help: "Peak, 0 to 1 of full scale",
  },
  waveform: {
    type: "string",
    default: "sine",
    choices: waveforms,
    placeholder: "NAME",
    help: "Form of the wave",
  },
} as const satisfies Flags;

/** Writes the file that the flags ask for and describes it on stdout. */
export const generateAudio: Command = defineCommand({
  name: "generate-audio",
  summary: "Write a WAV file with a test tone",
  flags,
  footer: ["Exit codes: 0 done, 1 failure, 2 wrong option or path, 130 interrupted"],
  run: async (values, io) => {
    const options = toOptions(values);
    const { writeTone } = await import("./write.js");
    return writeTone(options, io);
  },
});

/** What flags alone cannot say. @throws ExitError with code 2 and what is wrong, in one line. */
function toOptions(values: FlagValues<typeof flags>): GenerateAudioOptions {
  const { output, duration, freq, rate, bits, ...rest } = values;
  if (output === "") throw usageError("--output is empty; give the path of a file");
  if (!(freq > 0 && freq < rate / 2)) {
    throw usageError(`--freq is above 0 and below half of --rate, ${rate / 2} Hz, not "${freq}"`);
  }
  const frames = Math.round(duration * rate);
  if (frames < 1) {
    throw usageError(`--duration is one frame to ${maxDurationSeconds} seconds, not "${duration}"`);
  }
  return { ...rest, output, frames, frequency: freq, sampleRate: rate, bitsPerSample: bits };
}
