import { usageError, type Environment } from "@conic/internal-cli";
import type { TokenKeys, TurnOptions } from "@conic/server";
import type { AccessValues } from "./flags.js";
import { readSecret, readTextFile } from "./secrets.js";

export interface AuthOptions {
  readonly keys: TokenKeys;
  /** The option or variable that the keys came from. */
  readonly source: string;
  readonly audience: string | undefined;
  readonly issuer: string | undefined;
}

/** Who may connect, and what clients are given. */
export interface AccessOptions {
  /** Undefined: everybody may register. */
  readonly auth: AuthOptions | undefined;
  /** Undefined: everybody's pages may connect. */
  readonly allowedOrigins: readonly string[] | undefined;
  readonly turn: TurnOptions | undefined;
}

function list(text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined;
  return text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

function readKeys(values: AccessValues, env: Environment): Pick<AuthOptions, "keys" | "source">[] {
  const path = values["auth-secret-file"];
  const secret = readSecret("--auth-secret-file", path, "CONIC_AUTH_SECRET", env);
  const jwksFile = values["auth-jwks-file"];
  const publicFile = values["auth-public-key-file"];
  const source = "--auth-public-key-file";
  return [
    ...(secret === undefined
      ? []
      : [{ keys: { secret: Buffer.from(secret.text) }, source: secret.source }]),
    ...(jwksFile === undefined ? [] : [{ keys: { jwksFile }, source: "--auth-jwks-file" }]),
    ...(publicFile === undefined
      ? []
      : [{ keys: { publicKey: readTextFile(publicFile, source).text }, source }]),
  ];
}

function readAuth(values: AccessValues, env: Environment): AuthOptions | undefined {
  const [found, second] = readKeys(values, env);
  if (second !== undefined && found !== undefined) {
    throw usageError(`${found.source} and ${second.source} exclude each other; leave one out`);
  }
  const { "auth-audience": audience, "auth-issuer": issuer } = values;
  if (found !== undefined) return { ...found, audience, issuer };
  // Somebody who sets these believes that tokens are checked.
  if (audience === undefined && issuer === undefined) return undefined;
  throw usageError("--auth-audience and --auth-issuer need a key, such as --auth-secret-file");
}

function readTurn(values: AccessValues, env: Environment): TurnOptions | undefined {
  const path = values["turn-secret-file"];
  const secret = readSecret("--turn-secret-file", path, "CONIC_TURN_SECRET", env);
  const urls = list(values["turn-url"]);
  if (urls === undefined && secret === undefined) return undefined;
  if (urls === undefined) throw usageError("a TURN secret needs --turn-url");
  if (secret === undefined) {
    throw usageError("--turn-url needs --turn-secret-file; with a fixed password use --ice-server");
  }
  return { urls, secret: secret.text, ttlS: values["turn-ttl-s"] };
}

/** @throws ExitError with code 2 and one line that says what is wrong. */
export function readAccess(values: AccessValues, env: Environment): AccessOptions {
  const allowedOrigins = list(values["allow-origin"]);
  return { auth: readAuth(values, env), allowedOrigins, turn: readTurn(values, env) };
}
