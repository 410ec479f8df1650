import { randomBytes, timingSafeEqual } from "node:crypto";

// 192 bits: nobody guesses one, and base64 of them needs no padding.
const secretBytes = 24;

/** Bytes for so many secrets are asked for together: each call into the generator takes as long as all else here. */
const secretsPerPool = 64;
let pool = Buffer.alloc(0);
let at = 0;

/** A new secret for one registration. */
export function createResumeSecret(): string {
  if (at === pool.byteLength) {
    pool = randomBytes(secretBytes * secretsPerPool);
    at = 0;
  }
  const end = at + secretBytes;
  const secret = pool.toString("base64url", at, end);
  // What was handed out is not found here any more.
  pool.fill(0, at, end);
  at = end;
  return secret;
}

/** Whether they are equal, in a time that does not tell where they differ. The length is no secret. */
export function sameSecret(expected: string, offered: string): boolean {
  const a = Buffer.from(expected);
  const b = Buffer.from(offered);
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
}
