/** A sine in samples, as well as it fits. */
export interface SineFit {
  readonly amplitude: number;
  /** Where it begins, in turns. */
  readonly phase: number;
  /** Its power over that of the rest, in dB. */
  readonly snrDb: number;
}

/** The sine of a known frequency, by least squares. */
export function fitSine(samples: Float32Array, frequency: number, rate: number, from = 0): SineFit {
  const step = (2 * Math.PI * frequency) / rate;
  let [cc, ss, cs, xc, xs, xx] = [0, 0, 0, 0, 0, 0];
  for (const [index, x] of samples.entries()) {
    const [c, s] = [Math.cos(step * (from + index)), Math.sin(step * (from + index))];
    cc += c * c;
    ss += s * s;
    cs += c * s;
    xc += x * c;
    xs += x * s;
    xx += x * x;
  }
  const determinant = cc * ss - cs * cs;
  const a = (xc * ss - xs * cs) / determinant;
  const b = (xs * cc - xc * cs) / determinant;
  const power = a * xc + b * xs;
  return {
    amplitude: Math.hypot(a, b),
    phase: Math.atan2(a, b) / (2 * Math.PI),
    snrDb: 10 * Math.log10(power / Math.max(xx - power, 1e-12)),
  };
}

/** Phases of windows against the first, in turns: steady when nothing is missing and nothing drifts. */
export function phaseShifts(
  samples: Float32Array,
  frequency: number,
  rate: number,
  windowSamples: number,
): number[] {
  const phases: number[] = [];
  for (let from = 0; from + windowSamples <= samples.length; from += windowSamples) {
    const window = samples.subarray(from, from + windowSamples);
    phases.push(fitSine(window, frequency, rate, from).phase);
  }
  const first = phases[0] ?? 0;
  return phases.map((phase) => {
    const shift = phase - first;
    return shift - Math.round(shift);
  });
}
