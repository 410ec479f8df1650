import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { FakeClock } from "@conic/internal-testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTokenAuthenticator, type TokenKeys } from "../../src/index.js";
import {
  ed25519,
  eddsa,
  good,
  hs256,
  now,
  pem,
  rs256,
  rsa,
  secret,
  verdict,
} from "./support/tokens.js";
import { recorder } from "../support/recorder.js";

const rsaJwk = rsa.publicKey.export({ format: "jwk" });
const edJwk = ed25519.publicKey.export({ format: "jwk" });
const octJwk = { kty: "oct", k: secret.toString("base64url") };
const p256 = generateKeyPairSync("ec", { namedCurve: "P-256" });
const weak = generateKeyPairSync("rsa", { modulusLength: 1024 });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "conic-keys-"));
});
afterEach(() => rm(folder, { recursive: true }));

const file = (): string => path.join(folder, "jwks.json");
const write = (keys: unknown): Promise<void> => writeFile(file(), JSON.stringify({ keys }));

describe("what is no key for tokens is refused at once", () => {
  it.each<[string, TokenKeys]>([
    ["a secret of 31 bytes", { secret: Buffer.alloc(31) }],
    [
      "a private key",
      { publicKey: rsa.privateKey.export({ type: "pkcs8", format: "pem" }).toString() },
    ],
    ["a private JWK", { publicKey: rsa.privateKey.export({ format: "jwk" }) }],
    ["a secret as a public key", { publicKey: octJwk }],
    ["RSA of 1024 bits", { publicKey: pem(weak.publicKey) }],
    ["P-256", { publicKey: pem(p256.publicKey) }],
    ["a JWK for another algorithm", { publicKey: { ...rsaJwk, alg: "PS256" } }],
    ["a JWK of nothing", { publicKey: {} }],
    ["text", { publicKey: "my key" }],
    ["broken JSON", { publicKey: '{"kty":' }],
    ["no file", { jwksFile: "/nonexistent/jwks.json" }],
  ])("%s", (_name, keys) => {
    expect(() => createTokenAuthenticator({ keys })).toThrow(
      expect.objectContaining({ code: "invalid_argument" }) as Error,
    );
  });

  it("but a secret of 32 bytes, and a JWK as text, are keys", async () => {
    const short = Buffer.alloc(32, 7);
    const hs = createTokenAuthenticator({ keys: { secret: short }, now });
    expect(await verdict(hs, hs256(good, short))).toBe("accepted");
    const rs = createTokenAuthenticator({ keys: { publicKey: JSON.stringify(rsaJwk) }, now });
    expect(await verdict(rs, rs256())).toBe("accepted");
  });

  it.each([
    ["no list", "{}"],
    ["no JSON", "keys"],
    ["no key for us", JSON.stringify({ keys: [p256.publicKey.export({ format: "jwk" })] })],
    ["keys for encryption only", JSON.stringify({ keys: [{ ...rsaJwk, use: "enc" }] })],
    ["a private key", JSON.stringify({ keys: [rsa.privateKey.export({ format: "jwk" })] })],
    ["a short secret", JSON.stringify({ keys: [{ kty: "oct", k: "AAAA" }] })],
    ["a secret without its value", JSON.stringify({ keys: [{ kty: "oct" }] })],
    [
      "one kid twice",
      JSON.stringify({
        keys: [
          { ...rsaJwk, kid: "a" },
          { ...rsaJwk, kid: "a" },
        ],
      }),
    ],
    ["a file above the limit", `{"keys":[]}${" ".repeat(1_048_576)}`],
  ])("a set with %s", async (_name, text) => {
    await writeFile(file(), text);
    expect(() => createTokenAuthenticator({ keys: { jwksFile: file() } })).toThrow(
      expect.objectContaining({ code: "invalid_argument" }) as Error,
    );
  });
});

describe("a set of keys", () => {
  it("is of all three kinds, and each key is for its own", async () => {
    await write([
      { ...rsaJwk, kid: "r", use: "sig", alg: "RS256" },
      { ...edJwk, kid: "e", key_ops: ["verify"] },
      { ...octJwk, kid: "s" },
      { ...p256.publicKey.export({ format: "jwk" }), kid: "p" },
    ]);
    const authenticate = createTokenAuthenticator({ keys: { jwksFile: file() }, now });
    const check = (token: string): Promise<string> => verdict(authenticate, token);
    expect(await check(rs256(good, { kid: "r" }))).toBe("accepted");
    expect(await check(eddsa(good, { kid: "e" }))).toBe("accepted");
    expect(await check(hs256(good, secret, { kid: "s" }))).toBe("accepted");
    // The only one of its kind is meant when none is named.
    expect(await check(rs256())).toBe("accepted");
    expect(await check(rs256(good, { kid: "e" }))).toBe("unauthorized");
    expect(await check(rs256(good, { kid: "unknown" }))).toBe("unauthorized");
    expect(await check(hs256(good, pem(rsa.publicKey), { kid: "r" }))).toBe("unauthorized");
  });

  it("needs a name where two could be meant", async () => {
    const second = generateKeyPairSync("ed25519");
    const other = { ...second.publicKey.export({ format: "jwk" }), kid: "b" };
    await write([{ ...edJwk, kid: "a" }, other]);
    const authenticate = createTokenAuthenticator({ keys: { jwksFile: file() }, now });
    expect(await verdict(authenticate, eddsa())).toBe("unauthorized");
    expect(await verdict(authenticate, eddsa(good, { kid: "a" }))).toBe("accepted");
    expect(await verdict(authenticate, eddsa(good, { kid: "b" }))).toBe("unauthorized");
    expect(await verdict(authenticate, eddsa(good, { kid: "b" }, second.privateKey))).toBe(
      "accepted",
    );
  });
});

describe("a file of keys that changes", () => {
  it("is read again a second later: the new key is good, the old one no more", async () => {
    const clock = new FakeClock();
    await write([{ ...edJwk, kid: "old" }]);
    const { entries, logger } = recorder();
    const options = { keys: { jwksFile: file() }, now, clock, logger };
    const authenticate = createTokenAuthenticator(options);
    expect(await verdict(authenticate, eddsa())).toBe("accepted");
    // As secrets are replaced: a new file takes the place of the old one.
    await writeFile(`${file()}.new`, JSON.stringify({ keys: [{ ...rsaJwk, kid: "new" }] }));
    await rename(`${file()}.new`, file());
    clock.advance(999);
    expect(await verdict(authenticate, eddsa())).toBe("accepted");
    clock.advance(1);
    expect(await verdict(authenticate, rs256())).toBe("accepted");
    expect(await verdict(authenticate, eddsa())).toBe("unauthorized");
    expect(entries.map(({ message }) => message)).toEqual(["the keys for tokens have changed"]);
  });

  it("and breaks leaves the older keys in use until it is whole", async () => {
    const clock = new FakeClock();
    await write([edJwk]);
    const { entries, logger } = recorder();
    const options = { keys: { jwksFile: file() }, now, clock, logger };
    const authenticate = createTokenAuthenticator(options);
    await writeFile(file(), '{"keys":[{"kty":');
    clock.advance(1000);
    expect(await verdict(authenticate, eddsa())).toBe("accepted");
    await rm(file());
    clock.advance(1000);
    expect(await verdict(authenticate, eddsa())).toBe("accepted");
    expect(entries.map(({ level }) => level)).toEqual(["warn", "warn"]);
    await write([rsaJwk]);
    clock.advance(1000);
    expect(await verdict(authenticate, rs256())).toBe("accepted");
  });
});
