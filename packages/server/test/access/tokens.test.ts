import { describe, expect, it } from "vitest";
import { createTokenAuthenticator, mintToken, type TokenOptions } from "../../src/index.js";
import { parseClientId } from "@conic/domain";
import {
  ed25519,
  eddsa,
  good,
  hs256,
  now,
  nowS,
  pem,
  rs256,
  rsa,
  secret,
  verdict,
} from "./support/tokens.js";

const withSecret = (options: Partial<TokenOptions> = {}) =>
  createTokenAuthenticator({ keys: { secret }, now, ...options });

const byKey = {
  HS256: withSecret(),
  RS256: createTokenAuthenticator({ keys: { publicKey: pem(rsa.publicKey) }, now }),
  EdDSA: createTokenAuthenticator({
    keys: { publicKey: ed25519.publicKey.export({ format: "jwk" }) },
    now,
  }),
};
const tokens = { HS256: hs256(), RS256: rs256(), EdDSA: eddsa() };

describe("a key", () => {
  const pairs = Object.entries(byKey).flatMap(([kind, authenticate]) =>
    Object.entries(tokens).map(([alg, token]) => [kind, alg, authenticate, token] as const),
  );

  it.each(pairs)(
    "for %s lets a token of %s in only if it is of that kind",
    async (kind, alg, ...rest) => {
      expect(await verdict(...rest)).toBe(kind === alg ? "accepted" : "unauthorized");
    },
  );
});

describe("S13 a token", () => {
  it("says the id, the rooms, what is allowed, and until when", async () => {
    const claims = {
      sub: "alice",
      rooms: ["team-*", "hall"],
      may: ["call", "fly"],
      exp: nowS + 60,
    };
    expect(await withSecret()({ token: hs256(claims) })).toEqual({
      id: "alice",
      rooms: ["team-*", "hall"],
      // What this version does not know grants nothing.
      may: ["call"],
      expiresAt: (nowS + 65) * 1000,
    });
    expect(await withSecret()({ token: hs256({ exp: nowS + 60 }) })).toEqual({
      expiresAt: (nowS + 65) * 1000,
    });
  });

  it("is missing: says what to do", async () => {
    await expect(withSecret()({ token: undefined })).rejects.toMatchObject({
      code: "unauthorized",
      message: "a token is missing; register with one in Token",
    });
  });

  it.each([
    ["at exp, within the tolerance", { exp: nowS - 4 }, "accepted"],
    ["expired by the tolerance", { exp: nowS - 5 }, "unauthorized"],
    ["expired long ago", { exp: 1 }, "unauthorized"],
    ["without exp", { exp: undefined }, "unauthorized"],
    ["with exp as text", { exp: String(nowS + 60) }, "unauthorized"],
    ["with exp null", { exp: null }, "unauthorized"],
    ["not yet valid, within the tolerance", { nbf: nowS + 5 }, "accepted"],
    ["not yet valid", { nbf: nowS + 6 }, "unauthorized"],
    ["with nbf as text", { nbf: "0" }, "unauthorized"],
    ["for another service", { aud: "billing" }, "unauthorized"],
    ["with sub that is no id", { sub: "a b" }, "unauthorized"],
    ["with sub that is a number", { sub: 7 }, "unauthorized"],
    ["with sub null", { sub: null }, "unauthorized"],
    ["with may that is no list", { may: "call" }, "unauthorized"],
    ["with may null", { may: null }, "unauthorized"],
    ["with rooms that are numbers", { rooms: [1] }, "unauthorized"],
    ["with rooms that is an object", { rooms: { length: 0 } }, "unauthorized"],
    ["with claims of others", { scope: "x", name: "Alice" }, "accepted"],
  ])("%s", async (_name, claims, expected) => {
    expect(await verdict(withSecret(), hs256({ ...good, ...claims }))).toBe(expected);
  });

  it.each([
    ["the audience", { aud: "conic" }, "accepted"],
    ["the audience among others", { aud: ["x", "conic"] }, "accepted"],
    ["another audience", { aud: "conic2" }, "unauthorized"],
    ["no audience", {}, "unauthorized"],
    ["another issuer", { aud: "conic", iss: "https://evil.example" }, "unauthorized"],
    ["no issuer", { aud: "conic", iss: undefined }, "unauthorized"],
  ])("with %s where both are asked for", async (_name, claims, expected) => {
    const authenticate = withSecret({ audience: "conic", issuer: ["https://id.example"] });
    const token = hs256({ ...good, iss: "https://id.example", ...claims });
    expect(await verdict(authenticate, token)).toBe(expected);
  });

  it("may be as long as the limit, and no longer", async () => {
    const token = hs256();
    expect(await verdict(withSecret({ maxTokenChars: token.length }), token)).toBe("accepted");
    expect(await verdict(withSecret({ maxTokenChars: token.length - 1 }), token)).toBe(
      "unauthorized",
    );
  });

  it.each([
    ["expired", hs256({ ...good, exp: 1 }), "the token has expired; get a new one"],
    ["not yet valid", hs256({ ...good, nbf: nowS + 99 }), "the claim nbf of the token"],
    ["of another key", hs256(good, Buffer.alloc(32)), "the token is wrong; get another"],
    ["no token", "x", "the token is wrong; get another"],
  ])("that is %s is told so, and nothing more", async (_name, token, message) => {
    await expect(withSecret()({ token })).rejects.toThrow(message);
  });
});

describe("a minted token", () => {
  it("is accepted with what it was minted for", async () => {
    const token = await mintToken({
      secret,
      ttlS: 60,
      id: parseClientId("alice"),
      rooms: ["hall"],
      may: ["call"],
      audience: "conic",
      issuer: "me",
      now,
    });
    const authenticate = withSecret({ audience: "conic", issuer: "me" });
    expect(await authenticate({ token })).toEqual({
      id: "alice",
      rooms: ["hall"],
      may: ["call"],
      expiresAt: (nowS + 65) * 1000,
    });
  });

  it.each([
    [{ secret: Buffer.alloc(31), ttlS: 60 }],
    [{ secret, ttlS: 0 }],
    [{ secret, ttlS: 1.5 }],
  ])("is not made of %j", async (options) => {
    await expect(mintToken(options)).rejects.toMatchObject({ code: "invalid_argument" });
  });
});
