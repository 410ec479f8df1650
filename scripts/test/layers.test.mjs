// Plants one violation of each layer rule and expects both checks to find exactly that one.
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { layers, manifestViolations } from "../lib/layers.mjs";
import { bin, run } from "../lib/run.mjs";
import { root, workspaces } from "../lib/workspace.mjs";

const base = realpathSync(mkdtempSync(path.join(tmpdir(), "conic-layers-")));

/**
 * @param {string} file
 * @param {string} text
 */
function write(file, text) {
  mkdirSync(path.dirname(path.join(base, file)), { recursive: true });
  writeFileSync(path.join(base, file), text);
}

/** @param {string} folder */
const nameOf = (folder) =>
  folder.replace(/^(?:packages|apps)\//, "@conic/").replace(/^internal\//, "@conic/internal-");

/**
 * A workspace package with every other one installed, declared or not: the rules must not lean on resolution failing.
 * @param {string} folder
 * @param {Record<string, string>} dependencies
 */
function plant(folder, dependencies) {
  const exports = { ".": { "@conic/source": "./src/index.ts" } };
  write(
    `${folder}/package.json`,
    JSON.stringify({ name: nameOf(folder), type: "module", exports, dependencies }),
  );
  write(`${folder}/src/index.ts`, "export const here: number = 1;\n");
  for (const other of Object.keys(layers)) {
    if (other === folder) continue;
    const link = path.join(base, folder, "node_modules", nameOf(other));
    mkdirSync(path.dirname(link), { recursive: true });
    symlinkSync(path.join(base, other), link, "junction");
  }
  for (const vendor of ["ws", "werift", "zod"]) {
    write(
      `${folder}/node_modules/${vendor}/package.json`,
      `{"name":"${vendor}","main":"index.js"}`,
    );
    write(`${folder}/node_modules/${vendor}/index.js`, "exports.X = 1;\n");
  }
}

/** @type {Record<string, [file: string, text: string]>} rule that must fire: [file, its text] */
const planted = {
  "layer-packages-hub": ["packages/hub/src/a.ts", 'import "@conic/transport";'],
  "layer-packages-domain": ["packages/domain/src/a.ts", 'import "@conic/hub";'],
  "layer-packages-webrtc": [
    "packages/webrtc/src/a.ts",
    'import type { here } from "@conic/protocol";',
  ],
  "layer-packages-audio": ["packages/audio/src/a.ts", 'import "@conic/signal";'],
  "layer-packages-server": ["packages/server/src/a.ts", 'import "@conic/client";'],
  "layer-packages-client": ["packages/client/src/a.ts", 'import "@conic/internal-testing";'],
  "layer-packages-transport": ["packages/transport/src/a.ts", 'import "@conic/internal-cli";'],
  "layer-apps-signal": ["apps/signal/src/a.ts", 'import "@conic/datachannel";'],
  "no-relative-import": ["packages/protocol/src/a.ts", 'import "../../domain/src/index.js";'],
  "no-deep-import": ["packages/protocol/src/b.ts", 'import "../../domain/src/inner.js";'],
  "no-circular": ["packages/video/src/a.ts", 'import "./b.js";'],
  "no-unresolvable": ["packages/video/src/c.ts", 'import "not-there-at-all";'],
  "no-undeclared": ["packages/sctp/src/a.ts", 'import "zod";'],
  "vendor-ws": ["apps/media/src/a.ts", 'import "ws";'],
  "vendor-werift": ["packages/webrtc/src/outside.ts", 'import "werift";'],
  "vendor-zod": [
    "apps/datachannel/src/a.ts",
    'import { X } from "zod"; export const x: number = X;',
  ],
};

beforeAll(() => {
  for (const folder of Object.keys(layers)) {
    const vendor = {
      "packages/transport": "ws",
      "packages/webrtc": "werift",
      "packages/protocol": "zod",
    };
    const name = Object.entries(vendor).find(([owner]) => owner === folder)?.[1];
    plant(folder, name === undefined ? {} : { [name]: "1" });
  }
  cpSync(path.join(root, "tsconfig.base.json"), path.join(base, "tsconfig.base.json"));
});

afterAll(() => rmSync(base, { recursive: true, force: true }));

/** @returns {Promise<Map<string, string[]>>} rule name: files that broke it */
async function cruise() {
  const result = await run(
    bin("depcruise"),
    [
      "--config",
      path.join(root, ".dependency-cruiser.mjs"),
      "-T",
      "json",
      "packages",
      "apps",
      "internal",
    ],
    { cwd: base, timeoutMs: 60_000 },
  );
  const json = result.output.slice(result.output.indexOf("{"));
  const report =
    /** @type {{ summary: { violations: { rule: { name: string }, from: string }[] } }} */ (
      JSON.parse(json)
    );
  /** @type {Map<string, string[]>} */
  const found = new Map();
  for (const { rule, from } of report.summary.violations) {
    found.set(rule.name, [...(found.get(rule.name) ?? []), from]);
  }
  return found;
}

describe("layers of imports", () => {
  it("allows what the table allows", async () => {
    write("packages/hub/src/ok.ts", 'import "@conic/domain";\n');
    write("packages/server/src/ok.ts", 'import "@conic/hub";\nimport "@conic/transport";\n');
    write("apps/signal/src/ok.ts", 'import "@conic/server";\nimport "@conic/internal-cli";\n');
    write("packages/hub/test/ok.ts", 'import "@conic/internal-testing";\nimport "../src/ok.js";\n');
    write("packages/transport/src/vendor.ts", 'import "ws";\n');
    write("packages/webrtc/src/engine/vendor.ts", 'import "werift";\n');
    write("packages/protocol/src/schema.ts", 'import "zod";\n');
    write("packages/protocol/src/schema-2.ts", 'import "zod";\n');
    expect([...(await cruise())]).toEqual([]);
  });

  it("finds every planted violation", async () => {
    for (const [file, text] of Object.values(planted)) write(file, `${text}\n`);
    write("packages/video/src/b.ts", 'import "./a.js";\n');
    write("packages/domain/src/inner.ts", "export const inner: number = 1;\n");
    write("packages/transport/src/second.ts", 'import "ws";\n');
    write("packages/webrtc/src/engine/second.ts", 'import "werift";\n');
    const found = await cruise();
    const missed = Object.entries(planted).filter(
      ([rule, [file]]) => !(found.get(rule) ?? []).includes(file),
    );
    expect(missed).toEqual([]);
    expect([...found.keys()]).toContain("vendor-ws-one-file");
    expect([...found.keys()]).toContain("vendor-werift-one-file");
  });
});

/**
 * @param {string} dir
 * @param {Partial<import("../lib/workspace.mjs").Manifest>} more
 */
const violations = (dir, more) =>
  manifestViolations([
    ...Object.keys(layers)
      .filter((folder) => folder !== dir)
      .map((folder) => ({ dir: folder, manifest: { name: nameOf(folder) } })),
    { dir, manifest: { name: nameOf(dir), ...more } },
  ]);

describe("layers of package.json files", () => {
  it("accepts what the table allows, and anything for tests", () => {
    const more = {
      dependencies: { "@conic/domain": "workspace:^", ws: "catalog:" },
      devDependencies: { "@conic/internal-testing": "workspace:*", "@conic/server": "workspace:^" },
    };
    expect(violations("packages/transport", more)).toEqual([]);
  });

  for (const [why, dir, more] of /** @type {const} */ ([
    [
      "a sideways dependency",
      "packages/hub",
      { dependencies: { "@conic/transport": "workspace:^" } },
    ],
    ["an upward dependency", "packages/domain", { dependencies: { "@conic/hub": "workspace:^" } }],
    ["a sideways peer", "packages/hub", { peerDependencies: { "@conic/audio": "workspace:^" } }],
    [
      "a private package",
      "packages/hub",
      { dependencies: { "@conic/internal-testing": "workspace:*" } },
    ],
    ["an app", "packages/server", { dependencies: { "@conic/signal": "workspace:^" } }],
    ["a foreign vendor", "packages/hub", { dependencies: { ws: "catalog:" } }],
    ["an optional vendor", "packages/hub", { optionalDependencies: { ws: "catalog:" } }],
    [
      "a published version of ours",
      "packages/hub",
      { dependencies: { "@conic/domain": "^1.0.0" } },
    ],
  ])) {
    it(`refuses ${why}`, () => expect(violations(dir, more)).toHaveLength(1));
  }

  it("refuses a package without a layer", () => {
    expect(violations("packages/nowhere", {})).toEqual([expect.stringContaining("has no layer")]);
  });

  it("reads the real workspaces", () => {
    expect(workspaces().map(({ dir }) => dir)).toContain("packages/domain");
  });
});
