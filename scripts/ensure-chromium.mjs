// Makes sure that the browser tests find a Chromium: the installed one, else Debian's, else playwright's download.
import { realpathSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { aptAttempts, ensure } from "./lib/apt.mjs";
import { chromiumFlags, findChromium, realAddresses } from "./lib/chromium.mjs";
import { run } from "./lib/run.mjs";
import { root } from "./lib/workspace.mjs";

export { chromiumFlags, findChromium, realAddresses };

const timeoutMs = 300_000;

const advice = `No Chromium was found and none could be installed. Install Chromium or Google Chrome,
or set the environment variable CHROMIUM to the path of its program, and run this again.`;

async function attempts() {
  return [
    ...(await aptAttempts("chromium")),
    { name: "playwright-core", install: installByPlaywright },
  ];
}

async function installByPlaywright() {
  const resolve = createRequire(path.join(root, "interop", "package.json")).resolve;
  try {
    const cli = path.join(path.dirname(resolve("playwright-core/package.json")), "cli.js");
    return await run(process.execPath, [cli, "install", "chromium-headless-shell"], { timeoutMs });
  } catch (error) {
    return { code: 1, output: `playwright-core is not installed: ${String(error)}` };
  }
}

/** @returns {Promise<number>} exit code */
async function main() {
  const named = process.env["CHROMIUM"];
  if (named && findChromium() === undefined) {
    console.error(`CHROMIUM is ${named}, which does not exist: correct it or unset it`);
    return 1;
  }
  const { found, failures } = await ensure(findChromium, attempts);
  if (found === undefined) {
    console.error([...failures, advice].join("\n\n"));
    return 1;
  }
  console.log(`Chromium: ${found}`);
  return 0;
}

const started = process.argv[1];
if (started !== undefined && realpathSync(started) === fileURLToPath(import.meta.url)) {
  process.exitCode = await main();
}
