import { defaults, limits } from "./options.js";

export const generateAudioHelp: string = `Writes a WAV file with a test tone.

Usage: conic-media generate-audio [options]

Options:
  --output <path>     file to write, replaced if it exists (default ${defaults.output})
  --duration <s>      seconds, also fractions, up to ${limits.maxDurationSeconds} (default ${defaults.duration})
  --freq <Hz>         frequency of the tone, below half the rate (default ${defaults.freq})
  --rate <Hz>         frames per second, ${limits.minRate} to ${limits.maxRate} (default ${defaults.rate})
  --channels <n>      1 to ${limits.maxChannels}, all with the same samples (default ${defaults.channels})
  --bits <n>          bits per sample: 8, 16, 24 or 32 (default ${defaults.bits})
  --amplitude <a>     peak, 0 to 1 (default ${defaults.amplitude})
  --waveform <name>   sine, square, noise or silence (default ${defaults.waveform})
  --help              show this text
  --version           show the version`;
