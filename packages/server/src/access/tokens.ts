import {
  ConicError,
  silentLogger,
  systemClock,
  type ClientId,
  type Clock,
  type Logger,
} from "@conic/domain";
import { grantOf } from "./claims.js";
import type { Grant, Permission } from "./grant.js";
import { signJwt, verifyJwt, type TokenChecks } from "./jwt.js";
import { KeyFile } from "./key-file.js";
import { publicKey, secretKey, type JsonWebKey, type TokenKey } from "./keys.js";

/** Who signs the tokens. The key decides the algorithm, never the token. */
export type TokenKeys =
  /** HS256 with at least 32 bytes, which whoever issues tokens has too. */
  | { readonly secret: Uint8Array }
  /** RS256 or EdDSA: a public key in PEM or as a JWK, RSA from 2048 bits on or Ed25519. */
  | { readonly publicKey: string | JsonWebKey }
  /** Path of a JWK set (RFC 7517), read again when it changes. */
  | { readonly jwksFile: string };

export interface TokenOptions {
  readonly keys: TokenKeys;
  /** Of these, `aud` must hold one. Default: a token with an `aud` is refused, as it is for somebody else. */
  readonly audience?: string | readonly string[];
  /** `iss` must be one of these. Default: not looked at. */
  readonly issuer?: string | readonly string[];
  /** How far the clocks of issuer and server may differ. Default 5. */
  readonly clockToleranceS?: number;
  /** Longer tokens are refused unread. Default 8192. */
  readonly maxTokenChars?: number;
  /** Milliseconds since 1970. Default: this machine's. */
  readonly now?: () => number;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** Fits where the server's `authenticate` option is. */
export type TokenAuthenticator = (request: {
  readonly token: string | undefined;
}) => Promise<Grant>;

function list(value: string | readonly string[] | undefined): readonly string[] | undefined {
  return typeof value === "string" ? [value] : value;
}

function requireRange(name: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new ConicError("invalid_argument", `${name} must be a whole number from ${min} to ${max}`);
}

function keySource(options: TokenOptions): () => Promise<readonly TokenKey[]> {
  const { keys, clock = systemClock, logger = silentLogger } = options;
  if ("jwksFile" in keys) {
    const file = new KeyFile(keys.jwksFile, clock, logger);
    return () => file.keys();
  }
  const fixed = ["secret" in keys ? secretKey(keys.secret) : publicKey(keys.publicKey)];
  return () => Promise.resolve(fixed);
}

/**
 * Lets in who has a JSON Web Token (RFC 7519). Claims: `exp` is required; `sub` is the id that the client gets; `may`
 * lists what it may do, `rooms` where; `nbf`, `aud` and `iss` are checked. Reads a `jwksFile` at once.
 *
 * ```ts
 * const authenticate = createTokenAuthenticator({ keys: { secret } });
 * const signaling = createSignalingServer({ authenticate });
 * ```
 *
 * @throws ConicError `invalid_argument` for keys that are none, or too weak.
 */
export function createTokenAuthenticator(options: TokenOptions): TokenAuthenticator {
  const { clockToleranceS = 5, maxTokenChars = 8192, now = () => Date.now() } = options;
  const checks: TokenChecks = {
    audience: list(options.audience),
    issuer: list(options.issuer),
    clockToleranceS: requireRange("clockToleranceS", clockToleranceS, 0, 300),
    now,
  };
  requireRange("maxTokenChars", maxTokenChars, 64, 1_048_576);
  const keys = keySource(options);
  return async ({ token }) => {
    if (token === undefined) {
      throw new ConicError("unauthorized", "a token is missing; register with one in Token");
    }
    if (token.length > maxTokenChars) {
      throw new ConicError("unauthorized", `the token is longer than ${maxTokenChars} characters`);
    }
    return grantOf(await verifyJwt(token, await keys(), checks), clockToleranceS);
  };
}

export interface MintTokenOptions {
  /** At least 32 bytes. */
  readonly secret: Uint8Array;
  /** How long it is valid, from now on. */
  readonly ttlS: number;
  /** The id that its holder gets. Default: any that it asks for. */
  readonly id?: ClientId;
  /** Default: every room. */
  readonly rooms?: readonly string[];
  /** Default: everything. */
  readonly may?: readonly Permission[];
  readonly audience?: string;
  readonly issuer?: string;
  /** Milliseconds since 1970. Default: this machine's. */
  readonly now?: () => number;
}

/**
 * A token that `createTokenAuthenticator` with the same secret accepts (HS256).
 * @throws ConicError `invalid_argument` for a secret that is too short or a time out of range.
 */
export async function mintToken(options: MintTokenOptions): Promise<string> {
  const { secret, ttlS, id: sub, rooms, may, audience: aud, issuer: iss } = options;
  const iat = Math.floor((options.now?.() ?? Date.now()) / 1000);
  const exp = iat + requireRange("ttlS", ttlS, 1, 10 * 365 * 86_400);
  // Members that are undefined are left out of the JSON.
  return signJwt({ sub, rooms, may, aud, iss, iat, exp }, secretKey(secret));
}
