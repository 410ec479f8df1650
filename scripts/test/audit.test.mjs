import { once } from "node:events";
import { createServer } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { advisoryLine, audit, readAudit } from "../lib/audit.mjs";

/** @type {import("node:http").Server[]} */
const servers = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/**
 * Settings of pnpm for a registry that answers every request like this.
 * @param {number} status
 * @param {unknown} body
 */
async function registry(status, body) {
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    });
  });
  servers.push(server);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return { pnpm_config_registry: `http://127.0.0.1:${port}/` };
}

const advisory = {
  id: 1,
  url: "https://example.com/1",
  title: "Reads what it should not",
  severity: "high",
  vulnerable_versions: "<99",
};

describe("known vulnerabilities of production dependencies", () => {
  it("are told by a registry that knows them", async () => {
    const result = await audit(await registry(200, { ws: [advisory], nobody: [advisory] }));
    if (result.kind !== "known") throw new Error(JSON.stringify(result));
    expect(result.advisories.map((found) => advisoryLine(found))).toEqual([
      "ws: high: Reads what it should not (https://example.com/1)",
    ]);
    expect(result.dependencies).toBeGreaterThan(10);
  });

  it("are none of a registry that knows none", async () => {
    expect(await audit(await registry(200, {}))).toMatchObject({ kind: "known", advisories: [] });
  });

  it("are not available from a registry that does not answer such questions", async () => {
    expect(await audit(await registry(405, {}))).toEqual({
      kind: "unavailable",
      reason: "the registry answers 405",
    });
    expect(await audit({ pnpm_config_registry: "http://127.0.0.1:9/" })).toEqual({
      kind: "unavailable",
      reason: "the registry cannot be reached",
    });
  });

  it("are not taken for absent when pnpm fails for another reason", () => {
    const output = "ERR_PNPM_AUDIT_NO_LOCKFILE";
    expect(readAudit(1, output)).toEqual({ kind: "failed", output });
    expect(readAudit(124, "").kind).toBe("unavailable");
  });
});
