import { randomBytes, timingSafeEqual } from "node:crypto";

// 192 bits: nobody guesses one, and base64 of them needs no padding.
const secretBytes = 24;

/** A new secret for one registration. */
export function createResumeSecret(): string {
  return randomBytes(secretBytes).toString("base64url");
}

/** Whether they are equal, in a time that does not tell where they differ. The length is no secret. */
export function sameSecret(expected: string, offered: string): boolean {
  const a = Buffer.from(expected);
  const b = Buffer.from(offered);
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
}
