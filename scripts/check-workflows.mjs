// Lints .github/workflows with actionlint and the rules of the house.
import { readFileSync } from "node:fs";
import path from "node:path";
import { houseProblems, lintFindings } from "./lib/workflows.mjs";
import { readManifest, root, shown, walk } from "./lib/workspace.mjs";

const workflows = walk(path.join(root, ".github", "workflows"))
  .filter((file) => /\.ya?ml$/.test(file))
  .map((file) => ({ file: shown(file), text: readFileSync(file, "utf8") }));
const { scripts = {} } = readManifest(path.join(root, "package.json"));
const problems = [
  ...(await lintFindings(workflows)),
  ...houseProblems(workflows, Object.keys(scripts)),
  ...(workflows.length === 0 ? ["there are no workflows"] : []),
];
for (const problem of problems) console.error(problem);
if (problems.length === 0) console.log(`workflows: ${workflows.length} are sound`);
// The program that lints, WebAssembly of Go, would keep this process alive.
process.exit(problems.length > 0 ? 1 : 0);
