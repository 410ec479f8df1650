export type Waveform = "sine" | "square" | "silence" | "noise";

export interface Wave {
  readonly waveform: Waveform;
  readonly frequency: number;
  readonly sampleRate: number;
  readonly seed: number;
}

/** A wave of peak 1 as a function of the frame, called for 0, 1, 2, … */
export function oscillator(wave: Wave): (frame: number) => number {
  const { frequency, sampleRate } = wave;
  // Whole cycles are taken off before the division: exact for whole numbers of Hz, and the sine of a small
  // argument keeps the bits that the sine of a huge one loses.
  const phase = (frame: number): number => ((frame * frequency) % sampleRate) / sampleRate;
  switch (wave.waveform) {
    case "sine":
      return (frame) => Math.sin(2 * Math.PI * phase(frame));
    case "square":
      return (frame) => (phase(frame) < 0.5 ? 1 : -1);
    case "silence":
      return () => 0;
    case "noise":
      return whiteNoise(wave.seed);
  }
}

/** SplitMix32: a counter stepped by the golden ratio and mixed; every seed gives the full period of 2^32. */
function whiteNoise(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let bits = state ^ (state >>> 16);
    bits = Math.imul(bits, 0x21f0aaad);
    bits ^= bits >>> 15;
    bits = Math.imul(bits, 0x735a2d97);
    bits ^= bits >>> 15;
    return bits / 2 ** 31;
  };
}
