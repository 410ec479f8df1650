/** How a signal compares with a sine of known frequency: least-squares fit of amplitude, phase and offset. */
export interface SineFit {
  readonly amplitude: number;
  /** Power of the sine over the power of all else. */
  readonly snrDb: number;
}

/** Samples of a sine at full precision of a float32. */
export function sine(
  frequency: number,
  rate: number,
  frames: number,
  amplitude = 0.9,
): Float32Array {
  return Float32Array.from({ length: frames }, (_, n) => {
    return amplitude * Math.sin((2 * Math.PI * frequency * n) / rate);
  });
}

export function fitSine(samples: Float32Array, frequency: number, rate: number): SineFit {
  const omega = (2 * Math.PI * frequency) / rate;
  let [ss, sc, cc, ys, yc] = [0, 0, 0, 0, 0];
  for (const [n, y] of samples.entries()) {
    const s = Math.sin(omega * n);
    const c = Math.cos(omega * n);
    ss += s * s;
    sc += s * c;
    cc += c * c;
    ys += y * s;
    yc += y * c;
  }
  const det = ss * cc - sc * sc;
  const a = (ys * cc - yc * sc) / det;
  const b = (yc * ss - ys * sc) / det;
  let signal = 0;
  let noise = 0;
  for (const [n, y] of samples.entries()) {
    const fitted = a * Math.sin(omega * n) + b * Math.cos(omega * n);
    signal += fitted * fitted;
    noise += (y - fitted) ** 2;
  }
  return { amplitude: Math.hypot(a, b), snrDb: 10 * Math.log10(signal / noise) };
}

export function rmsOf(samples: Float32Array): number {
  return Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);
}

export function decibelsOf(ratio: number): number {
  return 20 * Math.log10(ratio);
}
