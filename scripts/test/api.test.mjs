import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { apiReports, changedLines } from "../lib/api-report.mjs";
import { entries, typeEntries } from "../lib/entries.mjs";
import { root } from "../lib/workspace.mjs";

const temp = realpathSync(mkdtempSync(path.join(tmpdir(), "conic-api-")));
afterAll(() => rmSync(temp, { recursive: true, force: true }));

const exports = {
  ".": {
    "@conic/source": "./src/index.ts",
    browser: { types: "./dist/browser.d.ts", default: "./dist/browser.js" },
    import: { types: "./dist/index.d.ts", default: "./dist/index.js" },
    require: { types: "./dist/index.d.cts", default: "./dist/index.cjs" },
  },
  "./a/b": { types: "./dist/b.d.ts", default: "./dist/b.js" },
  "./package.json": "./package.json",
};

/**
 * A built package with one declaration file.
 * @param {string} name
 * @param {string} text
 */
function library(name, text) {
  const dir = path.join(temp, name);
  mkdirSync(path.join(dir, "dist"), { recursive: true });
  const manifest = { name: `@x/${name}`, exports: { ".": { types: "./dist/index.d.ts" } } };
  writeFileSync(path.join(dir, "package.json"), JSON.stringify(manifest));
  writeFileSync(path.join(dir, "dist", "index.d.ts"), text);
  return { dir, manifest };
}

const folders = { typeRoots: path.join(root, "node_modules", "@types"), temp };

/**
 * @param {string} type
 * @param {string} comment
 */
function declarations(type, comment) {
  return `interface Hidden {\n  a: ${type};\n}\n/** ${comment} */\nexport declare function f(h: Hidden): void;\nexport {};\n`;
}

describe("entries of a package", () => {
  it("are every file that exports names, with the conditions that lead to it", () => {
    expect(entries(exports).map(({ file }) => file)).toHaveLength(10);
    expect(entries(exports)).toContainEqual({
      subpath: ".",
      conditions: ["browser", "default"],
      file: "./dist/browser.js",
    });
  });

  it("have declarations named after what distinguishes them", () => {
    expect(typeEntries(exports)).toEqual([
      { file: "./dist/index.d.ts", name: "" },
      { file: "./dist/browser.d.ts", name: "browser" },
      { file: "./dist/b.d.ts", name: "a-b" },
    ]);
  });

  it("share one report when they share their declarations", () => {
    const types = "./dist/index.d.ts";
    expect(typeEntries({ ".": { browser: { types }, import: { types } } })).toEqual([
      { file: types, name: "" },
    ]);
  });
});

describe("the report of a public API", () => {
  it("tells a changed signature, and the shape of what only a signature names, but no comment", () => {
    const { reports, problems } = apiReports(
      [
        library("one", declarations("Buffer", "A.")),
        library("two", declarations("string", "B.\n * C.")),
      ],
      folders,
    );
    expect(problems).toEqual([]);
    expect(reports.map(({ file }) => path.relative(temp, file).split(path.sep))).toEqual([
      ["one", "etc", "one.api.md"],
      ["two", "etc", "two.api.md"],
    ]);
    const [one = "", two = ""] = reports.map(({ text: report }) => report);
    expect(changedLines(one.replace("@x/one", "@x/two"), two, 10)).toEqual([
      "-     a: Buffer;",
      "+     a: string;",
    ]);
    expect(readdirSync(temp).toSorted()).toEqual(["one", "two"]);
  });

  it("fails for declarations that do not compile", () => {
    const { problems } = apiReports(
      [library("bad", "export declare const a: Nowhere;\n")],
      folders,
    );
    expect(problems.join("\n")).toContain("Nowhere");
  });

  it("names as many changed lines as asked for", () => {
    expect(changedLines("a\nb", "c\nd", 4)).toEqual(["- a", "- b", "+ c", "+ d"]);
    expect(changedLines("a\nb", "c\nd", 3)).toEqual(["- a", "- b", "+ c", "… and 1 more lines"]);
  });
});
