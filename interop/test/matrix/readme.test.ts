import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { implementations } from "../../src/matrix/implementations.js";
import { matrixMarkdown } from "../../src/matrix/markdown.js";

it("README.md shows the matrix as it is tested", () => {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  expect(readme).toContain(matrixMarkdown(implementations));
});
