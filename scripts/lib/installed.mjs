// What of the workspace is not installed.
import { existsSync } from "node:fs";
import path from "node:path";
import { readManifest, workspaces } from "./workspace.mjs";

/**
 * Folders of the workspace at `root` without one of their dependencies.
 * @param {string} root
 * @returns {string[]}
 */
export function notInstalled(root) {
  const folders = ["", "browser", ...workspaces(root).map(({ dir }) => dir)];
  return folders.filter((dir) => {
    const file = path.join(root, dir, "package.json");
    if (!existsSync(file)) return false;
    const { dependencies = {}, devDependencies = {} } = readManifest(file);
    const names = Object.keys({ ...dependencies, ...devDependencies });
    return names.some((name) => !existsSync(path.join(root, dir, "node_modules", name)));
  });
}
