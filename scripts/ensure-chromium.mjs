// Makes sure that the browser tests find a Chromium: the installed one, else Debian's, else playwright's download.
import { existsSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { aptPrefix, findChromium } from "./lib/chromium.mjs";
import { run } from "./lib/run.mjs";
import { root } from "./lib/workspace.mjs";

export { findChromium };

const timeoutMs = 300_000;

const advice = `No Chromium was found and none could be installed. Install Chromium or Google Chrome,
or set the environment variable CHROMIUM to the path of its program, and run this again.`;

/**
 * @typedef {object} Attempt
 * @property {string} name
 * @property {() => Promise<{ code: number, output: string }>} install
 */

/** @returns {Promise<Attempt[]>} */
async function attempts() {
  const sudo = existsSync("/usr/bin/sudo")
    ? await run("sudo", ["-n", "true"], { timeoutMs: 10_000 })
    : undefined;
  const prefix = aptPrefix({
    hasApt: existsSync("/usr/bin/apt-get"),
    uid: process.getuid?.(),
    sudoWorks: sudo?.code === 0,
  });
  const apt = { name: "apt-get", install: () => installByApt(prefix ?? []) };
  const playwright = { name: "playwright-core", install: installByPlaywright };
  // The second apt-get is the retry: a mirror that failed once often answers a minute later.
  return prefix === undefined ? [playwright] : [apt, apt, playwright];
}

/** @param {readonly string[]} prefix */
async function installByApt(prefix) {
  const apt = async (/** @type {string[]} */ ...args) => {
    const [command = "", ...rest] = [
      ...prefix,
      "env",
      "DEBIAN_FRONTEND=noninteractive",
      "apt-get",
      ...args,
    ];
    return run(command, rest, { timeoutMs });
  };
  const updated = await apt("update");
  if (updated.code !== 0) return updated;
  return apt("install", "-y", "--no-install-recommends", "chromium");
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
  /** @type {string[]} */
  const failures = [];
  for (const { name, install } of findChromium() === undefined ? await attempts() : []) {
    const { code, output } = await install();
    if (findChromium() !== undefined) break;
    failures.push(`${name} ended with code ${code}:\n${output.trim().slice(-1_000)}`);
  }
  const found = findChromium();
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
