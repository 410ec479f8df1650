// What failed and why, in few lines: of a long output often only the last lines are kept.
import path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { root } from "./workspace.mjs";

/** How much {@link failureLines} says: of so many failures, in so many lines, each of so many characters. */
export const failureLimits = { failures: 10, lines: 22, chars: 200 };

/**
 * @typedef {object} Failure
 * @property {string} title what failed
 * @property {readonly string[]} lines why: the most telling first
 *
 * @typedef {object} VitestRun
 * @property {string | undefined} json the JSON report; undefined when there is none
 * @property {number} code exit code of vitest
 * @property {string} output what it printed, for what the report does not hold
 */

/**
 * Every test, suite and unhandled error that failed in a run of vitest. Never empty for a run that failed.
 * @param {VitestRun} run
 * @returns {Failure[]}
 */
export function vitestFailures({ json, code, output }) {
  const report = parse(json);
  const text = stripVTControlCharacters(output);
  const found = [
    ...(report?.testResults ?? []).flatMap((file) => ofFile(file, text)),
    ...ofUnhandled(text),
  ];
  if (found.length > 0 || (code === 0 && (report?.numPassedTests ?? 0) > 0)) return found;
  const why = report === undefined ? "left no report" : "named no test that failed";
  return [{ title: `vitest ended with code ${code} and ${why}`, lines: tail(text) }];
}

/**
 * The steps of `pnpm check`, or of another program that prints them with `line`, that failed: the remark on each, if there
 * is one, and the end of what it printed.
 * @param {string} output
 * @returns {Failure[]}
 */
export function checkFailures(output) {
  const text = stripVTControlCharacters(output);
  const step = /^(?=(?:ok {4}|FAILED) \S+ +[\d.]+ s(?: {2}\S.*)?\s*$|\d+ passed, \d+ failed$)/m;
  return text.split(step).flatMap((part) => {
    const [, name, note = "", rest = ""] =
      /^FAILED (\S+) +[\d.]+ s(?: {2}(\S[^\n]*))?\s*?$(.*)/ms.exec(part) ?? [];
    return name === undefined ? [] : [{ title: name, lines: tail(`${note}\n${rest}`) }];
  });
}

/**
 * The last lines of an output, as the reason of a step that failed.
 * @param {string} title
 * @param {string} output
 * @returns {Failure}
 */
export function outputFailure(title, output) {
  return { title, lines: tail(stripVTControlCharacters(output)) };
}

/**
 * The failures within {@link failureLimits}: the first ones, each with as many lines as there is room for.
 * @param {readonly Failure[]} failures
 * @returns {string[]}
 */
export function failureLines(failures) {
  const shown = failures.slice(0, failureLimits.failures);
  const more = failures.length - shown.length;
  let room = failureLimits.lines - Number(more > 0);
  const printed = shown.flatMap(({ title, lines }, index) => {
    const share = Math.floor(room / (shown.length - index));
    const said = [`FAILED ${title}`, ...lines.slice(0, share - 1).map((line) => `       ${line}`)];
    room -= said.length;
    return said;
  });
  return [...printed, ...(more > 0 ? [`FAILED and ${more} more`] : [])].map(short);
}

/**
 * @param {ReportFile} file
 * @param {string} output
 * @returns {Failure[]}
 */
function ofFile({ name, status, message, assertionResults }, output) {
  const where = path.relative(root, name).split(path.sep).join("/");
  const failed = assertionResults.filter((test) => test.status === "failed");
  if (failed.length === 0 && status === "failed") {
    // Of a hook of a `describe` that failed, the report says nothing more than that the file did.
    const suites = message === "" ? ofSuites(output, where) : [];
    return suites.length > 0 ? suites : [{ title: where, lines: messageLines(message) }];
  }
  return failed.map(({ ancestorTitles, title, failureMessages }) => ({
    title: [where, ...ancestorTitles.filter((part) => part !== ""), title].join(" > "),
    lines: messageLines(failureMessages[0] ?? ""),
  }));
}

