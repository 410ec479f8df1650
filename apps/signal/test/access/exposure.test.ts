import { failOnLeaks } from "@conic/internal-testing";
import type { Logger } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { isExposed } from "../../src/access/exposure.js";
import { startApp } from "../../src/app.js";
import { readCommand } from "../../src/options.js";

failOnLeaks();

const secret = "a secret of thirty-two bytes, and a little more";

const nothing = (): void => undefined;

/** The warnings of a server that is started and stopped. */
async function warnings(argv: readonly string[], env = {}): Promise<unknown[]> {
  const command = readCommand(["--port=0", ...argv], env);
  if (command.kind !== "serve") throw new Error(command.kind);
  const heard: unknown[] = [];
  const logger: Logger = {
    debug: nothing,
    info: nothing,
    warn: (_fields, message) => heard.push(message),
    error: nothing,
    child: () => logger,
  };
  const app = await startApp(command.options, logger);
  await app.close();
  return heard;
}

describe("a server without tokens", () => {
  it("warns in one line when other machines can reach it", async () => {
    expect(await warnings(["--host=0.0.0.0"])).toEqual([
      "everybody who reaches this server may register and call; --auth-secret-file or another --auth option asks for tokens",
    ]);
  });

  it("does not warn about allowed origins as if they were tokens", async () => {
    expect(await warnings(["--host=0.0.0.0", "--allow-origin=https://example.net"])).toHaveLength(
      1,
    );
  });

  it.each([["localhost"], ["127.0.0.1"], ["127.9.9.9"]])("is silent on %s", async (host) => {
    expect(await warnings([`--host=${host}`])).toEqual([]);
  });
});

describe("a server with tokens", () => {
  it("has nothing to warn about", async () => {
    expect(await warnings(["--host=0.0.0.0"], { CONIC_AUTH_SECRET: secret })).toEqual([]);
  });
});

describe("an address", () => {
  it.each([
    ["127.0.0.1", false],
    ["127.255.255.254", false],
    ["::1", false],
    ["::ffff:127.0.0.1", false],
    ["0.0.0.0", true],
    ["::", true],
    ["128.0.0.1", true],
    ["10.0.0.1", true],
    ["192.168.1.1", true],
    ["::2", true],
    ["fe80::1", true],
    ["::ffff:10.0.0.1", true],
  ])("%s can be reached by others: %s", (address, exposed) => {
    expect(isExposed(address)).toBe(exposed);
  });
});
