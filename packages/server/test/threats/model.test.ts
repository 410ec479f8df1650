import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const document = new URL("../../../../docs/threat-model.md", import.meta.url);

interface Row {
  readonly name: string;
  readonly where: readonly URL[];
  readonly tests: readonly URL[];
  readonly figure: string;
}

function links(cell: string): URL[] {
  return Array.from(cell.matchAll(/\]\(([^)]+)\)/g), ([, path = ""]) => new URL(path, document));
}

/** The table of threats; its columns are: threat, rule, where, tests, figure. */
const rows: readonly Row[] = readFileSync(document, "utf8")
  .split("\n")
  .flatMap((line) => {
    const [threat = "", , where = "", tests = "", figure = ""] = line.split(" | ");
    const name = /^\| \*\*(S\d+)\*\* /.exec(threat)?.[1];
    if (name === undefined) return [];
    return [{ name, where: links(where), tests: links(tests), figure: figure.trim() }];
  });

describe("the threat model", () => {
  it("has every threat of its list", () => {
    const wanted = Array.from({ length: 26 }, (_, i) => `S${i + 1}`);
    const elsewhere = new Set(["S19", "S20"]);
    expect(rows.map(({ name }) => name)).toEqual(wanted.filter((name) => !elsewhere.has(name)));
  });

  it.each(rows.map((row) => [row.name, row] as const))(
    "says of %s where it is met, by tests that name it, and with what figure",
    (name, { where, tests, figure }) => {
      expect(where.length).toBeGreaterThan(0);
      expect(where.filter((file) => !existsSync(file))).toEqual([]);
      expect(tests.length).toBeGreaterThan(0);
      const named = new RegExp(`(?:describe|it)[^"'\`]*["'\`][^"'\`]*\\b${name}\\b`);
      expect(tests.filter((file) => !named.test(readFileSync(file, "utf8")))).toEqual([]);
      expect(figure).toMatch(/\w/);
    },
  );
});
