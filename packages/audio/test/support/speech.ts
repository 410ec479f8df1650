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
