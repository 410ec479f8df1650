// `@conic/client` bundled for browsers by Vite as it comes, and talking to Node from a page.
import { cpSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { walk } from "../lib/workspace.mjs";
import { withFiles, withPage } from "./browser.mjs";
import { startSignal } from "./chat.mjs";
import { must, Running } from "./command.mjs";
import { refuse } from "./publish.mjs";

const sources = fileURLToPath(new URL("strangers/page", import.meta.url));

/**
 * What a bundle must not hold: Node's own modules, or what bundlers put in their place.
 * @param {string} said by the bundler
 * @param {readonly string[]} code of the files that it made
 * @returns {string[]}
 */
export function bundleProblems(said, code) {
  const externalized = [...said.matchAll(/Module "([^"]+)" has been externalized/g)];
  const imported = code.flatMap((text) => [
    ...text.matchAll(/(?:\bfrom|\bimport|\bimport\(|\brequire\()\s*["'`](node:[^"'`]+)["'`]/g),
  ]);
  const placeholders = code.some((text) => text.includes("__vite-browser-external"));
  return [
    ...new Set([...externalized, ...imported].map(([, name]) => `the bundle asks for ${name}`)),
    ...(placeholders ? ["the bundle holds a stand-in for a module of Node"] : []),
    ...(code.length === 0 ? ["there is no bundle"] : []),
  ];
}

/** @param {import("./scene.mjs").Scene} scene */
export async function bundleAndRun(scene) {
  const cwd = scene.project("page");
  const { env } = scene;
  cpSync(sources, cwd, { recursive: true });
  await must("npm", ["install", "@conic/client", "@conic/signal", "vite"], { cwd, env });
  const said = await must("npx", ["vite", "build"], { cwd, env });
  const dist = path.join(cwd, "dist");
  const code = walk(dist)
    .filter((file) => file.endsWith(".js"))
    .map((file) => readFileSync(file, "utf8"));
  const problems = bundleProblems(said, code);
  refuse("the bundle is not for browsers", problems);

  const { server, url } = await startSignal(scene, cwd);
  const node = new Running("node", ["node.js", url], { cwd, env });
  try {
    await node.says(/^registered$/m);
    await withFiles(dist, (address) =>
      withPage(`${address}?server=${encodeURIComponent(url)}`, async (page) => {
        await page.getByText("hello from a page; bytes 1 2 3; ").waitFor();
        await page.waitForFunction('document.title === "done"');
      }),
    );
    await node.says(/^the channel is closed$/m);
  } finally {
    await Promise.allSettled([node.stop(), server.stop()]);
  }
  const bytes = code.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return `${Math.round(bytes / 1000)} kB, with no module of Node`;
}
