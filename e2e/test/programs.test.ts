import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

interface Coverage {
  readonly result: readonly { readonly url: string }[];
}

/** The files that Node loads for a program, as its coverage report names them. */
function loadedBy(app: string, args: readonly string[]): readonly string[] {
  const folder = mkdtempSync(path.join(tmpdir(), "conic-loaded-"));
  try {
    const program = path.join(root, "apps", app, "dist", "main.js");
    const { status, stderr } = spawnSync(process.execPath, [program, ...args], {
      encoding: "utf8",
      env: { ...process.env, NODE_V8_COVERAGE: folder },
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const reports = readdirSync(folder).map((name) =>
      readFileSync(path.join(folder, name), "utf8"),
    );
    const urls = reports.flatMap((text) => (JSON.parse(text) as Coverage).result);
    return urls.flatMap(({ url }) => (url.startsWith("file:") ? [fileURLToPath(url)] : []));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What of other packages is in a bundled file: the bundler names each source above its code. */
function vendorsIn(file: string): readonly string[] {
  const names = readFileSync(file, "utf8").matchAll(
    /^\/\/ .*node_modules\/((?:@[^/\n]+\/)?[^/\n]+)\//gm,
  );
  return [...new Set([...names].map(([, name = ""]) => name))];
}

describe.each(["signal", "datachannel", "media"])("the program %s", (app) => {
  it.each([["--help"], ["--version"]])(
    "loads little of its own for %s, and nobody else's code",
    (flag) => {
      const files = loadedBy(app, [flag]);
      expect(files).toContain(path.join(root, "apps", app, "dist", "main.js"));
      expect(files.flatMap(vendorsIn)).toEqual([]);
      const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
      expect(bytes).toBeLessThan(100_000);
    },
  );

  it("brings what others wrote along, with their licences", () => {
    const dist = path.join(root, "apps", app, "dist");
    const bundled = readdirSync(dist).filter((name) => name.endsWith(".js"));
    const vendors = bundled.flatMap((name) => vendorsIn(path.join(dist, name)));
    const licences = readFileSync(path.join(dist, "licenses.txt"), "utf8");
    expect(vendors).toContain("pino");
    for (const vendor of vendors) expect(licences).toMatch(new RegExp(`^${vendor} \\d`, "m"));
  });
});

describe("the program media", () => {
  it.each([[["start", "--help"]], [["generate-audio", "--help"]]])(
    "loads nobody else's code for %j",
    (args) => {
      expect(loadedBy("media", args).flatMap(vendorsIn)).toEqual([]);
    },
  );
});
