import { readdirSync, readFileSync } from "node:fs";
import { failOnLeaks } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { createHttpServer } from "../../src/http.js";
import { listen, stopListening } from "../../src/listen.js";
import { createSignalingServer } from "@conic/server";
import { serve, token } from "./support.js";

failOnLeaks();

const folder = new URL("../../admin/", import.meta.url);
const files = readdirSync(folder, { recursive: true }).map(String);
const html = readFileSync(new URL("index.html", folder), "utf8");

describe("the page at /admin", () => {
  it.each([
    ["/admin/", "text/html; charset=utf-8"],
    ["/admin/index.html", "text/html; charset=utf-8"],
    ["/admin/style.css", "text/css; charset=utf-8"],
    ["/admin/icon.svg", "image/svg+xml"],
    ["/admin/js/main.js", "text/javascript; charset=utf-8"],
  ])("%s is %s, and is not sent twice", async (path, type) => {
    await using server = await serve();
    const none = { Authorization: "" };
    const answer = await server.ask(path, { headers: none });
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, type]);
    const etag = answer.headers.get("etag") ?? "";
    expect(etag).toMatch(/^"[\w-]{22}"$/);
    expect(await answer.text()).not.toContain(token);
    const again = await server.ask(path, { headers: { ...none, "If-None-Match": etag } });
    expect([again.status, await again.text()]).toEqual([304, ""]);
  });

  it("is found without the last slash too, also behind a prefix", async () => {
    await using server = await serve();
    const answer = await server.ask("/admin");
    expect([answer.status, answer.headers.get("location")]).toEqual([308, "admin/"]);
  });

  it.each([
    ["GET", "/admin/tsconfig.json", 404],
    ["GET", "/admin/js", 404],
    ["GET", "/admin/../package.json", 404],
    ["GET", "/admin/%2e%2e/package.json", 404],
    ["GET", "/administrator", 404],
    ["POST", "/admin/", 405],
  ])("%s %s: %i", async (method, path, status) => {
    await using server = await serve();
    expect((await server.ask(path, { method })).status).toBe(status);
  });

  it("may load its own files and nothing else, has no inline code and is in no frame", async () => {
    await using server = await serve();
    const { headers } = await server.ask("/admin/");
    const policy = headers.get("content-security-policy") ?? "";
    for (const part of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"]) {
      expect(policy).toContain(part);
    }
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).not.toMatch(/unsafe|\*|https?:|data:|blob:/);
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(html).not.toMatch(/<style|style=|<script(?![^>]* src=)|\son\w+=|https?:|\/\//);
    const scripts = files.filter((name) => name.endsWith(".js"));
    expect(scripts.length).toBeGreaterThan(5);
    // The one address in them is the name of a language.
    const forbidden =
      /innerHTML|insertAdjacentHTML|\beval\b|localStorage|cookie|https?:\/\/(?!www\.w3\.org\/2000\/svg)/;
    const broken = scripts.filter((name) =>
      forbidden.test(readFileSync(new URL(name, folder), "utf8")),
    );
    expect(broken).toEqual([]);
  });

  it("is not there without a token, and nothing tells that it could be", async () => {
    const stats = createSignalingServer().stats();
    const http = createHttpServer({ path: "/ws", stats: () => stats });
    const port = await listen([http], ["127.0.0.1"], { host: "127.0.0.1", port: 0 });
    const other = await fetch(`http://127.0.0.1:${port}/nothing`, {
      headers: { Connection: "close" },
    });
    const usual = await other.text();
    expect(usual).not.toContain("admin");
    for (const path of ["/admin", "/admin/", "/admin/api/overview", "/admin/js/main.js"]) {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
        headers: { Authorization: `Bearer ${token}`, Connection: "close" },
      });
      expect([answer.status, await answer.text()]).toEqual([404, usual]);
    }
    await stopListening(http);
  });
});
