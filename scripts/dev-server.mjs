// `pnpm dev-server`: the signaling server, built and started again whenever a source file changes.
// Arguments go to the server: `pnpm dev-server --port 4000`.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { createDevLoop } from "./lib/dev-loop.mjs";
import { createServerProcess } from "./lib/server-process.mjs";
import { watchTrees } from "./lib/watch.mjs";
import { root, shown, workspaces } from "./lib/workspace.mjs";

const args = process.argv.slice(2);
// `pnpm dev-server -- --port 4000` passes the separator on.
if (args[0] === "--") args.shift();

const say = (/** @type {string} */ message) => console.error(`dev-server: ${message}`);
const main = path.join(root, "apps", "signal", "dist", "main.js");
const server = createServerProcess({ command: process.execPath, args: [main, ...args], say });

const build = () =>
  new Promise((/** @type {(good: boolean) => void} */ resolve) => {
    const script = path.join(root, "scripts", "build-for.mjs");
    const child = spawn(process.execPath, [script, "signal"], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    child.once("error", () => resolve(false));
    child.once("exit", (code) => resolve(code === 0));
  });

const loop = createDevLoop({
  build,
  restart: server.restart,
  say,
  schedule: (delayMs, action) => {
    const timer = setTimeout(action, delayMs);
    return () => clearTimeout(timer);
  },
});

const sources = workspaces()
  .map(({ dir }) => dir)
  .filter((dir) => dir.startsWith("packages/") || dir === "internal/cli" || dir === "apps/signal")
  .map((dir) => path.join(root, dir, "src"))
  .filter((dir) => existsSync(dir));

const unwatch = watchTrees(sources, (file) => {
  if (file.endsWith(".ts")) loop.changed(shown(file));
});

let stopping = false;
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
  process.on(signal, () => {
    if (stopping) return;
    stopping = true;
    loop.stop();
    unwatch();
    void server.stop(signal).then(() => process.exit(0));
  });
}

say(`watching ${sources.map((dir) => shown(dir)).join(", ")}`);
await loop.start();
