import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { notInstalled } from "../lib/installed.mjs";
import { root } from "../lib/workspace.mjs";

describe("what of the workspace is not installed", () => {
  /** @type {string} */
  let base;
  beforeEach(() => {
    base = mkdtempSync(path.join(tmpdir(), "conic-installed-"));
    for (const dir of ["", "packages/one", "apps/two", "browser"]) {
      mkdirSync(path.join(base, dir), { recursive: true });
      const manifest = { name: dir, devDependencies: { "@x/dep": "1" } };
      writeFileSync(path.join(base, dir, "package.json"), JSON.stringify(manifest));
    }
  });
  afterEach(() => {
    rmSync(base, { recursive: true });
  });

  it("names each folder that lacks a dependency", () => {
    expect(notInstalled(base).toSorted()).toEqual(["", "apps/two", "browser", "packages/one"]);
    for (const dir of ["", "apps/two"]) {
      mkdirSync(path.join(base, dir, "node_modules/@x/dep"), { recursive: true });
    }
    expect(notInstalled(base).toSorted()).toEqual(["browser", "packages/one"]);
  });

  it("is nothing where the tests run", () => {
    expect(notInstalled(root)).toEqual([]);
  });
});
