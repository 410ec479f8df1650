import type { Credentials, RandomBytes } from "./types.js";

/**
 * 48 bits of name and 144 bits of password, where RFC 8445 section 5.3 asks for 24 and 128. Base64 without padding
 * has the characters of ice-char.
 */
export function createCredentials(random: RandomBytes): Credentials {
  return { ufrag: random(6).toString("base64"), password: random(18).toString("base64") };
}
