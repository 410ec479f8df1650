import { randomBytes, timingSafeEqual } from "node:crypto";

// 192 bits: nobody guesses one, and base64 of them needs no padding.
const secretBytes = 24;
const secretChars = 32;

/** Bytes for so many secrets are asked for together: each call into the generator takes as long as all else here. */
const secretsPerPool = 64;
let pool = "";
let at = 0;

/** A new secret for one registration. */
export function createResumeSecret(): string {
  if (at === pool.length) {
    pool = randomBytes(secretBytes * secretsPerPool).toString("base64url");
    at = 0;
  }
  at += secretChars;
  return pool.slice(at - secretChars, at);
}

/** Whether they are equal, in a time that does not tell where they differ. The length is no secret. */
export function sameSecret(expected: string, offered: string): boolean {
  const a = Buffer.from(expected);
  const b = Buffer.from(offered);
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
}
