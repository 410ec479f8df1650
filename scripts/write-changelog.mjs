// Writes CHANGELOG.md of the repository out of those of its packages; part of `pnpm version-packages`.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { rootChangelog } from "./lib/root-changelog.mjs";
import { root, workspaces } from "./lib/workspace.mjs";

const packages = workspaces()
  .filter(({ manifest }) => manifest.private !== true)
  .flatMap(({ dir, manifest }) => {
    const file = path.join(root, dir, "CHANGELOG.md");
    return existsSync(file) ? [{ name: manifest.name, text: readFileSync(file, "utf8") }] : [];
  });
writeFileSync(path.join(root, "CHANGELOG.md"), rootChangelog(packages));
