// A page in Chromium, and what serves it.
import { once } from "node:events";
import { createReadStream, existsSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import { chromium } from "playwright";
import { findChromium } from "../ensure-chromium.mjs";
import { StepFailure } from "./command.mjs";

const types = /** @type {Readonly<Record<string, string>>} */ ({
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
});

/**
 * Serves the files of `dir` while `use` runs.
 * @param {string} dir
 * @param {(url: string) => Promise<void>} use
 */
export async function withFiles(dir, use) {
  const server = createServer(({ url = "/" }, response) => {
    const { pathname } = new URL(url, "http://localhost");
    const file = path.join(dir, pathname.endsWith("/") ? `${pathname}index.html` : pathname);
    if (!existsSync(file)) return void response.writeHead(404).end();
    response.setHeader("content-type", types[path.extname(file)] ?? "application/octet-stream");
    createReadStream(file).pipe(response);
  }).listen(0, "localhost");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  try {
    await use(`http://localhost:${port}/`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** @typedef {import("playwright").Page} Page */

/**
 * Opens a page while `use` runs. What it logs belongs to the failure, if there is one; an error that nobody catches is one.
 * @param {string} url
 * @param {(page: Page) => Promise<void>} use
 */
export async function withPage(url, use) {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new StepFailure("there is no Chromium: set CHROMIUM");
  const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"];
  const browser = await chromium.launch({ executablePath, args, handleSIGINT: false });
  /** @type {string[]} */
  const said = [];
  const errors = /** @type {string[]} */ ([]);
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(30_000);
    page.on("console", (message) => said.push(message.text()));
    page.on("pageerror", (error) => errors.push(String(error)));
    await page.goto(url);
    await use(page);
    if (errors.length > 0) throw new Error("the page has errors");
  } catch (error) {
    const output = [...errors, ...said].join("\n");
    throw new StepFailure(`in Chromium: ${String(error)}`, output);
  } finally {
    await browser.close();
  }
}
