import { webcrypto, type KeyObject } from "node:crypto";
import { errors, jwtVerify, SignJWT, type JWTPayload } from "jose";
import { ConicError } from "@conic/domain";
import type { Claims } from "./claims.js";
import type { TokenKey } from "./keys.js";

/** What a token must say beside having a good signature. */
export interface TokenChecks {
  readonly audience: readonly string[] | undefined;
  readonly issuer: readonly string[] | undefined;
  readonly clockToleranceS: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

interface Header {
  readonly alg?: string;
  readonly kid?: string;
}

const imported = new WeakMap<KeyObject, Promise<webcrypto.CryptoKey>>();

/** A secret in the form that signatures are checked with: importing it each time takes as long as the check. */
function ready({ algorithm, key }: TokenKey): KeyObject | Promise<webcrypto.CryptoKey> {
  if (algorithm !== "HS256") return key;
  let promise = imported.get(key);
  if (promise === undefined) {
    const hmac = { name: "HMAC", hash: "SHA-256" };
    promise = webcrypto.subtle.importKey("raw", key.export(), hmac, false, ["verify"]);
    imported.set(key, promise);
  }
  return promise;
}

/** By `kid`, where a token says one and the keys have names; else the only one of its algorithm. */
function selectKey(keys: readonly TokenKey[], { alg, kid }: Header): TokenKey {
  const sameKind = keys.filter(({ algorithm }) => algorithm === alg);
  const found =
    sameKind.find((key) => key.kid !== undefined && key.kid === kid) ??
    (sameKind.length === 1 ? sameKind.find((key) => kid === undefined || !key.kid) : undefined);
  if (found !== undefined) return found;
  throw new errors.JWKSNoMatchingKey();
}

/** Base64 has several spellings of some bytes, and decoders take them all: one token, one text. */
function isCanonical(token: string): boolean {
  return token
    .split(".")
    .every((part) => Buffer.from(part, "base64url").toString("base64url") === part);
}

function refusal(error: unknown): ConicError {
  const refused = (why: string): ConicError =>
    new ConicError("unauthorized", why, { cause: error });
  if (error instanceof errors.JWTExpired) return refused("the token has expired; get a new one");
  if (error instanceof errors.JWTClaimValidationFailed) {
    return refused(`the claim ${error.claim} of the token is missing or wrong; get another`);
  }
  // What exactly is wrong with a signature helps only who made it up.
  return refused("the token is wrong; get another");
}

/**
 * The claims of a token that one of the keys signed, and that is valid now, here.
 * @throws ConicError `unauthorized`, and nothing else whatever the token is.
 */
export async function verifyJwt(
  token: string,
  keys: readonly TokenKey[],
  checks: TokenChecks,
): Promise<Claims> {
  const { audience, issuer, clockToleranceS, now } = checks;
  if (!isCanonical(token)) throw refusal(undefined);
  let claims: JWTPayload;
  try {
    const { payload } = await jwtVerify(token, (header) => ready(selectKey(keys, header)), {
      algorithms: Array.from(new Set(keys.map(({ algorithm }) => algorithm))),
      clockTolerance: clockToleranceS,
      currentDate: new Date(now()),
      ...(audience === undefined ? {} : { audience: [...audience] }),
      ...(issuer === undefined ? {} : { issuer: [...issuer] }),
    });
    claims = payload;
  } catch (error) {
    throw refusal(error);
  }
  // RFC 7519 section 4.1.3: who does not find itself in `aud` must refuse, and here nobody has a name.
  if (audience === undefined && claims.aud !== undefined) {
    throw new ConicError("unauthorized", "the token is for another service; get another");
  }
  return claims;
}

/** A token of these claims. */
export function signJwt(claims: Claims, { key, kid, algorithm }: TokenKey): Promise<string> {
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: algorithm, typ: "JWT", ...(kid === undefined ? {} : { kid }) })
    .sign(key);
}
