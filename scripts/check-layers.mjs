// Layers as package.json files declare them; depcruise checks the imports. `--self-test` plants violations of both.
import { manifestViolations } from "./lib/layers.mjs";
import { bin, run } from "./lib/run.mjs";
import { workspaces } from "./lib/workspace.mjs";

if (process.argv.includes("--self-test")) {
  const result = await run(bin("vitest"), ["run", "--root", "scripts", "layers"], { live: true });
  process.exit(result.code);
}

const all = workspaces();
const violations = manifestViolations(all);
for (const line of violations) console.error(line);
if (violations.length > 0) process.exit(1);
console.log(`layers: the dependencies of ${all.length} workspaces point down`);
