import { describe, expect, it } from "vitest";
import { countLines, limits, longFunctions, measure, percentile } from "../lib/size.mjs";

/** @param {number} count */
const lines = (count) => "x;\n".repeat(count);

/** @param {number} count lines of the whole function */
const functionOf = (count) => `function f() {\n${lines(count - 2)}}\n`;

/** @param {string} text */
const long = (text) => longFunctions({ file: "a.ts", text });

/**
 * @param {string} file
 * @param {number} count
 */
const fileOf = (file, count) => ({ file, text: lines(count) });

/** @param {number} count files of one folder */
const folderOf = (count) =>
  Array.from({ length: count }, (_, n) => fileOf(`packages/a/src/${n}.ts`, 0));

/** @param {number} count lines of the only file */
const check = (count) => measure([fileOf("packages/a/src/a.ts", count)]).violations;

describe("sizes", () => {
  it("counts lines with and without a last line feed", () => {
    expect(["", "a", "a\n", "a\nb"].map((text) => countLines(text))).toEqual([0, 1, 1, 2]);
  });

  it("takes nearest-rank percentiles", () => {
    expect(percentile([], 0.5)).toBe(0);
    expect(percentile([3, 1, 2], 0.5)).toBe(2);
    expect(percentile([10, 1, 2, 3, 4, 5, 6, 7, 8, 9], 0.9)).toBe(9);
  });

  it("accepts a function at the limit and refuses one line more", () => {
    expect(long(functionOf(limits.maxFunctionLines))).toEqual([]);
    expect(long(functionOf(limits.maxFunctionLines + 1))).toEqual([
      "a.ts:1: a function of 51 lines (limit 50)",
    ]);
  });

  it("finds long methods, arrows, accessors and constructors", () => {
    const body = `{\n${lines(limits.maxFunctionLines)}}`;
    const members = `constructor() ${body}\n m() ${body}\n get g() ${body}`;
    expect(long(`class A { ${members} }\nconst a = () => ${body};\n`)).toHaveLength(4);
  });

  it("measures a suite by its blocks", () => {
    const block = `it("x", () => {\n${lines(30)}});\n`;
    const suite = `export function contract() {\n  describe("y", () => {\n${block.repeat(5)}});\n}\n`;
    expect(long(suite)).toEqual([]);
    expect(long(`describe("y", () => { it("x", () => {\n${lines(60)}}); });\n`)).toHaveLength(1);
  });

  it.each([
    ["packages/a/src/a.ts", limits.maxFileLines],
    ["apps/a/src/main.ts", limits.maxMainLines],
  ])("accepts %s at %i lines and refuses one more", (file, limit) => {
    const small = Array.from({ length: 20 }, (_, n) =>
      fileOf(`packages/a/src/${n % 3}/${n}.ts`, 0),
    );
    expect(measure([...small, fileOf(file, limit)]).violations).toEqual([]);
    expect(measure([...small, fileOf(file, limit + 1)]).violations).toHaveLength(1);
  });

  it("refuses a median and a 90th percentile above their limits", () => {
    expect(check(limits.medianFileLines)).toEqual([]);
    expect(check(limits.medianFileLines + 1)).toEqual([expect.stringMatching(/^median/)]);
    expect(check(limits.p90FileLines + 1)).toContainEqual(expect.stringMatching(/^90th/));
  });

  it("wants a subfolder in a folder above nine files", () => {
    expect(measure(folderOf(9)).violations).toEqual([]);
    expect(measure(folderOf(10)).violations).toEqual([
      "packages/a/src: 10 files and no subfolder (limit 9)",
    ]);
    const nested = fileOf("packages/a/src/util/x.ts", 0);
    expect(measure([...folderOf(10), nested]).violations).toEqual([]);
  });
});
