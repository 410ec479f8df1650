// Counting what passed and failed, and the lines that say so.
import { seconds } from "./run.mjs";

/**
 * @typedef {object} Count
 * @property {number} passed
 * @property {number} failed
 *
 * @typedef {object} StepResult
 * @property {string} name
 * @property {Count} count
 * @property {number} ms
 * @property {string} [note]
 */

/**
 * @param {readonly Count[]} counts
 * @returns {Count}
 */
export function total(counts) {
  return {
    passed: counts.reduce((sum, { passed }) => sum + passed, 0),
    failed: counts.reduce((sum, { failed }) => sum + failed, 0),
  };
}

/**
 * @param {Count} count
 * @returns {string}
 */
export function closing({ passed, failed }) {
  return `${passed} passed, ${failed} failed`;
}

/**
 * @param {StepResult} result
 * @returns {string}
 */
export function line({ name, count, ms, note }) {
  const status = count.failed === 0 ? "ok    " : "FAILED";
  return `${status} ${name.padEnd(14)} ${seconds(ms).padStart(8)}${note === undefined ? "" : `  ${note}`}`;
}

/**
 * The last `N passed, N failed` of an output.
 * @param {string} output
 * @returns {Count | undefined}
 */
export function readClosing(output) {
  const found = [...output.matchAll(/^(\d+) passed, (\d+) failed$/gm)].at(-1);
  return found && { passed: Number(found[1]), failed: Number(found[2]) };
}

/**
 * What a vitest JSON report says. A test file that could not be loaded counts as one failure, and so does a run
 * without a report, without a test, or one that failed for another reason than a test, such as an unhandled error.
 * @param {string | undefined} json the report; undefined when there is none
 * @param {number} code exit code of vitest
 * @returns {Count & { skipped: number }}
 */
export function countVitest(json, code) {
  const report = parseReport(json);
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const broken = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === "failed" && !assertionResults.some((test) => test.status === "failed"),
  ).length;
  const passed = report.numPassedTests;
  const failed = report.numFailedTests + broken;
  const unexplained = failed === 0 && (code !== 0 || passed === 0);
  const skipped = report.numPendingTests + (report.numTodoTests ?? 0);
  return { passed, failed: unexplained ? 1 : failed, skipped };
}

/**
 * @typedef {object} Report
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} [numTodoTests]
 * @property {{ status: string, assertionResults: { status: string }[] }[]} testResults
 *
 * @param {string | undefined} json
 * @returns {Report | undefined}
 */
function parseReport(json) {
  if (json === undefined) return undefined;
  try {
    return /** @type {Report} */ (JSON.parse(json));
  } catch {
    return undefined;
  }
}
