import { once } from "node:events";
import { request } from "node:http";
import { failOnLeaks } from "@conic/internal-testing";
import { ConicError } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { serializeOrigin } from "../../src/access/origins.js";
import { createSignalingServer, type AttachOptions } from "../../src/index.js";
import { openHost, type Host } from "../support/host.js";

failOnLeaks();

const allowed = ["https://example.com", "https://bücher.example:8443", "http://localhost:3000"];

/** The status of the answer to an upgrade request with these values of Origin. */
async function upgrade(
  host: Host,
  origin: string | readonly string[] | undefined,
): Promise<number> {
  const asked = request({
    host: "127.0.0.1",
    port: host.port,
    path: "/ws",
    headers: {
      Connection: "Upgrade",
      Upgrade: "websocket",
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
      ...(origin === undefined ? {} : { Origin: [origin].flat() }),
    },
  });
  const answer = new Promise<number>((resolve, reject) => {
    asked.on("error", reject);
    asked.on("upgrade", (response, socket) => {
      socket.destroy();
      resolve(response.statusCode ?? 0);
    });
    asked.on("response", (response) => {
      response.resume();
      response.on("end", () => {
        resolve(response.statusCode ?? 0);
      });
    });
  });
  asked.end();
  const status = await answer;
  if (!asked.closed) await once(asked, "close");
  return status;
}

async function serve(options: AttachOptions = {}, origins: readonly string[] = allowed) {
  const host = await openHost();
  const server = createSignalingServer({ allowedOrigins: origins });
  server.attach(host.http, options);
  return {
    host,
    [Symbol.asyncDispose]: async (): Promise<void> => {
      await server.close();
      await host[Symbol.asyncDispose]();
    },
  };
}

/** Each is refused with 403: what a browser would never send for an allowed page, and what it would for others. */
const tricky: readonly string[] = [
  "null",
  "",
  "*",
  "https://",
  "https:",
  "example.com",
  "//example.com",
  "http://example.com",
  "wss://example.com",
  "ftp://example.com",
  "file://",
  "https://example.com:443",
  "https://example.com:444",
  "https://example.com:80",
  "https://example.com:8443",
  "https://example.com:",
  "https://example.com/",
  "https://example.com/path",
  "https://example.com?",
  "https://example.com#",
  "https://example.com.",
  "https://example.com.evil.example",
  "https://example.com-evil.example",
  "https://evil-example.com",
  "https://evilexample.com",
  "https://evil.example.com",
  "https://www.example.com",
  "https://example.co",
  "https://example.comm",
  "https://xample.com",
  "https://user@example.com",
  "https://user:password@example.com",
  "https://example.com@evil.example",
  "https://example.com%40evil.example",
  "https://evil.example/https://example.com",
  "https://evil.example?https://example.com",
  "https://evil.example#https://example.com",
  String.raw`https://evil.example\@example.com`,
  String.raw`https:\\example.com`,
  "https:/example.com",
  "https:example.com",
  "HTTPS://example.com",
  "https://EXAMPLE.com",
  "https://example.com https://evil.example",
  "https://example.com, https://evil.example",
  "https://exam ple.com",
  "https://example.com%00.evil.example",
  "https://example%2ecom",
  "https://b\u00fccher.example:8443",
  "https://xn--bcher-kva.example",
  "https://xn--bcher-kva.example:443",
  "https://b%C3%BCcher.example:8443",
  "https://xn--xample-9uf.com",
  "http://127.0.0.1:3000",
  "http://[::1]:3000",
  "http://localhost",
  "http://localhost:30000",
  "http://localhost:3000.evil.example",
  "https://localhost:3000",
  "chrome-extension://example.com",
];

describe("S12 allowed origins", () => {
  it("let their own pages in, as browsers write them", async () => {
    await using world = await serve();
    for (const origin of [
      "https://example.com",
      "https://xn--bcher-kva.example:8443",
      "http://localhost:3000",
    ]) {
      expect(await upgrade(world.host, origin)).toBe(101);
    }
  });

  it("refuse every other with 403, however it looks", async () => {
    await using world = await serve();
    const answers: [string, number][] = [];
    for (const origin of tricky) answers.push([origin, await upgrade(world.host, origin)]);
    expect(answers.length).toBeGreaterThanOrEqual(50);
    expect(answers.filter(([, status]) => status !== 403)).toEqual([]);
  });

  it("refuse two of them at once", async () => {
    await using world = await serve();
    const [good = ""] = allowed;
    expect(await upgrade(world.host, [good, "https://evil.example"])).toBe(403);
    expect(await upgrade(world.host, ["https://evil.example", good])).toBe(403);
  });

  it("are no concern of programs, which have no origin", async () => {
    await using world = await serve();
    expect(await upgrade(world.host, undefined)).toBe(101);
  });

  it("none: no page at all", async () => {
    await using world = await serve({}, []);
    expect(await upgrade(world.host, "https://example.com")).toBe(403);
    expect(await upgrade(world.host, undefined)).toBe(101);
  });

  it("are asked before authorize, which may still refuse", async () => {
    const asked: (string | undefined)[] = [];
    const authorize = ({ headers }: { headers: { origin?: string | undefined } }): void => {
      asked.push(headers.origin);
      throw new ConicError("unauthorized", "not you");
    };
    await using world = await serve({ authorize });
    expect(await upgrade(world.host, "https://evil.example")).toBe(403);
    expect(await upgrade(world.host, "https://example.com")).toBe(401);
    expect(asked).toEqual(["https://example.com"]);
  });
});

describe("an origin in the options", () => {
  it.each([
    ["https://example.com", "https://example.com"],
    ["HTTPS://Example.COM:443/", "https://example.com"],
    ["http://localhost:80", "http://localhost"],
    ["https://bücher.example", "https://xn--bcher-kva.example"],
    ["http://[2001:DB8::1]:8080", "http://[2001:db8::1]:8080"],
    ["chrome-extension://abcdefghijklmnop", "chrome-extension://abcdefghijklmnop"],
    ["capacitor://localhost", "capacitor://localhost"],
  ])("%s is compared as %s", (text, serialized) => {
    expect(serializeOrigin(text)).toBe(serialized);
  });

  it.each([
    [""],
    ["*"],
    ["null"],
    ["example.com"],
    ["https://"],
    ["https://*.example.com"],
    ["https://*"],
    ["https://example.com/path"],
    ["https://example.com/?"],
    ["https://example.com?a=b"],
    ["https://example.com#x"],
    ["https://user@example.com"],
    ["https://@example.com"],
    ["https://example.com:99999"],
    ["https://exam ple.com"],
    ["https:example.com"],
    ["file:///etc"],
    ["data:text/html,x"],
    [String.raw`https://example.com\x`],
  ])("%j is refused", (origin) => {
    expect(() => createSignalingServer({ allowedOrigins: [origin] })).toThrow(
      expect.objectContaining({ code: "invalid_argument" }) as Error,
    );
  });
});
