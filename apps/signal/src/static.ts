import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** What has no type here, such as the compiler's settings, is not served. */
const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** One file of a page, in memory. */
export interface StaticFile {
  readonly body: Buffer;
  /** All that an answer needs but the length. */
  readonly headers: Readonly<Record<string, string>>;
  readonly etag: string;
}

/** By path, such as `/demo/style.css`. A path that is not in here does not exist: nothing is looked up on disk. */
export type StaticFiles = ReadonlyMap<string, StaticFile>;

/**
 * The policy of a page that loads nothing but its own files, has no inline code, and is in nobody's frame.
 * @param more directives of this page alone.
 */
export function contentPolicy(...more: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    ...more,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
}

/** Of all files of all pages. */
const commonHeaders: Readonly<Record<string, string>> = {
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  // Kept, but asked about each time: a new version of the server has a new page.
  "Cache-Control": "no-cache",
};

export function staticFile(
  body: Buffer,
  type: string,
  headers: Readonly<Record<string, string>>,
): StaticFile {
  const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
  return {
    body,
    etag,
    headers: { "Content-Type": type, ETag: etag, ...headers, ...commonHeaders },
  };
}

/**
 * Reads the page in the package's folder of this name once; `index.html` is there as `/name/` too.
 * @throws Error of node:fs when the package is not complete.
 */
export function loadPage(
  name: string,
  headers: Readonly<Record<string, string>>,
): Map<string, StaticFile> {
  // Beside the sources and beside the build: this file lies one folder below the package's, and so does that.
  const folder = fileURLToPath(new URL(`../${name}`, import.meta.url));
  const files = new Map<string, StaticFile>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const type = types[path.extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const file = path.join(entry.parentPath, entry.name);
    const relative = path.relative(folder, file).replaceAll(path.sep, "/");
    files.set(`/${name}/${relative}`, staticFile(readFileSync(file), type, headers));
  }
  const index = files.get(`/${name}/index.html`);
  if (index !== undefined) files.set(`/${name}/`, index);
  return files;
}

/** Whether an `If-None-Match` names this file (RFC 9110 section 13.1.2: weak comparison). */
export function isUnchanged(file: StaticFile, ifNoneMatch: string | undefined): boolean {
  const tags = (ifNoneMatch ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes(file.etag) || tags.includes("*");
}
