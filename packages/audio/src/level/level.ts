/** How loud samples are, as parts of full scale. */
export interface Level {
  /** The largest distance from 0. */
  readonly peak: number;
  /** Root of the mean square: 0.707 for a full-scale sine. */
  readonly rms: number;
}

/** Of all channels together; 0 for no samples. */
export function levelOf(samples: Float32Array): Level {
  let peak = 0;
  let squares = 0;
  for (const sample of samples) {
    const size = Math.abs(sample);
    if (size > peak) peak = size;
    squares += sample * sample;
  }
  return { peak, rms: samples.length === 0 ? 0 : Math.sqrt(squares / samples.length) };
}

/** A part of full scale in dBFS: 1 is 0 dB, 0.5 is -6.02 dB, 0 is -Infinity. */
export function decibels(level: number): number {
  return 20 * Math.log10(level);
}
