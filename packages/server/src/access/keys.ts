import { createPublicKey, createSecretKey, type KeyObject } from "node:crypto";
import { ConicError } from "@conic/domain";

/** A JSON Web Key (RFC 7517). */
export type JsonWebKey = Readonly<Record<string, unknown>>;

/** The signatures that are accepted, each with its own kind of key. */
export type TokenAlgorithm = "HS256" | "RS256" | "EdDSA";

/** A key and the one algorithm that it is for: what the token says about that is only compared (RFC 8725, 3.1). */
export interface TokenKey {
  readonly algorithm: TokenAlgorithm;
  /** Name of the key in a set. */
  readonly kid: string | undefined;
  readonly key: KeyObject;
}

/** RFC 7518 section 3.2: as long as the hash, or longer. */
export const minSecretBytes = 32;
/** RFC 7518 section 3.3. */
const minRsaBits = 2048;

/** @throws ConicError `invalid_argument` when it is too short to be one. */
export function secretKey(secret: Uint8Array, kid?: string): TokenKey {
  if (secret.byteLength < minSecretBytes) {
    throw wrong(`a secret has at least ${minSecretBytes} bytes, this one ${secret.byteLength}`);
  }
  return { algorithm: "HS256", kid, key: createSecretKey(secret) };
}

function publicAlgorithm(key: KeyObject): "RS256" | "EdDSA" {
  if (key.asymmetricKeyType === "ed25519") return "EdDSA";
  if (key.asymmetricKeyType !== "rsa") throw wrong("a public key is RSA or Ed25519");
  if ((key.asymmetricKeyDetails?.modulusLength ?? 0) >= minRsaBits) return "RS256";
  throw wrong(`an RSA key has at least ${minRsaBits} bits`);
}

function parsePublic(text: string): KeyObject {
  if (/PRIVATE KEY/.test(text)) throw wrong("this is a private key; only its owner needs it");
  try {
    return createPublicKey(text);
  } catch (error) {
    throw wrong("this is no public key in PEM", error);
  }
}

function parseJwk(jwk: JsonWebKey): KeyObject {
  if (jwk["kty"] === "oct") throw wrong("a JWK of the type oct is a secret, not a public key");
  if (jwk["d"] !== undefined) throw wrong("this is a private key; only its owner needs it");
  try {
    return createPublicKey({ key: { ...jwk }, format: "jwk" });
  } catch (error) {
    throw wrong("this is no public key", error);
  }
}

/**
 * A public key in PEM or as a JWK, also as the JSON of one.
 * @throws ConicError `invalid_argument` for a private key, a secret, or one of another kind or too short.
 */
export function publicKey(source: string | JsonWebKey): TokenKey {
  if (typeof source === "string" && !source.trimStart().startsWith("{")) {
    const key = parsePublic(source);
    return { algorithm: publicAlgorithm(key), kid: undefined, key };
  }
  const jwk = typeof source === "string" ? parseObject(source) : source;
  const key = parseJwk(jwk);
  const algorithm = publicAlgorithm(key);
  const { alg, kid } = jwk;
  if (alg !== undefined && alg !== algorithm)
    throw wrong(`the alg of this key is not ${algorithm}`);
  return { algorithm, kid: typeof kid === "string" ? kid : undefined, key };
}

/** Whether a key is meant for checking signatures of a kind that we know (RFC 7517 sections 4 and 5). */
function isUsable({ kty, crv, use, alg, key_ops: operations }: JsonWebKey): boolean {
  if (use !== undefined && use !== "sig") return false;
  if (Array.isArray(operations) && !operations.includes("verify")) return false;
  if (kty === "oct") return alg === undefined || alg === "HS256";
  if (kty === "RSA") return alg === undefined || alg === "RS256";
  return kty === "OKP" && crv === "Ed25519" && (alg === undefined || alg === "EdDSA");
}

function setMember(jwk: JsonWebKey): TokenKey {
  if (jwk["kty"] !== "oct") return publicKey(jwk);
  const { k, kid } = jwk;
  if (typeof k !== "string") throw wrong("a JWK of the type oct has its secret in k");
  return secretKey(Buffer.from(k, "base64url"), typeof kid === "string" ? kid : undefined);
}

/**
 * The keys of a JWK set that are for us; others in it are none of our business.
 * @throws ConicError `invalid_argument` when none is left, one is broken, or two could be meant by one token.
 */
export function keySet(text: string): readonly TokenKey[] {
  const { keys } = parseObject(text);
  if (!Array.isArray(keys)) throw wrong("a JWK set is an object with a list named keys");
  const found = keys.filter(isObject).filter(isUsable).map(setMember);
  if (found.length === 0) throw wrong("the JWK set has no key for HS256, RS256 or EdDSA");
  const names = new Set(found.map(({ algorithm, kid }) => JSON.stringify([algorithm, kid])));
  if (names.size < found.length) throw wrong("two keys of the JWK set have the same kid, or none");
  return found;
}

function isObject(value: unknown): value is JsonWebKey {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseObject(text: string): JsonWebKey {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // Told below: the text of the parser's error may quote the key.
  }
  throw wrong("this is no JSON object");
}

function wrong(message: string, cause?: unknown): ConicError {
  return new ConicError("invalid_argument", message, cause === undefined ? {} : { cause });
}
