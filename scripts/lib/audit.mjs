// Known vulnerabilities of what users get installed, as the registry tells them.
import { run } from "./run.mjs";

/** From this severity on a vulnerability fails the check. */
export const failing = ["high", "critical"];

/**
 * @typedef {object} Advisory
 * @property {string} module_name
 * @property {string} title
 * @property {string} severity
 * @property {string} url
 * @property {string | null} patched_versions
 *
 * @typedef {{ kind: "unavailable", reason: string } | { kind: "failed", output: string }
 *   | { kind: "known", advisories: readonly Advisory[], dependencies: number }} Audit
 */

/**
 * Runs `pnpm audit` of the production dependencies of all packages.
 * @param {Record<string, string>} [env] for tests: settings of pnpm
 * @returns {Promise<Audit>}
 */
export async function audit(env = {}) {
  const { code, output } = await run("pnpm", ["audit", "--prod", "--json"], {
    env: { pnpm_config_fetch_retries: "0", ...env },
    timeoutMs: 45_000,
  });
  return readAudit(code, output);
}

/**
 * @param {number} code exit code of pnpm audit
 * @param {string} output
 * @returns {Audit}
 */
export function readAudit(code, output) {
  const report =
    /** @type {{ advisories?: Record<string, Advisory>, metadata?: { totalDependencies?: number } } | undefined} */ (
      parse(output.slice(Math.max(0, output.search(/^\{/m))))
    );
  if (report?.advisories !== undefined) {
    const advisories = Object.values(report.advisories);
    return { kind: "known", advisories, dependencies: report.metadata?.totalDependencies ?? 0 };
  }
  const answered = /ERR_PNPM_AUDIT_(?:BAD_RESPONSE|ENDPOINT_NOT_EXISTS)/.exec(output)?.[0];
  if (answered !== undefined) {
    const status = /responded with\s+(?:│\s+)?(\d{3})/.exec(output)?.[1];
    const reason =
      status === undefined ? "the registry cannot be reached" : `the registry answers ${status}`;
    return { kind: "unavailable", reason };
  }
  if (code === 124) return { kind: "unavailable", reason: "the registry does not answer" };
  return { kind: "failed", output };
}

/** @param {string} text */
function parse(text) {
  try {
    return /** @type {unknown} */ (JSON.parse(text));
  } catch {
    return undefined;
  }
}

/**
 * @param {Advisory} advisory
 * @returns {string}
 */
export function advisoryLine({ module_name, title, severity, url, patched_versions }) {
  const fix = patched_versions === null ? "" : `; fixed in ${patched_versions}`;
  return `${module_name}: ${severity}: ${title} (${url}${fix})`;
}
