import { createTokenAuthenticator, mintToken } from "@conic/server";
import { describe, expect, it } from "vitest";
import { readCommand } from "../../src/options.js";

const secret = "a secret of thirty-two bytes, and a little more";
const env = { CONIC_AUTH_SECRET: secret };

async function mint(...argv: string[]): Promise<string> {
  const command = readCommand(argv, env);
  if (command.kind !== "token") throw new Error(command.kind);
  return mintToken(command.options);
}

describe("conic-signal token", () => {
  it("makes one that the server accepts, for what was asked", async () => {
    const token = await mint(
      "token",
      "--id=alice",
      "--rooms=hall,team-*",
      "--may=call,rooms",
      "--ttl=15m",
      "--auth-audience=conic",
    );
    const authenticate = createTokenAuthenticator({
      keys: { secret: Buffer.from(secret) },
      audience: "conic",
    });
    const grant = await authenticate({ token });
    expect(grant).toMatchObject({ id: "alice", rooms: ["hall", "team-*"], may: ["call", "rooms"] });
    const leftMs = (grant.expiresAt ?? 0) - Date.now();
    expect(leftMs).toBeGreaterThan(14 * 60_000);
    expect(leftMs).toBeLessThanOrEqual(15 * 60_000 + 5000);
  });

  it("behind the -- of pnpm, too, and for an hour unless told otherwise", () => {
    expect(readCommand(["--", "token"], env)).toMatchObject({ options: { ttlS: 3600 } });
  });

  it.each([
    ["90", 90],
    ["90s", 90],
    ["15m", 900],
    ["12h", 43_200],
    ["3650d", 315_360_000],
  ])("is valid for --ttl=%s", (ttl, ttlS) => {
    expect(readCommand(["token", `--ttl=${ttl}`], env)).toMatchObject({ options: { ttlS } });
  });

  it.each([
    ["token", "--ttl=0"],
    ["token", "--ttl=1.5h"],
    ["token", "--ttl=3651d"],
    ["token", "--ttl=1w"],
    ["token", "--id=a b"],
    ["token", "--may=fly"],
    ["token", "extra"],
    ["token", "--port=1"],
  ])("%s %s is refused with exit code 2", (...argv) => {
    expect(() => readCommand(argv, env)).toThrow(expect.objectContaining({ exitCode: 2 }) as Error);
  });

  it("needs the secret", () => {
    expect(() => readCommand(["token"], {})).toThrow("a token needs --auth-secret-file");
  });

  it("has a help of its own, without the secret", () => {
    const command = readCommand(["token", "--help"], env);
    expect(command).toMatchObject({
      kind: "help",
      text: expect.stringContaining("Usage: conic-signal token [options]") as string,
    });
    expect(JSON.stringify(command)).not.toContain(secret);
    expect(readCommand(["token", "--version"], env).kind).toBe("version");
  });
});
