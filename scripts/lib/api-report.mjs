// Reports of public APIs, made by API Extractor from built declarations: all packages in one program of the compiler.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import {
  CompilerState,
  Extractor,
  ExtractorConfig,
  ExtractorLogLevel,
} from "@microsoft/api-extractor";
import { typeEntries } from "./entries.mjs";

/**
 * @typedef {object} Library
 * @property {string} dir the package, absolute
 * @property {import("./workspace.mjs").Manifest} manifest
 *
 * @typedef {object} Report
 * @property {string} file where it belongs, absolute
 * @property {string} text
 */

/**
 * @param {readonly Library[]} libraries built
 * @param {{ typeRoots: string, temp: string }} folders where @types/node is, and where files may be written
 * @returns {{ reports: Report[], problems: string[] }} one report for each entry of `exports` with types of its own
 */
export function apiReports(libraries, { typeRoots, temp }) {
  mkdirSync(temp, { recursive: true });
  const out = mkdtempSync(path.join(temp, "api-"));
  try {
    const planned = libraries.flatMap(({ dir, manifest }) =>
      typeEntries(manifest.exports).map(({ name, file }) =>
        plan({ dir, file, typeRoots, out, report: reportName(manifest.name, name) }),
      ),
    );
    const [first, ...rest] = planned;
    if (first === undefined) return { reports: [], problems: ["no package exports types"] };
    const compilerState = CompilerState.create(first.config, {
      additionalEntryPoints: rest.map(({ config }) => config.mainEntryPointFilePath),
    });
    const problems = planned.flatMap(({ config }) => extract(config, compilerState));
    const reports = planned
      .filter(({ config }) => existsSync(config.reportFilePath))
      .map(({ config, file }) => ({ file, text: readFileSync(config.reportFilePath, "utf8") }));
    return { reports, problems };
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

/**
 * @param {string} name of the package
 * @param {string} entry
 */
function reportName(name, entry) {
  return `${name.replace(/^@[^/]+\//, "")}${entry === "" ? "" : `.${entry}`}.api.md`;
}

/**
 * @param {{ dir: string, file: string, report: string, typeRoots: string, out: string }} options
 * @returns {{ config: ExtractorConfig, file: string }}
 */
function plan({ dir, file, report, typeRoots, out }) {
  const compilerOptions = {
    target: "es2023",
    lib: ["es2023", "esnext.disposable", "dom"],
    module: "nodenext",
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: true,
    types: ["node"],
    typeRoots: [typeRoots],
  };
  const config = ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: path.join(dir, "package.json"),
    configObject: {
      projectFolder: dir,
      mainEntryPointFilePath: path.join(dir, file),
      compiler: { overrideTsconfig: { compilerOptions, files: [file] } },
      apiReport: {
        enabled: true,
        reportFileName: report,
        reportFolder: out,
        reportTempFolder: path.join(out, "temp"),
        // What a signature names is public, exported or not: its shape must not change unseen.
        includeForgottenExports: true,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: "lf",
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        // They carry line numbers of dist, which change with every comment; links are the business of typedoc.
        extractorMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
  });
  return { config, file: path.join(dir, "etc", report) };
}

/**
 * @param {ExtractorConfig} config
 * @param {CompilerState} compilerState
 * @returns {string[]}
 */
function extract(config, compilerState) {
  /** @type {string[]} */
  const problems = [];
  const report = path.basename(config.reportFilePath);
  try {
    Extractor.invoke(config, {
      localBuild: true,
      compilerState,
      messageCallback: (message) => {
        message.handled = true;
        if (message.logLevel === ExtractorLogLevel.Error) {
          problems.push(`${report}: ${message.formatMessageWithLocation(config.projectFolder)}`);
        }
      },
    });
  } catch (error) {
    // A name that is declared nowhere ends it: its message tells which.
    problems.push(`${report}: ${String(error).split("\n", 1)[0]}`);
  }
  return problems;
}

/**
 * Lines that only one of two texts has, in their order: enough to see what changed.
 * @param {string} before
 * @param {string} after
 * @param {number} max how many are named
 * @returns {string[]}
 */
export function changedLines(before, after, max) {
  const gone = onlyIn(before, after).map((line) => `- ${line}`);
  const come = onlyIn(after, before).map((line) => `+ ${line}`);
  const lines = [...gone, ...come];
  const more = lines.length - max;
  return more > 0 ? [...lines.slice(0, max), `… and ${more} more lines`] : lines;
}

/**
 * @param {string} text
 * @param {string} other
 */
function onlyIn(text, other) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const line of other.split("\n")) counts.set(line, (counts.get(line) ?? 0) + 1);
  return text.split("\n").filter((line) => {
    const left = counts.get(line) ?? 0;
    counts.set(line, left - 1);
    return left <= 0;
  });
}

/**
 * Reports in the folder of a package, absolute.
 * @param {string} dir
 * @returns {string[]}
 */
export function existingReports(dir) {
  try {
    return readdirSync(path.join(dir, "etc"))
      .filter((file) => file.endsWith(".api.md"))
      .map((file) => path.join(dir, "etc", file));
  } catch {
    return [];
  }
}
