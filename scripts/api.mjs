// `pnpm api` writes the report of the public API of each library, packages/<x>/etc/<x>.api.md, from what was built;
// with --check it says which reports a change made untrue.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { apiReports, changedLines, existingReports } from "./lib/api-report.mjs";
import { typeEntries } from "./lib/entries.mjs";
import { root, shown, workspaces } from "./lib/workspace.mjs";

const check = process.argv.includes("--check");
const libraries = workspaces()
  .filter(({ dir, manifest }) => dir.startsWith("packages/") && manifest.private !== true)
  .map(({ dir, manifest }) => ({ dir: path.join(root, dir), manifest }));

const unbuilt = libraries.flatMap(({ dir, manifest }) =>
  typeEntries(manifest.exports)
    .map(({ file }) => path.join(dir, file))
    .filter((file) => !existsSync(file)),
);
if (unbuilt.length > 0) {
  console.error(`not built: ${unbuilt.map((file) => shown(file)).join(", ")}; run \`pnpm build\``);
  process.exit(1);
}

const { reports, problems } = apiReports(libraries, {
  typeRoots: path.join(root, "node_modules", "@types"),
  temp: path.join(root, ".cache"),
});
const wanted = new Set(reports.map(({ file }) => file));
const stale = libraries
  .flatMap(({ dir }) => existingReports(dir))
  .filter((file) => !wanted.has(file));
const changed = reports
  .map(({ file, text }) => ({ file, text, committed: readReport(file) }))
  .filter(({ text, committed }) => text !== committed);

/** @param {string} file */
function readReport(file) {
  return existsSync(file) ? readFileSync(file, "utf8").replaceAll("\r\n", "\n") : undefined;
}

if (check) {
  for (const file of stale) problems.push(`${shown(file)} is of an entry that is gone`);
  for (const { file, text, committed } of changed) {
    if (committed === undefined) problems.push(`${shown(file)} is missing`);
    else
      problems.push(
        [`${shown(file)}: the public API changed`, ...changedLines(committed, text, 10)].join(
          "\n  ",
        ),
      );
  }
} else if (problems.length === 0) {
  for (const file of stale) rmSync(file);
  for (const { file, text } of changed) {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  console.log(
    `api: ${changed.length} of ${reports.length} reports written, ${stale.length} removed`,
  );
}
for (const problem of problems) console.error(problem);
if (check && problems.length > 0) {
  console.error("When the change is meant, run `pnpm api` and commit the reports.");
}
if (problems.length > 0) process.exit(1);
if (check) console.log(`api: ${reports.length} reports are up to date`);
