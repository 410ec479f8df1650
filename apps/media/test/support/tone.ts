/** Energy at one frequency, as a part of all: 1 for a pure tone. */
export function purity(samples: Float32Array, frequency: number, sampleRate = 48_000): number {
  let [real, imaginary, energy] = [0, 0, 0];
  for (const [index, sample] of samples.entries()) {
    const angle = (2 * Math.PI * frequency * index) / sampleRate;
    real += sample * Math.cos(angle);
    imaginary += sample * Math.sin(angle);
    energy += sample * sample;
  }
  return (2 * (real * real + imaginary * imaginary)) / (samples.length * energy);
}

/** One channel of interleaved samples. */
export function channelOf(samples: Float32Array, channel: number, channels: number): Float32Array {
  return samples.filter((_, index) => index % channels === channel);
}

export function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
