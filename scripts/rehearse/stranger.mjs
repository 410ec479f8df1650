// What somebody writes who knows the packages' READMEs alone: installed, type-checked, counted and run.
import { cpSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { walk } from "../lib/workspace.mjs";
import { withPage } from "./browser.mjs";
import { must, Running, StepFailure } from "./command.mjs";
import { typeTools } from "./install.mjs";
import { freePort } from "./registry.mjs";
import { writeJson } from "./scene.mjs";

/** @typedef {import("./scene.mjs").Scene} Scene */

const sources = fileURLToPath(new URL("strangers", import.meta.url));
const maxLines = 40;

/**
 * Lines that are not empty.
 * @param {readonly string[]} texts
 * @returns {number}
 */
export function codeLines(texts) {
  return texts.flatMap((text) => text.split("\n")).filter((line) => line.trim() !== "").length;
}

/**
 * A folder with these sources, what they need, and what they compile to in `build`.
 * @param {Scene} scene
 * @param {"chat" | "express"} name
 * @param {readonly string[]} dependencies
 * @param {readonly string[]} tools
 */
async function project(scene, name, dependencies, tools) {
  const cwd = scene.project(`stranger-${name}`);
  cpSync(path.join(sources, name), cwd, { recursive: true });
  writeJson(path.join(cwd, "tsconfig.json"), {
    compilerOptions: {
      strict: true,
      skipLibCheck: false,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      verbatimModuleSyntax: true,
      target: "es2023",
      lib: ["es2023", "dom", "dom.iterable"],
      types: ["node"],
      module: "nodenext",
      rootDir: ".",
      outDir: "build",
    },
  });
  const { env } = scene;
  await must("npm", ["install", ...dependencies], { cwd, env });
  await must("npm", ["install", "--save-dev", ...typeTools(scene), ...tools], { cwd, env });
  await must("npx", ["tsc"], { cwd, env });
  return cwd;
}

/** @param {Scene} scene */
export async function strangerChat(scene) {
  const lines = codeLines(
    walk(path.join(sources, "chat")).map((file) => readFileSync(file, "utf8")),
  );
  if (lines >= maxLines)
    throw new StepFailure(`${lines} lines of code; it should be under ${maxLines}`);
  const dependencies = ["@conic/client", "@conic/server", "express"];
  const cwd = await project(scene, "chat", dependencies, ["@types/express", "vite"]);
  const port = await freePort();
  const env = { ...scene.env, PORT: String(port) };
  await must("npx", ["vite", "build"], { cwd, env });
  const node = new Running("node", ["build/node.js"], { cwd, env });
  try {
    const [, url = ""] = await node.says(/^open (\S+)$/m);
    await withPage(url, async (page) => {
      await page.getByRole("textbox").fill("hello node");
      await page.getByRole("textbox").press("Enter");
      await node.says(/: hello node$/m);
      node.write("hello browser\n");
      await page.getByText("hello browser").waitFor();
    });
  } finally {
    await node.stop();
  }
  return `${lines} lines of code, both sides`;
}

const visitor = `
import { connect } from "@conic/client";
const client = await connect(process.argv[1], { id: "visitor" });
const answer = await fetch(process.argv[2]);
console.log("online", await answer.text());
await client.close();
`;

/** @param {Scene} scene */
export async function strangerExpress(scene) {
  const cwd = await project(scene, "express", ["@conic/server", "express"], ["@types/express"]);
  const port = await freePort();
  const env = { ...scene.env, PORT: String(port) };
  const app = new Running("node", ["build/app.js"], { cwd, env });
  try {
    await app.says(/^listening$/m);
    const page = await fetch(`http://localhost:${port}/`, { signal: AbortSignal.timeout(10_000) });
    const text = await page.text();
    if (text !== "my own page") throw new StepFailure("Express does not serve its page", text);
    const urls = [`ws://localhost:${port}/ws`, `http://localhost:${port}/online`];
    const args = ["--input-type=module", "-e", visitor, ...urls];
    const said = await must("node", args, {
      cwd: path.join(scene.dir, "npm"),
      env,
      timeoutMs: 60_000,
    });
    if (!said.includes('online ["visitor"]')) throw new StepFailure("nobody is online", said);
  } finally {
    await app.stop();
  }
  return `${codeLines([readFileSync(path.join(sources, "express", "app.ts"), "utf8")])} lines of code`;
}
