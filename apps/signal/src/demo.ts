import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** Beside the sources and beside the build: both lie one folder below the package's. */
const folder = fileURLToPath(new URL("../demo", import.meta.url));

/** What has no type here, such as the compiler's settings, is not served. */
const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** Nothing but the page's own files, no inline code, nobody else's frame; camera and microphone for the page alone. */
const headers: Readonly<Record<string, string>> = {
  "Content-Security-Policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "media-src 'self' blob:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; "),
  "Permissions-Policy": "camera=(self), microphone=(self)",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  // Kept, but asked about each time: a new version of the server has a new page.
  "Cache-Control": "no-cache",
};

/** One file of the page, in memory. */
export interface DemoFile {
  readonly body: Buffer;
  /** All that an answer needs but the length. */
  readonly headers: Readonly<Record<string, string>>;
  readonly etag: string;
}

/** By path, such as `/demo/style.css`. A path that is not in here does not exist: nothing is looked up on disk. */
export type DemoFiles = ReadonlyMap<string, DemoFile>;

/**
 * Reads the page once. `/demo/config.json` tells it where the WebSocket is, from the root of this server.
 * @throws Error of node:fs when the package is not complete.
 */
export function loadDemo(websocketPath: string): DemoFiles {
  const files = new Map<string, DemoFile>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const type = types[path.extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const file = path.join(entry.parentPath, entry.name);
    const name = path.relative(folder, file).replaceAll(path.sep, "/");
    files.set(`/demo/${name}`, demoFile(readFileSync(file), type));
  }
  const index = files.get("/demo/index.html");
  if (index !== undefined) files.set("/demo/", index);
  const config = `${JSON.stringify({ websocketPath })}\n`;
  files.set("/demo/config.json", demoFile(Buffer.from(config), "application/json"));
  return files;
}

/** Whether an `If-None-Match` names this file (RFC 9110 section 13.1.2: weak comparison). */
export function isUnchanged(file: DemoFile, ifNoneMatch: string | undefined): boolean {
  const tags = (ifNoneMatch ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes(file.etag) || tags.includes("*");
}

function demoFile(body: Buffer, type: string): DemoFile {
  const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
  return { body, etag, headers: { "Content-Type": type, ETag: etag, ...headers } };
}
