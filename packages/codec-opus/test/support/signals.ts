/** Interleaved frames of a sine on every channel; phase runs on over all frames. */
export function toneFrames(
  frequency: number,
  shape: { frames: number; frameSamples: number; channels: number; amplitude?: number },
): Float32Array[] {
  const { frames, frameSamples, channels, amplitude = 0.5 } = shape;
  return Array.from({ length: frames }, (_, frame) =>
    Float32Array.from({ length: frameSamples * channels }, (_unused, i) => {
      const n = frame * frameSamples + Math.floor(i / channels);
      return amplitude * Math.sin((2 * Math.PI * frequency * n) / 48_000);
    }),
  );
}

/**
 * Mono that an encoder takes for speech: a gliding voice of 100 to 160 Hz through two resonances that move, in
 * syllables of a quarter of a second.
 */
export function speech(samples: number): Float32Array {
  const out = new Float32Array(samples);
  let phase = 0;
  const resonators = [resonator(), resonator()];
  for (let n = 0; n < samples; n += 1) {
    const t = n / 48_000;
    const pitch = 130 + 30 * Math.sin(2 * Math.PI * 0.7 * t);
    phase += pitch / 48_000;
    const pulse = phase >= 1 ? 1 : 0;
    if (phase >= 1) phase -= 1;
    const envelope = 0.5 - 0.5 * Math.cos(2 * Math.PI * 4 * t);
    const vowel = Math.sin(2 * Math.PI * 1.3 * t);
    const first = resonators[0]?.(pulse, 500 + 200 * vowel, 80) ?? 0;
    const second = resonators[1]?.(pulse, 1_500 - 400 * vowel, 120) ?? 0;
    out[n] = envelope * (first + 0.6 * second) * 3;
  }
  return scaled(out, 0.5);
}

function scaled(samples: Float32Array, peak: number): Float32Array {
  const largest = samples.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  return samples.map((x) => (x / largest) * peak);
}

function resonator(): (input: number, frequency: number, bandwidth: number) => number {
  let [y1, y2] = [0, 0];
  return (input, frequency, bandwidth) => {
    const r = Math.exp((-Math.PI * bandwidth) / 48_000);
    const y =
      (1 - r) * input + 2 * r * Math.cos((2 * Math.PI * frequency) / 48_000) * y1 - r * r * y2;
    [y2, y1] = [y1, y];
    return y;
  };
}

export function framesOf(samples: Float32Array, size: number): Float32Array[] {
  const count = Math.floor(samples.length / size);
  return Array.from({ length: count }, (_, i) => samples.slice(i * size, (i + 1) * size));
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

/** Power of `expected` over that of what `actual` differs by, in dB. */
export function snrDb(actual: Float32Array, expected: Float32Array): number {
  let signal = 0;
  let noise = 0;
  for (const [i, value] of expected.entries()) {
    signal += value * value;
    noise += (value - (actual[i] ?? 0)) ** 2;
  }
  return 10 * Math.log10(signal / noise);
}
