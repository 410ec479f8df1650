import { generateKeyPairSync } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createTokenAuthenticator } from "../../src/index.js";
import {
  ed25519,
  eddsa,
  encode,
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

const hs = createTokenAuthenticator({ keys: { secret }, now });
const rs = createTokenAuthenticator({ keys: { publicKey: pem(rsa.publicKey) }, now });
const ed = createTokenAuthenticator({ keys: { publicKey: pem(ed25519.publicKey) }, now });
const jwk = rsa.publicKey.export({ format: "jwk" });
const unsigned = (alg: string): string => `${encode({ alg })}.${encode(good)}.`;
const [header = "", claims = "", signature = ""] = hs256().split(".");

describe("S13 a forged token is refused", () => {
  it.each(["none", "None", "NONE", "nOnE", "", "HS256"])("unsigned, alg %j", async (alg) => {
    for (const authenticate of [hs, rs, ed]) {
      expect(await verdict(authenticate, unsigned(alg))).toBe("unauthorized");
      expect(await verdict(authenticate, unsigned(alg).slice(0, -1))).toBe("unauthorized");
    }
  });

  it.each([
    ["PEM", pem(rsa.publicKey)],
    ["PEM without its last line end", pem(rsa.publicKey).trimEnd()],
    ["DER", rsa.publicKey.export({ type: "spki", format: "der" })],
    ["JWK", JSON.stringify(jwk)],
    ["modulus", Buffer.from(String(jwk.n), "base64url")],
  ])("with the public key of RS256 as the secret of HS256, as %s", async (_form, key) => {
    expect(await verdict(rs, rs256())).toBe("accepted");
    expect(await verdict(rs, hs256(good, key))).toBe("unauthorized");
    expect(await verdict(rs, hs256(good, key, { alg: "RS256" }))).toBe("unauthorized");
  });

  it("with the public key of EdDSA as the secret of HS256", async () => {
    const raw = Buffer.from(String(ed25519.publicKey.export({ format: "jwk" }).x), "base64url");
    for (const key of [raw, pem(ed25519.publicKey)]) {
      expect(await verdict(ed, hs256(good, key))).toBe("unauthorized");
    }
  });

  it("with another key of the same kind", async () => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const other = generateKeyPairSync("ed25519");
    expect(await verdict(hs, hs256(good, Buffer.alloc(48, 1)))).toBe("unauthorized");
    expect(await verdict(hs, hs256(good, ""))).toBe("unauthorized");
    expect(await verdict(rs, rs256(good, {}, privateKey))).toBe("unauthorized");
    expect(await verdict(ed, eddsa(good, {}, other.privateKey))).toBe("unauthorized");
  });

  it.each([
    ["brings its own key", { jwk }],
    ["names where its key is", { jku: "https://evil.example/jwks.json" }],
    ["brings a certificate", { x5c: ["AAAA"], x5u: "https://evil.example/" }],
  ])("that %s, which is not looked at", async (_name, extra) => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    expect(await verdict(rs, rs256(good, extra, privateKey))).toBe("unauthorized");
  });

  it.each([
    ["a critical extension that nobody knows", { crit: ["x"], x: 1 }],
    ["claims that are not encoded", { b64: false, crit: ["b64"] }],
  ])("with %s, though well signed", async (_name, extra) => {
    expect(await verdict(hs, hs256(good, secret, extra))).toBe("unauthorized");
  });

  it.each([
    ["claims that are a list", hs256([good])],
    ["claims that are null", hs256(null)],
    ["two parts", `${header}.${claims}`],
    ["four parts", `${header}.${claims}.${signature}.`],
    ["a space in front", ` ${header}.${claims}.${signature}`],
    ["a line end behind", `${header}.${claims}.${signature}\n`],
    ["padding", `${header}.${claims}.${signature}=`],
    ["JSON of its parts", JSON.stringify({ protected: header, payload: claims, signature })],
    ["nothing", ""],
    ["dots", ".."],
  ])("of %s", async (_name, token) => {
    expect(await verdict(hs, token)).toBe("unauthorized");
  });

  it("spelt otherwise, though it decodes to the same bytes", async () => {
    // 43 characters of Base64 hold 258 bits: the last two say nothing.
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const last = alphabet.indexOf(signature.at(-1) ?? "");
    const twin = `${signature.slice(0, -1)}${alphabet[last ^ 1] ?? ""}`;
    expect(Buffer.from(twin, "base64url")).toEqual(Buffer.from(signature, "base64url"));
    expect(await verdict(hs, `${header}.${claims}.${signature}`)).toBe("accepted");
    expect(await verdict(hs, `${header}.${claims}.${twin}`)).toBe("unauthorized");
  });
});

function mutate(token: string, { at, kind, char }: { at: number; kind: string; char: string }) {
  const i = at % token.length;
  const [head, tail] = [token.slice(0, i), token.slice(i + 1)];
  if (kind === "replace") return head + char + tail;
  if (kind === "insert") return head + char + token.slice(i);
  if (kind === "delete") return head + tail;
  if (kind === "cut") return head;
  return head + tail.slice(0, 1) + token.slice(i, i + 1) + tail.slice(1);
}

describe("S13 1,000 mutated tokens", () => {
  const mutation = fc.record({
    at: fc.nat(),
    kind: fc.constantFrom("replace", "insert", "delete", "cut", "swap"),
    char: fc.constantFrom(
      ...Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ "),
    ),
  });

  it("are all refused, whatever the key", async () => {
    const originals = [
      [hs, hs256()],
      [rs, rs256()],
      [ed, eddsa()],
    ] as const;
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.nat(2),
        fc.array(mutation, { minLength: 1, maxLength: 3 }),
        async (which, mutations) => {
          const [authenticate, token] = originals[which] ?? originals[0];
          const mutated = mutations.reduce(mutate, token);
          fc.pre(mutated !== token);
          expect(await verdict(authenticate, mutated)).toBe("unauthorized");
          refused += 1;
        },
      ),
      { numRuns: 1000 },
    );
    expect(refused).toBe(1000);
  });

  it("and claims that were changed under an old signature", async () => {
    const [, , oldSignature = ""] = hs256().split(".");
    for (const change of [{ sub: "root" }, { exp: nowS + 61 }, { may: ["relay"] }]) {
      const changed = `${header}.${encode({ ...good, ...change })}.${oldSignature}`;
      expect(await verdict(hs, changed)).toBe("unauthorized");
    }
  });
});
