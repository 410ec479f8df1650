import type { Brand } from "./brand.js";
import { ConicError } from "./errors.js";

/** Identifier of a registered client: 1 to 64 characters of `A-Z a-z 0-9 . _ ~ @ : -`. */
export type ClientId = Brand<string, "ClientId">;

export const maxClientIdChars = 64;

// No control characters, quotes or spaces: ids are printed in terminals, logs and URLs.
const clientIdPattern = /^[A-Za-z0-9._~@:-]{1,64}$/;

export function isClientId(value: unknown): value is ClientId {
  return typeof value === "string" && clientIdPattern.test(value);
}

/** @throws ConicError `invalid_id` when `value` is not 1 to 64 of the allowed characters. */
export function parseClientId(value: unknown): ClientId {
  if (isClientId(value)) return value;
  throw new ConicError(
    "invalid_id",
    `an id is 1 to ${maxClientIdChars} characters out of A-Z a-z 0-9 . _ ~ @ : -`,
  );
}

// Crockford's base 32 in lower case: no i, l, o, u, so that an id survives being read aloud.
const codes = Array.from("0123456789abcdefghjkmnpqrstvwxyz", (char) => char.charCodeAt(0));
const generatedIdChars = 24;

// Random bytes for so many ids are asked for together: the call takes longer than the rest.
const random = new Uint8Array(generatedIdChars * 64);
let used = random.length;

/** A new random id of 120 bits: nobody guesses the id of a client that did not choose its own. */
export function generateClientId(): ClientId {
  if (used === random.length) {
    globalThis.crypto.getRandomValues(random);
    used = 0;
  }
  const chars: number[] = [];
  for (const end = used + generatedIdChars; used < end; used += 1) {
    chars.push(codes[(random[used] ?? 0) & 31] ?? 0);
  }
  // One string, and not a tree of 24.
  return String.fromCharCode(...chars) as ClientId;
}
