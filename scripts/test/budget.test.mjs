import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { budgetProblems, bundledBytes, raised, unpackedBytes } from "../lib/budget.mjs";

const temp = realpathSync(mkdtempSync(path.join(tmpdir(), "conic-budget-")));
afterAll(() => rmSync(temp, { recursive: true, force: true }));

/**
 * @param {string} file
 * @param {string} text
 */
function write(file, text) {
  mkdirSync(path.dirname(path.join(temp, file)), { recursive: true });
  writeFileSync(path.join(temp, file), text);
}

describe("the size of a bundle", () => {
  it("is of its own code for Node, and of all for a browser", async () => {
    const random = Array.from({ length: 500 }, (_, index) => (index * 7_919) % 9_973).join("");
    write("node_modules/dep/package.json", '{ "main": "index.js" }');
    write("node_modules/dep/index.js", `export const text = "${random}";\n`);
    write("index.js", 'import { text } from "dep";\nexport const a = () => text;\n');
    const node = await bundledBytes({ dir: temp, file: "./index.js", target: "node" });
    const browser = await bundledBytes({ dir: temp, file: "./index.js", target: "browser" });
    expect(node).toBeLessThan(200);
    expect(browser).toBeGreaterThan(500);
  });

  it("is none when the code needs Node in a browser", async () => {
    write("needs-node.js", 'import fs from "node:fs";\nexport const a = fs;\n');
    const entry = { dir: temp, file: "./needs-node.js" };
    expect(await bundledBytes({ ...entry, target: "node" })).toBeGreaterThan(0);
    await expect(bundledBytes({ ...entry, target: "browser" })).rejects.toThrow("node:fs");
  });
});

describe("the size of a tarball", () => {
  it("is that of its files, with the licence of the root", () => {
    write("LICENSE", "12345");
    write("packages/a/dist/index.js", "123");
    const dir = path.join(temp, "packages/a");
    expect(unpackedBytes(dir, ["dist/index.js", "LICENSE"], temp)).toBe(8);
  });
});

describe("a budget", () => {
  const budgets = { bytes: { a: 100, b: 200 } };

  it("holds at the limit and fails above it, telling by how much", () => {
    expect(budgetProblems({ bytes: { a: 100, b: 200 } }, budgets)).toEqual([]);
    expect(budgetProblems({ bytes: { a: 101, b: 200 } }, budgets)).toEqual([
      "a: 101 bytes, 1 above the budget of 100",
    ]);
  });

  it("is there for everything that is measured, and for nothing else", () => {
    expect(budgetProblems({ bytes: { a: 1, c: 1 } }, budgets)).toEqual([
      "c has no budget of bytes",
      "a budget of bytes is for b, which has none",
    ]);
  });

  it("is raised to a tenth above the size, where it does not hold", () => {
    expect(raised({ bytes: { a: 1_000, b: 200, c: 10 } }, budgets)).toEqual({
      bytes: { a: 1_100, b: 200, c: 100 },
    });
  });
});
