import { invalidArgument } from "../errors.js";

/** What a loudspeaker gives to the left and the right side. */
type Share = readonly [left: number, right: number];

const half = Math.SQRT1_2;

/** By bit of dwChannelMask (WAVEFORMATEXTENSIBLE); gains of ITU-R BS.775 annex 4, without the low-frequency channel. */
const shares: readonly Share[] = [
  [1, 0], // front left
  [0, 1], // front right
  [half, half], // front centre
  [0, 0], // low frequency
  [half, 0], // back left
  [0, half], // back right
  [1, half / 2], // front left of centre
  [half / 2, 1], // front right of centre
  [0.5, 0.5], // back centre
  [half, 0], // side left
  [0, half], // side right
  [0.5, 0.5], // top centre
  [half, 0], // top front left
  [0.5, 0.5], // top front centre
  [0, half], // top front right
  [half, 0], // top back left
  [0.5, 0.5], // top back centre
  [0, half], // top back right
];

/** The layouts that files without a mask mean, by their number of channels. */
const usualMasks: readonly number[] = [0, 0x4, 0x3, 0x7, 0x33, 0x37, 0x3f, 0x70f, 0x63f];

/**
 * Mixes interleaved frames down, or up from mono. Louder than ±1 it does not get: gains are scaled to sum up to 1.
 * @param channelMask speakers of the input as in `WavFormat`; without one, the usual layout of so many channels
 * @returns a new array; `samples` itself when nothing changes
 * @throws ConicError `invalid_argument` for a partial frame, or channels below 1.
 */
export function remix(
  samples: Float32Array,
  fromChannels: number,
  toChannels: 1 | 2,
  channelMask?: number,
): Float32Array {
  if (!(Number.isInteger(fromChannels) && fromChannels >= 1)) {
    throw invalidArgument(`fromChannels is a whole number from 1 on, not ${fromChannels}`);
  }
  if (samples.length % fromChannels !== 0) {
    throw invalidArgument(
      `${samples.length} samples are not whole frames of ${fromChannels} channels`,
    );
  }
  if (fromChannels === toChannels) return samples;
  const frames = samples.length / fromChannels;
  const out = new Float32Array(frames * toChannels);
  for (const [side, gains] of gainsOf(fromChannels, toChannels, channelMask).entries()) {
    for (let frame = 0; frame < frames; frame += 1) {
      let sum = 0;
      for (let channel = 0; channel < fromChannels; channel += 1) {
        sum += (gains[channel] ?? 0) * (samples[frame * fromChannels + channel] ?? 0);
      }
      out[frame * toChannels + side] = sum;
    }
  }
  return out;
}

/** Gains of every input channel, for each output channel. */
function gainsOf(fromChannels: number, toChannels: 1 | 2, mask: number | undefined): number[][] {
  const inputs = fromChannels === 1 ? [[1, 1] as const] : inputShares(fromChannels, mask);
  const sides = [0, 1].map((side) => inputs.map((share) => share[side] ?? 0));
  if (toChannels === 2) return scaled(sides);
  return scaled([inputs.map(([left, right]) => left + right)]);
}

/** One scale for all sides, so that the balance stays. */
function scaled(sides: number[][]): number[][] {
  const loudest = Math.max(...sides.map((gains) => gains.reduce((sum, gain) => sum + gain, 0)));
  return loudest === 0 ? sides : sides.map((gains) => gains.map((gain) => gain / loudest));
}

function inputShares(channels: number, mask: number | undefined): Share[] {
  const speakers = bits(mask === undefined || mask === 0 ? (usualMasks[channels] ?? 0) : mask);
  const named = speakers.slice(0, channels).map((bit) => shares[bit] ?? ([0.5, 0.5] as const));
  // Channels without a place are heard on both sides (WAVEFORMATEXTENSIBLE: "not assigned to any speaker").
  while (named.length < channels) named.push([0.5, 0.5]);
  return named;
}

function bits(mask: number): number[] {
  const found: number[] = [];
  for (let bit = 0; bit < 32; bit += 1) if ((mask & (1 << bit)) !== 0) found.push(bit);
  return found;
}
