// Installs what is missing. `pnpm --filter signal start` in a fresh clone installs what that program needs and no more,
// and pnpm does not notice it when a script of the root needs the rest.
import { spawnSync } from "node:child_process";
import { notInstalled } from "./lib/installed.mjs";
import { root } from "./lib/workspace.mjs";

if (notInstalled(root).length > 0) {
  const run = spawnSync("pnpm", ["install", "--frozen-lockfile"], {
    cwd: root,
    // The words of an installation are no output of the script behind it.
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  const missing = run.status === 0 ? notInstalled(root) : ["pnpm install failed"];
  if (missing.length > 0) {
    process.stderr.write(`not installed: ${missing.join(", ")}; run pnpm install\n`);
    process.exit(1);
  }
}
