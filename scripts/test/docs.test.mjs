import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parseMarkdown, shapeDifferences, slugOf } from "../lib/markdown.mjs";
import { shellProblems } from "../lib/shell-blocks.mjs";
import { compileSnippets } from "../lib/snippets.mjs";
import { root } from "../lib/workspace.mjs";

describe("Markdown", () => {
  it("finds code blocks with their language, words and line", () => {
    const { blocks } = parseMarkdown(
      "a\n\n```TS browser\nx\n  y\n```\n\n- l\n\n  ~~~sh\n  z\n  ~~~\n",
    );
    expect(blocks).toEqual([
      { lang: "ts", info: ["browser"], code: "x\n  y\n", line: 4 },
      { lang: "sh", info: [], code: "z\n", line: 11 },
    ]);
  });

  it("does not read headings, links and fences inside code", () => {
    const { headings, links, blocks } = parseMarkdown(
      "````md\n# no\n[a](b)\n```\n````\n`[c](d)`\n",
    );
    expect([headings, links, blocks.length]).toEqual([[], [], 1]);
  });

  it("finds links of every form", () => {
    const text =
      '[a](one.md "t") ![b](two.png)\n[ref]: three.md\n<a href="four">x</a> [![i](5)](six)\n';
    expect(parseMarkdown(text).links.map(({ target }) => target)).toEqual(
      expect.arrayContaining(["one.md", "two.png", "three.md", "four", "six"]),
    );
  });

  it("makes the anchors that GitHub makes", () => {
    expect(slugOf("What is `ICE`, really?")).toBe("what-is-ice-really");
    expect(slugOf("用語 と ICE")).toBe("用語-と-ice");
    const { headings } = parseMarkdown("# a\n# a\n");
    expect(headings.map(({ slug }) => slug)).toEqual(["a", "a-1"]);
  });

  it("compares two translations by headings and code, not by words", () => {
    const one = parseMarkdown("# Hello\n```sh\nls\n```\n```mermaid\na: hi\n```\n");
    expect(
      shapeDifferences(one, parseMarkdown("# 今日は\n```sh\nls\n```\n```mermaid\na: 今\n```\n")),
    ).toEqual([]);
    expect(shapeDifferences(one, parseMarkdown("## Hello\n```sh\ncd\n```\n"))).toHaveLength(3);
  });
});

describe("shell examples", () => {
  const scripts = {
    root: ["test", "dev-server"],
    packages: new Map([["@conic/signal", ["start"]]]),
  };
  const problems = (/** @type {string} */ code) => shellProblems(code, scripts);

  it.each([
    "npx -y pnpm@12 test",
    "npx -y -p node@24 -p pnpm@12 pnpm test --project hub",
    "$ CI=1 pnpm test # pnpm nothing",
    "pnpm --filter signal start --port 1 && pnpm dev-server",
    "pnpm --filter=@conic/signal... start",
    "pnpm add @conic/server",
    "npm i -g pnpm@12",
    "pnpm -F signal \\\n  run start",
    "echo pnpm nothing",
  ])("accepts %j", (code) => {
    expect(problems(code)).toEqual([]);
  });

  it.each([
    "pnpm nothing",
    "npx -y pnpm@12 nothing",
    "pnpm run add",
    "pnpm --filter nobody start",
    "pnpm --filter signal test",
    "pnpm test && pnpm start",
    "pnpm -F signal \\\n  run test",
  ])("refuses %j", (code) => {
    expect(problems(code)).toHaveLength(1);
  });
});

describe("code of documents", () => {
  mkdirSync(path.join(root, ".cache"), { recursive: true });
  const base = realpathSync(mkdtempSync(path.join(root, ".cache", "docs-test-")));
  afterAll(() => rmSync(base, { recursive: true, force: true }));

  const files = {
    "tsconfig.base.json": JSON.stringify({ extends: "../../tsconfig.base.json" }),
    "packages/a/package.json": JSON.stringify({
      name: "@conic/a",
      type: "module",
      exports: { ".": { "@conic/source": "./src/index.ts", default: "./dist/none.js" } },
    }),
    "packages/a/src/index.ts": "export const port: number = 1;\nexport const broken: string = 2;\n",
  };
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(base, file)), { recursive: true });
    writeFileSync(path.join(base, file), text);
  }
  symlinkSync(path.join(root, "node_modules"), path.join(base, "node_modules"), "junction");
  const all = [{ dir: "packages/a", manifest: { name: "@conic/a" } }];
  const compile = (/** @type {string} */ text) =>
    compileSnippets(
      parseMarkdown(text).blocks.map((block) => ({ document: "docs/x.md", block })),
      { root: base, all },
    );

  it("compiles against the sources of the workspace, in Node and in the browser", async () => {
    const use = 'import { port } from "@conic/a";\nconst n: number = port;\nawait n;\n';
    const text = `\`\`\`ts\n${use}\`\`\`\n\`\`\`js\n${use.replace(": number", "")}\`\`\`\n\`\`\`js browser\ndocument.title = "x";\n\`\`\`\n`;
    expect(await compile(text)).toEqual([]);
  });

  it("reports an error at the line of the document", async () => {
    const text =
      'Hello\n\n```ts\nimport { port } from "@conic/a";\n\nconst text: string = port;\n```\n';
    expect(await compile(text)).toEqual([expect.stringMatching(/^docs\/x\.md:6:7: error TS2322/)]);
  });

  it("refuses a package and a name that do not exist, and browser code in Node", async () => {
    const text =
      '```ts\nimport "@conic/none";\n```\n```js\nimport { gone } from "@conic/a";\n```\n```js\ndocument.title;\n```\n';
    expect(await compile(text)).toHaveLength(3);
  });
});
