import { describe, expect, it } from "vitest";
import { exportDifferences, tarballProblems } from "../lib/tarball.mjs";

const manifest = {
  name: "@conic/hub",
  description: "Who is connected, and delivery of frames to them",
  keywords: ["webrtc", "signaling", "rooms"],
  license: "MIT",
  author: "Conic contributors",
  repository: { url: "git+https://github.com/HMasataka/conic.git", directory: "packages/hub" },
  homepage: "https://github.com/HMasataka/conic/tree/main/packages/hub#readme",
  bugs: "https://github.com/HMasataka/conic/issues",
  engines: { node: ">=22.18" },
  files: ["dist"],
  sideEffects: false,
  dependencies: { ws: "^8.0.0" },
};
const files = new Map([
  ["package.json", "{}"],
  ["README.md", "# @conic/hub"],
  ["LICENSE", "MIT License\n\nCopyright"],
  ["dist/index.js", 'import "node:fs";\nimport { x } from "ws/lib";\nimport "./y.js";\n'],
]);

describe("a packed package", () => {
  it("is fit to publish when it says what it is and holds what it needs", () => {
    expect(tarballProblems({ manifest, files })).toEqual([]);
  });

  it.each([
    [{ description: "short" }, "description"],
    [{ keywords: ["webrtc", "signaling"] }, "keywords"],
    [{ license: "ISC" }, "license"],
    [{ author: undefined }, "author"],
    [{ homepage: "https://github.com/HMasataka/conic" }, "homepage"],
    [{ bugs: undefined }, "bugs"],
    [{ engines: {} }, "engines.node"],
    [{ files: [] }, "files"],
    [{ sideEffects: undefined }, "sideEffects"],
    [{ repository: { ...manifest.repository, url: "https://example.com" } }, "repository.url"],
    [{ repository: { url: manifest.repository.url } }, "repository.directory"],
  ])("names the field of %o", (change, field) => {
    const changed = /** @type {import("../lib/workspace.mjs").Manifest} */ ({
      ...manifest,
      ...change,
    });
    expect(tarballProblems({ manifest: changed, files })[0]).toContain(`${field} of package.json`);
  });

  it.each([
    [
      "a private dependency of developers",
      {},
      { devDependencies: { "@conic/internal-cli": "1" } },
      0,
    ],
    ["its own types", { "dist/a.d.ts": 'export type { A } from "@conic/hub";' }, {}, 0],
    ["the source condition", {}, { exports: { ".": { "@conic/source": "./src/index.ts" } } }, 1],
    ["an undeclared require", { "dist/b.cjs": 'require("@x/y");' }, {}, 1],
    ["an undeclared type", { "dist/b.d.cts": 'export type { A } from "zod";' }, {}, 1],
    ["a program that is missing", {}, { bin: "./dist/none.js" }, 1],
  ])("with %s", (_, more, change, count) => {
    const changed = /** @type {import("../lib/workspace.mjs").Manifest} */ ({
      ...manifest,
      ...change,
    });
    const packed = new Map([...files, ...Object.entries(more)]);
    expect(tarballProblems({ manifest: changed, files: packed })).toHaveLength(count);
  });

  it("has a README and the licence of MIT", () => {
    const bare = new Map([["package.json", "{}"]]);
    expect(tarballProblems({ manifest, files: bare })).toEqual([
      "README.md is missing",
      "LICENSE is missing",
    ]);
    const foreign = new Map([...files, ["LICENSE", "Apache License"]]);
    expect(tarballProblems({ manifest, files: foreign })).toEqual(["LICENSE is not that of MIT"]);
  });

  it("holds nothing but what users need", () => {
    const more = new Map([...files, ["src/index.ts", ""], ["distant.js", ""]]);
    expect(tarballProblems({ manifest, files: more })).toEqual([
      "src/index.ts must not be published",
      "distant.js must not be published",
    ]);
  });

  it("declares what its code imports, and nothing that only the workspace knows", () => {
    const undeclared = { ...manifest, dependencies: { "@conic/internal-cli": "workspace:^" } };
    expect(tarballProblems({ manifest: undeclared, files })).toEqual([
      "package.json still says workspace:",
      "@conic/internal-cli is never published and must not be a dependency",
      "dist/index.js imports ws, which package.json does not declare",
    ]);
  });

  it("has programs that start with node", () => {
    const app = { ...manifest, bin: { a: "./dist/main.js", b: "./dist/gone.js" } };
    const built = new Map([...files, ["dist/main.js", "console.log(1)"]]);
    expect(tarballProblems({ manifest: app, files: built })).toEqual([
      "bin ./dist/main.js has no #! line for node",
      "bin ./dist/gone.js is missing",
    ]);
  });

  it("gives the same names to import and to require", () => {
    expect(exportDifferences(["a", "default"], ["a", "__esModule"])).toEqual([]);
    expect(exportDifferences(["a"], ["b"])).toEqual([
      "import has a, require has not",
      "require has b, import has not",
    ]);
    expect(exportDifferences([], [])).toEqual(["import gives no names at all"]);
  });
});