/**
 * What vitest printed of the failed suites of a file, which it names from the folder of its project.
 * @param {string} output
 * @param {string} file
 * @returns {Failure[]}
 */
function ofSuites(output, file) {
  const heading = /^ FAIL .*?(\S+\.test\.\w+)(.*)/;
  return section(output, "Failed Suites")
    .split(/^(?= FAIL )/m)
    .flatMap((block) => {
      const [whole = "", where = "", names = ""] = heading.exec(block) ?? [];
      if (where === "" || !file.endsWith(where)) return [];
      return [{ title: file + names, lines: withoutFrames(block.slice(whole.length)) }];
    });
}

/**
 * @param {string} output
 * @returns {Failure[]}
 */
function ofUnhandled(output) {
  // Rejections, exceptions and others: each has a heading of its own.
  const [, ...errors] = section(output, "Unhandled Errors").split(/^⎯+ (?=\w)/m);
  return errors.map((error) => {
    const [heading = "", ...body] = error.split("\n");
    return { title: heading.replaceAll("⎯", "").trim(), lines: withoutFrames(body.join("\n")) };
  });
}

/**
 * A section of vitest's output: up to the next one, or to the rule at the end.
 * @param {string} output
 * @param {string} heading
 * @returns {string}
 */
function section(output, heading) {
  const [, body = ""] = output.split(new RegExp(String.raw`^⎯+ ${heading}\b.*\n`, "m"), 2);
  return body.split(/^(?:⎯+ (?:Failed|Unhandled) \w+s\b.*|⎯+)$/m, 1)[0] ?? "";
}

/**
 * Without code frames, places that are not ours and what vitest says about errors in general.
 * @param {string} text
 * @returns {string[]}
 */
function withoutFrames(text) {
  const noise = /^\s*\d*\||^\s*❯.*(?:node_modules|node:)|^⎯|^(?:This |- the error)/;
  return clean(text.split("\n").filter((line) => !noise.test(line)));
}

const stackLine = /^\s+at .*(?::\d+:\d+\)?|<anonymous>\))$/;

/**
 * Message first, then the innermost place of it that is ours.
 * @param {string} stack
 * @returns {string[]}
 */
function messageLines(stack) {
  const lines = stripVTControlCharacters(stack).split("\n");
  const place = lines.find((line) => stackLine.test(line) && !/node_modules|node:/.test(line));
  const [first, ...rest] = clean(lines.filter((line) => !stackLine.test(line)));
  const at = place?.trim().replace("file://", "").replace(`${root}${path.sep}`, "");
  return [first, at, ...rest].filter((line) => line !== undefined);
}

/** @param {string} text */
function tail(text) {
  return clean(text.split("\n")).slice(-failureLimits.lines);
}

/** @param {readonly string[]} lines */
function clean(lines) {
  return lines.map((line) => line.trimEnd()).filter((line) => line !== "");
}

/** @param {string} line */
function short(line) {
  return line.length > failureLimits.chars ? `${line.slice(0, failureLimits.chars - 1)}…` : line;
}

/**
 * @typedef {object} ReportTest
 * @property {string} status
 * @property {readonly string[]} ancestorTitles
 * @property {string} title
 * @property {readonly string[]} failureMessages
 *
 * @typedef {object} ReportFile
 * @property {string} name
 * @property {string} status
 * @property {string} message
 * @property {readonly ReportTest[]} assertionResults
 *
 * @typedef {object} Report
 * @property {number} numPassedTests
 * @property {readonly ReportFile[]} testResults
 *
 * @param {string | undefined} json
 * @returns {Report | undefined}
 */
function parse(json) {
  if (json === undefined) return undefined;
  try {
    return /** @type {Report} */ (JSON.parse(json));
  } catch {
    return undefined;
  }
}
