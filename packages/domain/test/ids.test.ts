import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  generateClientId,
  isClientId,
  isConicError,
  maxClientIdChars,
  parseClientId,
} from "../src/index.js";

const allowed = Array.from("ABCXYZabcxyz0189._~@:-");
const valid = fc.string({ unit: fc.constantFrom(...allowed), minLength: 1, maxLength: 64 });

function codeOf(value: unknown): string {
  try {
    return parseClientId(value);
  } catch (error) {
    return isConicError(error) ? error.code : "another error";
  }
}

describe("a client id", () => {
  it("is 1 to 64 of the allowed characters, unchanged by parsing", () => {
    fc.assert(
      fc.property(valid, (text) => {
        expect(isClientId(text)).toBe(true);
        expect(parseClientId(text)).toBe(text);
      }),
    );
  });

  it("may be 64 characters long, not 65", () => {
    expect(maxClientIdChars).toBe(64);
    expect(isClientId("a".repeat(64))).toBe(true);
    expect(codeOf("a".repeat(65))).toBe("invalid_id");
  });

  it("has no other character anywhere in it", () => {
    const other = fc.string({ unit: "binary", minLength: 1, maxLength: 1 });
    fc.assert(
      fc.property(valid, other, fc.nat(), (text, char, position) => {
        fc.pre(!/[\w.~@:-]/.test(char));
        const at = position % (text.length + 1);
        const broken = text.slice(0, at) + char + text.slice(at);
        expect(codeOf(broken)).toBe("invalid_id");
      }),
      { numRuns: 1000 },
    );
  });

  it.each(["", " ", "a\n", "\na", "é", "a/b", "a b", "<b>", "\u0000"])("is not %j", (text) => {
    expect(isClientId(text)).toBe(false);
    expect(codeOf(text)).toBe("invalid_id");
  });

  it.each([undefined, null, 7, {}, ["a"], Object("a")])("is not a value like %o", (value) => {
    expect(isClientId(value)).toBe(false);
    expect(codeOf(value)).toBe("invalid_id");
  });
});

describe("a generated id", () => {
  it("is valid, 24 characters of an alphabet without look-alikes, and new each time", () => {
    const ids = Array.from({ length: 1000 }, generateClientId);
    expect(new Set(ids).size).toBe(1000);
    expect(ids.every((text) => /^[0-9a-hjkmnp-tv-z]{24}$/.test(text))).toBe(true);
    // 24 000 draws out of 32: that one is never drawn has a probability of 32 · (31/32)^24000 < 1e-300.
    expect(new Set(ids.join("")).size).toBe(32);
  });
});
