import { describe, expect, it } from "vitest";
import { alawToFloat, encodeAlaw, encodeMulaw, mulawToFloat } from "../../src/pcm/g711.js";

const laws = [
  {
    law: "A-law",
    levels: alawToFloat,
    encode: encodeAlaw,
    silence: 0xd5,
    halfStep: (code: number) => 8 << Math.max(0, (((code ^ 0x55) & 0x70) >> 4) - 1),
  },
  {
    law: "mu-law",
    levels: mulawToFloat,
    encode: encodeMulaw,
    silence: 0xff,
    halfStep: (code: number) => 4 << ((~code & 0x70) >> 4),
  },
];

describe.each(laws)("$law", ({ levels, encode, silence, halfStep }) => {
  const linear = Array.from(levels, (level) => level * 32_768);
  const values = Array.from({ length: 65_536 }, (_, index) => index - 32_768);
  const top = Math.max(...linear);

  it("is never further from a value than half a step of its segment", () => {
    const wrong = values.filter((value) => {
      const inRange = Math.max(-top, Math.min(top, value));
      const code = encode(value);
      return !(Math.abs((linear[code] ?? Number.NaN) - inRange) <= halfStep(code));
    });
    expect(wrong).toEqual([]);
  });

  it("never falls where the values rise", () => {
    const stored = values.map((value) => linear[encode(value)] ?? Number.NaN);
    expect(stored.filter((level, index) => level < (stored[index - 1] ?? -Infinity))).toEqual([]);
  });

  it("gives each level its own code back, but for the second zero of mu-law", () => {
    const wrong = linear.filter((level, code) => encode(level) !== code);
    expect(wrong).toEqual(linear.includes(0) ? [0] : []);
  });

  it("stores silence as the standard does", () => {
    expect(encode(0)).toBe(silence);
  });
});
