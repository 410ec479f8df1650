// Removes what building, testing and checking left behind; with --all the installed packages too.
import { rmSync } from "node:fs";
import path from "node:path";
import { leftovers } from "./lib/leftovers.mjs";
import { root, shown, workspaces } from "./lib/workspace.mjs";

const all = process.argv.includes("--all");
const unknown = process.argv.slice(2).filter((arg) => arg !== "--all");
if (unknown.length > 0) {
  console.error(`unknown option ${unknown.join(" ")}; the only one is --all`);
  process.exit(2);
}
const folders = [
  root,
  path.join(root, "scripts"),
  ...workspaces().map(({ dir }) => path.join(root, dir)),
];
for (const target of leftovers(folders, { all })) {
  rmSync(target, { recursive: true, force: true });
  console.log(`removed ${shown(target)}`);
}
