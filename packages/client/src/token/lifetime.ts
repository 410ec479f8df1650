import type { IceServer } from "@conic/domain";

const decoder = new TextDecoder();

/** What a JSON Web Token says of its time, in milliseconds since 1970. */
export interface TokenTimes {
  readonly endsAt: number;
  readonly issuedAt: number | undefined;
}

/** RFC 4648 section 5. @throws for what is none. */
function decodeBase64Url(text: string): string {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return decoder.decode(Uint8Array.from(binary, (character) => character.charCodeAt(0)));
}

function claimsOf(token: string): Readonly<Record<string, unknown>> | undefined {
  const [, payload, , more] = token.split(".");
  if (payload === undefined || more !== undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(decodeBase64Url(payload));
    return typeof claims === "object" && claims !== null
      ? (claims as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function timeOf(claim: unknown): number | undefined {
  return typeof claim === "number" && claim > 0 && claim <= 8.64e12 ? claim * 1000 : undefined;
}

/**
 * `exp` and `iat` of a JSON Web Token (RFC 7519), which is not verified: that is the server's. Undefined for what is no
 * such token, or does not end.
 */
export function tokenTimes(token: string): TokenTimes | undefined {
  const claims = claimsOf(token);
  const endsAt = timeOf(claims?.["exp"]);
  if (endsAt === undefined) return undefined;
  const issuedAt = timeOf(claims?.["iat"]);
  return { endsAt, issuedAt: issuedAt !== undefined && issuedAt < endsAt ? issuedAt : undefined };
}

/**
 * When the first TURN credentials end: their user is `expiry:id`, in seconds since 1970
 * (draft-uberti-behave-turn-rest-00). Undefined when none do.
 */
export function turnEnd(iceServers: readonly IceServer[]): number | undefined {
  const ends = iceServers.flatMap(({ username = "" }) => {
    const seconds = /^(?<seconds>\d{9,11}):/.exec(username)?.groups?.["seconds"];
    return seconds === undefined ? [] : [Number(seconds) * 1000];
  });
  return ends.length === 0 ? undefined : Math.min(...ends);
}

/** How long something is good for. */
export interface TimeLeft {
  readonly ms: number;
  /** False when it is so short that the clock of this machine may be wrong. */
  readonly isPlausible: boolean;
}

/** What the server has just accepted is good for a while, though the clock says that it has ended. */
const assumedMs = 300_000;
/** Of TURN credentials nothing says when they were made: with a clock that is behind they seem to live too long. */
const maxTurnMs = 3_600_000;
const shortMs = 10_000;

function left(endsAt: number, nowMs: number, lifeMs: number | undefined): TimeLeft {
  const ms = endsAt - nowMs;
  if (ms <= 0) return { ms: lifeMs ?? assumedMs, isPlausible: false };
  return { ms, isPlausible: ms >= (lifeMs === undefined ? shortMs : lifeMs / 2) };
}

/**
 * Until the token, unless it stays the same, or the TURN credentials end, whichever is first; undefined when neither
 * ends, or when asking again is of no use. `nowMs` is in milliseconds since 1970; a clock that is behind the `iat` of
 * the token is put right by it.
 */
export function timeLeft(
  nowMs: number,
  token: TokenTimes | undefined,
  turnEndsAt: number | undefined,
  isTokenFixed: boolean,
): TimeLeft | undefined {
  const now = Math.max(nowMs, token?.issuedAt ?? nowMs);
  const lefts: TimeLeft[] = [];
  if (token !== undefined && !isTokenFixed) {
    const { endsAt, issuedAt } = token;
    lefts.push(left(endsAt, now, issuedAt === undefined ? undefined : endsAt - issuedAt));
  }
  // The server lets credentials end with the token: the same token brings no later ones.
  const endsWithToken = isTokenFixed && token !== undefined && (turnEndsAt ?? 0) >= token.endsAt;
  if (turnEndsAt !== undefined && !endsWithToken) {
    const { ms, isPlausible } = left(turnEndsAt, now, undefined);
    lefts.push({ ms: Math.min(maxTurnMs, ms), isPlausible });
  }
  return lefts.toSorted((a, b) => a.ms - b.ms)[0];
}

const minPauseMs = 1_000;
const maxMinPauseMs = 60_000;
const maxTimerMs = 2_147_483_647;

/**
 * How long to wait before renewing: 75 to 85 % of the time that is left. Never less than a second, and twice as long
 * after each renewal that has won next to nothing, up to a minute: then the clock is wrong.
 */
export function renewalPauseMs(leftMs: number, implausible: number, random: () => number): number {
  const floor = Math.min(maxMinPauseMs, minPauseMs * 2 ** Math.max(0, implausible - 1));
  return Math.min(maxTimerMs, Math.max(floor, leftMs * (0.75 + 0.1 * random())));
}
