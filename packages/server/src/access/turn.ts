import { createHmac } from "node:crypto";
import { ConicError, type ClientId, type IceServer } from "@conic/domain";

export interface TurnOptions {
  /** Such as `turn:turn.example.net:3478` or `turns:turn.example.net:5349?transport=tcp`. */
  readonly urls: readonly string[];
  /** What the TURN server shares with this one: `static-auth-secret` of coturn. */
  readonly secret: string;
  /** How long credentials are good for new relays; a relay in use lives on. 60 to 86 400, default 3600. */
  readonly ttlS?: number;
}

export interface TurnCredentials {
  readonly username: string;
  readonly credential: string;
}

/** Makes the TURN servers for one client; undefined end: as long as it may be. */
export type TurnMinter = (id: ClientId, expiresAt?: number) => IceServer;

// RFC 7065; the address is not taken apart further: it is the TURN client's that dials it.
const turnUrl =
  /^turns?:(?:\[[0-9A-Fa-f:.]+\]|[^\s:@?/[\],]+)(?::\d{1,5})?(?:\?transport=(?:udp|tcp))?$/;

/**
 * Credentials that a TURN server with the same secret accepts until `expiresAt` (milliseconds since 1970), after
 * draft-uberti-behave-turn-rest-00: the user is `expiry:id`, the password the HMAC-SHA1 of that.
 */
export function turnCredentials(secret: string, id: ClientId, expiresAt: number): TurnCredentials {
  const username = `${Math.floor(expiresAt / 1000)}:${id}`;
  return { username, credential: createHmac("sha1", secret).update(username).digest("base64") };
}

/** @throws ConicError `invalid_argument` for no TURN URL, no secret, or a time out of range. */
export function createTurnMinter(options: TurnOptions, now: () => number): TurnMinter {
  const { urls, secret, ttlS = 3600 } = options;
  const wrong = urls.findIndex((url) => !turnUrl.test(url));
  if (urls.length === 0 || wrong !== -1) {
    // By its place: a URL that is wrong may be so because there is a password in it.
    const which = wrong === -1 ? "there is none" : `number ${wrong + 1} is not`;
    throw new ConicError("invalid_argument", `a TURN URL is turn:host:3478; ${which}`);
  }
  if (secret === "") throw new ConicError("invalid_argument", "the TURN secret is empty");
  if (!Number.isInteger(ttlS) || ttlS < 60 || ttlS > 86_400) {
    throw new ConicError("invalid_argument", "ttlS of TURN must be a whole number, 60 to 86400");
  }
  return (id, expiresAt = Infinity) => ({
    urls,
    ...turnCredentials(secret, id, Math.min(now() + ttlS * 1000, expiresAt)),
  });
}
