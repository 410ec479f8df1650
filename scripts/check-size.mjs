// Sizes of the source files of packages, apps and internal; exits 1 when one is above its limit.
import { readFileSync } from "node:fs";
import path from "node:path";
import { measure } from "./lib/size.mjs";
import { root, shown, walk, workspaces } from "./lib/workspace.mjs";

const sources = workspaces()
  .filter(({ dir }) => /^(packages|apps|internal)\//.test(dir))
  .flatMap(({ dir }) => walk(path.join(root, dir, "src")))
  .filter((file) => file.endsWith(".ts"))
  .map((file) => ({ file: shown(file), text: readFileSync(file, "utf8") }));

const { table, violations } = measure(sources);
for (const line of table) console.log(line);
for (const line of violations) console.error(line);
process.exit(violations.length > 0 ? 1 : 0);
