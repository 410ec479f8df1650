import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { createSignalingServer } from "@conic/server";
import { describe, expect, it } from "vitest";
import { loadDemo } from "../src/demo.js";
import { createHttpServer } from "../src/http.js";
import { listen, stopListening } from "../src/listen.js";
import { isUnchanged } from "../src/static.js";

const html = readFileSync(new URL("../demo/index.html", import.meta.url), "utf8");

interface Served extends AsyncDisposable {
  readonly port: number;
  get(path: string, init?: RequestInit): Promise<Response>;
}

async function serve(path = "/ws", demo = true): Promise<Served> {
  const stats = createSignalingServer().stats();
  const files = demo ? loadDemo(path) : undefined;
  const http = createHttpServer({ path, stats: () => stats, demo: files });
  const port = await listen([http], ["127.0.0.1"], { host: "127.0.0.1", port: 0 });
  return {
    port,
    get: (where, init) => fetch(`http://127.0.0.1:${port}${where}`, init),
    [Symbol.asyncDispose]: () => stopListening(http),
  };
}

/** The status of a request whose path nobody tidies up on the way. */
async function statusOf(port: number, path: string): Promise<number> {
  const socket = connect({ port, host: "127.0.0.1" });
  let answer = "";
  socket.on("data", (chunk: Buffer) => {
    answer += chunk.toString("latin1");
  });
  socket.write(`GET ${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`);
  await once(socket, "close");
  return Number(/^HTTP\/1.1 (\d+)/.exec(answer)?.[1]);
}

describe("the demo page", () => {
  it.each([
    ["/demo/", "text/html; charset=utf-8"],
    ["/demo/index.html", "text/html; charset=utf-8"],
    ["/demo/?peer=alice", "text/html; charset=utf-8"],
    ["/demo/style.css", "text/css; charset=utf-8"],
    ["/demo/icon.svg", "image/svg+xml"],
    ["/demo/js/main.js", "text/javascript; charset=utf-8"],
    ["/demo/js/net/signaling.js", "text/javascript; charset=utf-8"],
    ["/demo/config.json", "application/json"],
  ])("%s is %s", async (path, type) => {
    await using server = await serve();
    const answer = await server.get(path);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, type]);
    expect(answer.headers.get("cache-control")).toBe("no-cache");
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    const body = Buffer.from(await answer.arrayBuffer());
    expect(answer.headers.get("content-length")).toBe(String(body.byteLength));
    const head = await server.get(path, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    expect(head.headers.get("content-length")).toBe(String(body.byteLength));
    expect(head.headers.get("etag")).toBe(answer.headers.get("etag"));
  });

  it("is found without the last slash too, with its query, also behind a prefix", async () => {
    await using server = await serve();
    const answer = await server.get("/demo?peer=bob&id=a", { redirect: "manual" });
    expect([answer.status, answer.headers.get("location")]).toEqual([308, "demo/?peer=bob&id=a"]);
    const followed = await server.get("/demo");
    expect([followed.url, await followed.text()]).toEqual([
      `http://127.0.0.1:${server.port}/demo/`,
      html,
    ]);
  });

  it("is not sent again to who has it", async () => {
    await using server = await serve();
    const etag = (await server.get("/demo/style.css")).headers.get("etag") ?? "";
    expect(etag).toMatch(/^"[\w-]{22}"$/);
    const again = await server.get("/demo/style.css", { headers: { "If-None-Match": etag } });
    expect([again.status, await again.text(), again.headers.get("etag")]).toEqual([304, "", etag]);
    const other = await server.get("/demo/icon.svg", { headers: { "If-None-Match": etag } });
    expect(other.status).toBe(200);
  });

  it.each([
    ["W/$", true],
    ['"x", $', true],
    ["*", true],
    ['"x"', false],
    [undefined, false],
    ["", false],
  ])("If-None-Match: %s matches: %s", (header, expected) => {
    const file = loadDemo("/ws").get("/demo/");
    if (file === undefined) throw new Error("no page");
    expect(isUnchanged(file, header?.replace("$", file.etag))).toBe(expected);
  });

  it.each([
    ["/demo/nothing.js"],
    ["/demo/tsconfig.json"],
    ["/demo/js"],
    ["/demo/js/"],
    ["/demo/../package.json"],
    ["/demo/..%2fpackage.json"],
    ["/demo/%2e%2e/package.json"],
    ["/demo/js/../../package.json"],
    ["/demo//etc/passwd"],
    ["/demo/./index.html"],
    ["/demo/index.html%00.js"],
    ["/demo\\index.html"],
  ])("%s does not exist", async (path) => {
    await using server = await serve();
    expect(await statusOf(server.port, path)).toBe(404);
  });

  it("tells where the WebSocket is, and gives way to it", async () => {
    await using server = await serve("/signaling");
    expect(await (await server.get("/demo/config.json")).json()).toEqual({
      websocketPath: "/signaling",
    });
    await using other = await serve("/demo/");
    expect((await other.get("/demo/")).status).toBe(426);
  });

  it("takes GET and HEAD only", async () => {
    await using server = await serve();
    const answer = await server.get("/demo/", { method: "POST", body: "x" });
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });

  it("is not there when it is turned off", async () => {
    await using on = await serve();
    await using off = await serve("/ws", false);
    for (const path of ["/demo", "/demo/", "/demo/js/main.js", "/demo/config.json"]) {
      expect((await off.get(path)).status).toBe(404);
    }
    const paths = { health: "/healthz", ready: "/readyz", stats: "/stats", websocket: "/ws" };
    expect(await (await off.get("/x")).json()).toEqual({ error: "not_found", paths });
    expect(await (await on.get("/x")).json()).toMatchObject({ paths: { demo: "/demo/" } });
  });
});

describe("what the demo page may do", () => {
  it("is to load its own files, and nothing else", async () => {
    await using server = await serve();
    const policy = (await server.get("/demo/")).headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toMatch(/unsafe|\*|https?:|data:/);
  });

  it("is enough for it: no inline code, no foreign address", () => {
    expect(html).not.toMatch(/<style|style=|<script(?![^>]* src=)|\son\w+=|https?:|\/\//);
    const files = readdirSync(new URL("../demo", import.meta.url), { recursive: true });
    const scripts = files.map(String).filter((name) => name.endsWith(".js"));
    expect(scripts.length).toBeGreaterThan(10);
    const forbidden = /innerHTML|insertAdjacentHTML|\beval\b|https?:\/\//;
    const wrong = scripts.filter((name) =>
      forbidden.test(readFileSync(new URL(`../demo/${name}`, import.meta.url), "utf8")),
    );
    expect(wrong).toEqual([]);
  });
});
