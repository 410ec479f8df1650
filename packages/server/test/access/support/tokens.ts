import { createHmac, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { isConicError } from "@conic/domain";
import type { TokenAuthenticator } from "../../../src/index.js";

/** Tokens made by hand, not by the library that checks them. */

type Json = Readonly<Record<string, unknown>>;

export const secret: Buffer = Buffer.from("a secret of thirty-two bytes, and a little more");
export const rsa: { publicKey: KeyObject; privateKey: KeyObject } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
});
export const ed25519: { publicKey: KeyObject; privateKey: KeyObject } =
  generateKeyPairSync("ed25519");

/** The time in all tests of tokens, in seconds. */
export const nowS = 1_800_000_000;
export const now = (): number => nowS * 1000;

/** Claims that are good at that time. */
export const good: Json = { sub: "alice", exp: nowS + 60 };

export function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

export function pem(key: KeyObject): string {
  return key.export({ type: "spki", format: "pem" }).toString();
}

function withSignature(header: Json, claims: unknown, make: (input: string) => Buffer): string {
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${make(input).toString("base64url")}`;
}

export function hs256(
  claims: unknown = good,
  key: string | Uint8Array = secret,
  header: Json = {},
): string {
  return withSignature({ alg: "HS256", typ: "JWT", ...header }, claims, (input) =>
    createHmac("sha256", key).update(input).digest(),
  );
}

export function rs256(
  claims: unknown = good,
  header: Json = {},
  key: KeyObject = rsa.privateKey,
): string {
  return withSignature({ alg: "RS256", ...header }, claims, (input) =>
    sign("sha256", Buffer.from(input), key),
  );
}

export function eddsa(
  claims: unknown = good,
  header: Json = {},
  key: KeyObject = ed25519.privateKey,
): string {
  return withSignature({ alg: "EdDSA", ...header }, claims, (input) =>
    sign(null, Buffer.from(input), key),
  );
}

/** `accepted`, or the code of the refusal. */
export async function verdict(authenticate: TokenAuthenticator, token: string): Promise<string> {
  try {
    await authenticate({ token });
    return "accepted";
  } catch (error) {
    if (isConicError(error)) return error.code;
    throw error;
  }
}
