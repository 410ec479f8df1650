// ITU-T G.711 in its usual software form: 16-bit linear values, of which A-law keeps the upper 13 bits and mu-law
// the upper 14.

function table(decode: (code: number) => number): Float32Array {
  return Float32Array.from({ length: 256 }, (_, code) => decode(code) / 32768);
}

// Half of the smallest step below the first segment: the codes are the logarithm of a biased value.
const mulawBias = 0x84;
const mulawClip = 0x7fff - mulawBias;

function decodeMulaw(stored: number): number {
  const code = ~stored;
  const magnitude = ((((code & 0x0f) << 3) + mulawBias) << ((code & 0x70) >> 4)) - mulawBias;
  // Not a bare minus: the two codes of zero are the same zero.
  return (code & 0x80) === 0 ? magnitude : 0 - magnitude;
}

/** The code of a linear value of -32768 to 32767. */
export function encodeMulaw(linear: number): number {
  // Negative values are inverted, not negated, as in the software tools of ITU-T G.191.
  const sign = linear < 0 ? 0x80 : 0;
  const biased = Math.min(linear < 0 ? ~linear : linear, mulawClip) + mulawBias;
  const segment = 24 - Math.clz32(biased);
  return ~(sign | (segment << 4) | ((biased >> (segment + 3)) & 0x0f)) & 0xff;
}

// Every other bit is inverted on the line, so that silence is not a row of zeros.
const alawToggle = 0x55;

function decodeAlaw(stored: number): number {
  const code = stored ^ alawToggle;
  const segment = (code & 0x70) >> 4;
  const step = ((code & 0x0f) << 4) + 8;
  const magnitude = segment === 0 ? step : (step + 0x100) << (segment - 1);
  return (code & 0x80) === 0 ? -magnitude : magnitude;
}

/** The code of a linear value of -32768 to 32767. */
export function encodeAlaw(linear: number): number {
  // A-law has no code for zero: 0 belongs to the positive values, -1 to the negative ones.
  const sign = linear < 0 ? 0 : 0x80;
  const magnitude = linear < 0 ? ~linear : linear;
  const segment = Math.max(0, 24 - Math.clz32(magnitude));
  const mantissa = (magnitude >> Math.max(4, segment + 3)) & 0x0f;
  return (sign | (segment << 4) | mantissa) ^ alawToggle;
}

/** Linear values of the 256 A-law codes, full scale ±1. */
export const alawToFloat: Float32Array = table(decodeAlaw);
/** Linear values of the 256 mu-law codes, full scale ±1. */
export const mulawToFloat: Float32Array = table(decodeMulaw);
