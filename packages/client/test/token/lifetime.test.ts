import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renewalPauseMs, timeLeft, tokenTimes, turnEnd } from "../../src/token/lifetime.js";
import { jwt } from "./scripted.js";

const hour = 3_600_000;
const now = 1_800_000_000_000;

describe("the times of a token", () => {
  it("are exp and iat, in seconds", () => {
    const endsAt = now + hour;
    expect(tokenTimes(jwt({ exp: endsAt / 1000 }))).toEqual({ endsAt, issuedAt: undefined });
    const both = jwt({ exp: endsAt / 1000, iat: now / 1000, name: "héllo" });
    expect(tokenTimes(both)).toEqual({ endsAt, issuedAt: now });
    const odd = jwt({ exp: endsAt / 1000, iat: endsAt / 1000 });
    expect(tokenTimes(odd)).toEqual({ endsAt, issuedAt: undefined });
  });

  it.each([
    "",
    "secret",
    "a.b.c",
    "..",
    "a.b.c.d",
    "a.bnVsbA.c",
    "a.W10.c",
    jwt({}),
    jwt({ exp: "1800000000" }),
    jwt({ exp: -1 }),
    jwt({ exp: 1e300 }),
    jwt({ exp: null }),
  ])("are unknown for %s", (token) => {
    expect(tokenTimes(token)).toBeUndefined();
  });

  it("are read from anything without throwing", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json().map(jwtOf)), (token) => {
        const times = tokenTimes(token);
        expect(times === undefined || times.endsAt > 0).toBe(true);
      }),
    );
  });
});

const jwtOf = (json: string): string => `e30.${Buffer.from(json).toString("base64url")}.x`;

describe("the end of TURN credentials", () => {
  it("is in their user, and of several the first counts", () => {
    const urls = "turn:t.example:3478";
    const server = (username: string) => ({ urls, username, credential: "x" });
    expect(turnEnd([{ urls: "stun:s.example:3478" }, server("1800003600:alice")])).toBe(now + hour);
    expect(turnEnd([server("1800003600:a"), server("1800000060:a")])).toBe(now + 60_000);
    expect(turnEnd([server("alice"), server("12:alice"), server("")])).toBeUndefined();
    expect(turnEnd([])).toBeUndefined();
  });
});

describe("the time that is left", () => {
  const token = { endsAt: now + hour, issuedAt: now };

  it("is that of the token or of the credentials, whichever ends first", () => {
    expect(timeLeft(now, token, undefined, false)).toEqual({ ms: hour, isPlausible: true });
    expect(timeLeft(now, token, now + 60_000, false)?.ms).toBe(60_000);
    expect(timeLeft(now, undefined, now + 60_000, false)?.ms).toBe(60_000);
    expect(timeLeft(now, undefined, undefined, false)).toBeUndefined();
  });

  it("of a token that stays the same is that of the credentials, unless they end with it", () => {
    expect(timeLeft(now, token, undefined, true)).toBeUndefined();
    expect(timeLeft(now, token, now + 60_000, true)?.ms).toBe(60_000);
    expect(timeLeft(now, token, now + hour, true)).toBeUndefined();
    expect(timeLeft(now, undefined, now + hour, true)?.ms).toBe(hour);
  });

  it("is not what a wrong clock says", () => {
    // Behind by three hours, ahead by three, ahead by almost the life of the token.
    expect(timeLeft(now - 3 * hour, token, undefined, false)).toEqual({
      ms: hour,
      isPlausible: true,
    });
    expect(timeLeft(now + 3 * hour, token, undefined, false)).toEqual({
      ms: hour,
      isPlausible: false,
    });
    expect(timeLeft(now + hour - 5, token, undefined, false)).toEqual({
      ms: 5,
      isPlausible: false,
    });
    const bare = { endsAt: now + hour, issuedAt: undefined };
    expect(timeLeft(now + 3 * hour, bare, undefined, false)).toEqual({
      ms: 300_000,
      isPlausible: false,
    });
    expect(timeLeft(now - 30 * hour, undefined, now + hour, false)?.ms).toBe(hour);
    expect(timeLeft(now + 30 * hour, undefined, now + hour, false)?.ms).toBe(300_000);
  });
});

describe("the pause before a renewal", () => {
  it("is around four fifths of what is left", () => {
    expect(renewalPauseMs(hour, 0, () => 0)).toBe(0.75 * hour);
    expect(renewalPauseMs(hour, 0, () => 0.5)).toBeCloseTo(0.8 * hour);
    expect(renewalPauseMs(hour, 0, () => 1)).toBeCloseTo(0.85 * hour);
  });

  it("is a second at least, and grows to a minute when renewing wins nothing", () => {
    const pauses = [0, 1, 2, 3, 6, 7, 1000].map((times) => renewalPauseMs(5, times, () => 0.5));
    expect(pauses).toEqual([1_000, 1_000, 2_000, 4_000, 32_000, 60_000, 60_000]);
  });

  it("is one that a timer can wait", () => {
    expect(renewalPauseMs(1e15, 0, () => 0.5)).toBe(2_147_483_647);
  });
});
