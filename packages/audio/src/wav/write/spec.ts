import type { SampleEncoding, WavFormat } from "../format.js";
import { invalidArgument } from "../../errors.js";

/** The samples of a file that is to be written. */
export interface WavSpec {
  /** 1 to as many as 65535 bytes per frame allow. */
  readonly channels: number;
  /** In Hz. */
  readonly sampleRate: number;
  /** Default `pcm`. */
  readonly encoding?: SampleEncoding | undefined;
  /** PCM: 8, 16 (default), 24 or 32. Float: 32 (default) or 64. A-law and mu-law: 8. */
  readonly bitsPerSample?: number | undefined;
  /** PCM: how many of the bits carry the value. Default all. */
  readonly validBits?: number | undefined;
  /** Speaker positions, dwChannelMask. Default the usual ones up to 8 channels, none above. */
  readonly channelMask?: number | undefined;
}

const widths: Readonly<Record<SampleEncoding, readonly number[]>> = {
  pcm: [8, 16, 24, 32],
  float: [32, 64],
  alaw: [8],
  mulaw: [8],
};
const defaultWidth: Readonly<Record<SampleEncoding, number>> = {
  pcm: 16,
  float: 32,
  alaw: 8,
  mulaw: 8,
};

// KSAUDIO_SPEAKER_*: mono, stereo, 2.1-less front three, quad, 4.1-less five, 5.1, 6.1, 7.1 (ksmedia.h).
const defaultMasks = [0, 0x4, 0x3, 0x7, 0x33, 0x37, 0x3f, 0x70f, 0x63f];

const maxBlockAlign = 0xffff;
const maxUint32 = 0xffffffff;

/** @throws ConicError `invalid_argument` for what the fields of a WAV file cannot say. */
export function resolveSpec(spec: WavSpec): WavFormat {
  const { channels, sampleRate, encoding = "pcm", channelMask } = spec;
  const bitsPerSample = spec.bitsPerSample ?? defaultWidth[encoding];
  if (!widths[encoding].includes(bitsPerSample)) {
    throw invalidArgument(
      `${encoding} has ${widths[encoding].join(", ")} bits per sample, not ${bitsPerSample}`,
    );
  }
  const sampleBytes = bitsPerSample / 8;
  checkRange("channels", channels, 1, Math.floor(maxBlockAlign / sampleBytes));
  const blockAlign = channels * sampleBytes;
  // The header holds the rate in bytes per second too, in 32 bits.
  checkRange("sampleRate", sampleRate, 1, Math.floor(maxUint32 / blockAlign));
  const validBits = spec.validBits ?? bitsPerSample;
  checkRange("validBits", validBits, encoding === "pcm" ? 1 : bitsPerSample, bitsPerSample);
  if (channelMask !== undefined) checkMask(channelMask, channels);
  const format = { encoding, channels, sampleRate, bitsPerSample, validBits, blockAlign };
  const extensible = channelMask !== undefined || needsExtensible(format);
  const mask = extensible ? (channelMask ?? defaultMasks[channels] ?? 0) : undefined;
  return { ...format, channelMask: mask, byteOrder: "little" };
}

/** When WAVEFORMATEX is not enough (Microsoft, "Multiple Channel Audio Data and WAVE Files"). */
function needsExtensible(format: Omit<WavFormat, "channelMask" | "byteOrder">): boolean {
  if (format.channels > 2) return true;
  if (format.encoding !== "pcm") return false;
  return format.bitsPerSample > 16 || format.validBits !== format.bitsPerSample;
}

function checkRange(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw invalidArgument(`${name} is a whole number from ${least} to ${most}, not ${value}`);
}

function checkMask(mask: number, channels: number): void {
  checkRange("channelMask", mask, 0, maxUint32);
  const speakers = mask.toString(2).replaceAll("0", "").length;
  if (speakers <= channels) return;
  throw invalidArgument(`channelMask names ${speakers} speakers for ${channels} channels`);
}
