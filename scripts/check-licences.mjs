// The licences of all dependencies that are installed, those of users and those of developers apart.
import { exceptions, licenceProblems, optionalProblems, readLicences } from "./lib/licences.mjs";
import { run } from "./lib/run.mjs";
import { workspaces } from "./lib/workspace.mjs";

/** @type {string[]} */
const problems = [];

/** @param {"--prod" | "--dev"} which */
async function list(which) {
  const { code, output } = await run("pnpm", ["-r", "licenses", "list", which, "--json"], {
    timeoutMs: 60_000,
  });
  // Warnings of npm's configuration come before the list.
  const found = readLicences(output.slice(Math.max(0, output.search(/^\{/m))));
  if (code !== 0 || found.length === 0) problems.push(`pnpm licenses list failed:\n${output}`);
  return found;
}

const production = await list("--prod");
const names = new Set(production.map(({ name }) => name));
const development = (await list("--dev")).filter(({ name }) => !names.has(name));
if (problems.length === 0) {
  problems.push(
    ...licenceProblems(production, exceptions.production),
    ...licenceProblems(development, exceptions.development),
    ...optionalProblems(workspaces(), exceptions.production),
  );
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) {
  console.error(
    "The licences that are allowed, and the exceptions, are in scripts/lib/licences.mjs.",
  );
  process.exit(1);
}
const excepted = exceptions.production
  .map(({ name, licence }) => `${name} (${licence})`)
  .join(", ");
console.log(
  `licences: ${production.length} dependencies of users, ${development.length} of developers; excepted for users: ${excepted}`,
);
