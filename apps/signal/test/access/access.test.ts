import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { silentLogger } from "@conic/domain";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serverAccess } from "../../src/access/apply.js";
import type { AccessOptions } from "../../src/access/read.js";
import { helpText, readCommand } from "../../src/options.js";

const secret = "a secret of thirty-two bytes, and a little more";
const ed = generateKeyPairSync("ed25519");
const files = {
  secret: `${secret}\n`,
  short: "short\n",
  turn: "north\r\n",
  jwks: JSON.stringify({ keys: [ed.publicKey.export({ format: "jwk" })] }),
  pem: ed.publicKey.export({ type: "spki", format: "pem" }).toString(),
  private: ed.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
};

let folder: string;
const file = (name: keyof typeof files | "missing"): string => path.join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "conic-access-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function access(argv: readonly string[], env: Record<string, string> = {}): AccessOptions {
  const command = readCommand(argv, env);
  if (command.kind !== "serve") throw new Error(command.kind);
  return command.options.access;
}

const none: AccessOptions = { auth: undefined, allowedOrigins: undefined, turn: undefined };
const refused = (message: string): Error =>
  expect.objectContaining({
    exitCode: 2,
    message: expect.stringContaining(message) as string,
  }) as Error;

describe("access", () => {
  it("is everybody's by default", () => {
    expect(access([])).toEqual(none);
    expect(serverAccess(none, silentLogger)).toEqual({});
  });

  it("is for who has a token, once there is a key; a line end behind a secret is none of it", () => {
    const auth = { audience: undefined, issuer: undefined };
    const secretFile = { ...auth, keys: { secret: Buffer.from(secret) } };
    expect(access([`--auth-secret-file=${file("secret")}`]).auth).toEqual({
      ...secretFile,
      source: "--auth-secret-file",
    });
    expect(access([], { CONIC_AUTH_SECRET: secret }).auth).toEqual({
      ...secretFile,
      source: "CONIC_AUTH_SECRET",
    });
    expect(access([`--auth-public-key-file=${file("pem")}`]).auth?.keys).toEqual({
      publicKey: files.pem,
    });
    expect(access([`--auth-jwks-file=${file("jwks")}`]).auth?.keys).toEqual({
      jwksFile: file("jwks"),
    });
  });

  it("has a variable for each option", () => {
    const variables = {
      CONIC_AUTH_SECRET_FILE: file("secret"),
      CONIC_AUTH_AUDIENCE: "conic",
      CONIC_AUTH_ISSUER: "me",
      CONIC_ALLOW_ORIGIN: "https://a.example, https://b.example",
      CONIC_TURN_URL: "turn:a,turn:b",
      CONIC_TURN_SECRET_FILE: file("turn"),
      CONIC_TURN_TTL_S: "60",
    };
    expect(access([], variables)).toEqual({
      auth: {
        keys: { secret: Buffer.from(secret) },
        source: "--auth-secret-file",
        audience: "conic",
        issuer: "me",
      },
      allowedOrigins: ["https://a.example", "https://b.example"],
      turn: { urls: ["turn:a", "turn:b"], secret: "north", ttlS: 60 },
    });
    expect(access([], { CONIC_AUTH_JWKS_FILE: file("jwks") }).auth).toBeDefined();
    expect(access([], { CONIC_AUTH_PUBLIC_KEY_FILE: file("pem") }).auth).toBeDefined();
    const more = ["CONIC_AUTH_JWKS_FILE", "CONIC_AUTH_PUBLIC_KEY_FILE", "CONIC_AUTH_SECRET"];
    for (const name of [...Object.keys(variables), ...more, "CONIC_TURN_SECRET"]) {
      expect(helpText()).toContain(name);
    }
  });

  it("takes several origins and TURN servers, also among other options", () => {
    const argv = ["--allow-origin=https://a.example", "--turn-url", "turn:a", "--port=7"];
    const more = ["--allow-origin", "https://b.example", "--turn-url=turn:b"];
    const { allowedOrigins, turn } = access([...argv, ...more], { CONIC_TURN_SECRET: "s" });
    expect(allowedOrigins).toEqual(["https://a.example", "https://b.example"]);
    expect(turn).toEqual({ urls: ["turn:a", "turn:b"], secret: "s", ttlS: 3600 });
  });

  it("has no option that takes a secret itself", () => {
    for (const option of ["--auth-secret=x", "--turn-secret=x", "--token=x"]) {
      expect(() => access([option])).toThrow(refused("there is no option"));
    }
  });

  it.each<[() => string[], Record<string, string>, string]>([
    [() => [`--auth-secret-file=${file("missing")}`], {}, "cannot be read (ENOENT)"],
    [() => [`--auth-secret-file=${folder}`], {}, "cannot be read (EISDIR)"],
    [() => [`--auth-public-key-file=${file("missing")}`], {}, "cannot be read (ENOENT)"],
    [() => [`--auth-secret-file=${file("secret")}`], { CONIC_AUTH_SECRET: "x" }, "same thing"],
    [
      () => [`--auth-secret-file=${file("secret")}`, "--auth-jwks-file=x"],
      {},
      "exclude each other",
    ],
    [() => ["--auth-jwks-file=x"], { CONIC_AUTH_SECRET: secret }, "exclude each other"],
    [() => ["--auth-audience=conic"], {}, "need a key"],
    [() => [], { CONIC_AUTH_ISSUER: "me" }, "need a key"],
    [() => ["--turn-url=turn:a"], {}, "--turn-secret-file"],
    [() => [`--turn-secret-file=${file("turn")}`], {}, "needs --turn-url"],
    [() => ["--turn-url=turn:a", "--turn-ttl-s=59"], { CONIC_TURN_SECRET: "s" }, "60"],
  ])("that is not what it seems is refused: %#", (argv, env, message) => {
    expect(() => access(argv(), env)).toThrow(refused(message));
  });

  it.each([
    ["a secret that is too short", "short", "auth-secret-file", "at least 32 bytes"],
    ["a private key", "private", "auth-public-key-file", "private key"],
    ["a set that is none", "pem", "auth-jwks-file", "no JSON object"],
    ["a set that is not there", "missing", "auth-jwks-file", "cannot be read"],
  ] as const)("%s is refused, and the option is named", (_name, name, option, message) => {
    const read = access([`--${option}=${file(name)}`]);
    const start = (): unknown => serverAccess(read, silentLogger);
    expect(start).toThrow(refused(message));
    expect(start).toThrow(refused(`--${option}: `));
  });
});
