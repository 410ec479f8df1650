// Debian's and Ubuntu's packages, where this process may install any.
import { existsSync } from "node:fs";
import { run } from "./run.mjs";

const timeoutMs = 300_000;

/**
 * @typedef {object} Attempt
 * @property {string} name
 * @property {() => Promise<{ code: number, output: string }>} install
 */

/**
 * Two tries with apt-get, or none where there is no way to become root without a password. The second one is the
 * retry: a mirror that failed once often answers a minute later.
 * @param {string} name of the package
 * @returns {Promise<Attempt[]>}
 */
export async function aptAttempts(name) {
  const sudo = existsSync("/usr/bin/sudo")
    ? await run("sudo", ["-n", "true"], { timeoutMs: 10_000 })
    : undefined;
  const prefix = aptPrefix({
    hasApt: existsSync("/usr/bin/apt-get"),
    uid: process.getuid?.(),
    sudoWorks: sudo?.code === 0,
  });
  if (prefix === undefined) return [];
  const attempt = { name: "apt-get", install: () => install(prefix, name) };
  return [attempt, attempt];
}

/**
 * Runs attempts until something is found.
 * @template T
 * @param {() => T | undefined} find
 * @param {() => Promise<readonly Attempt[]>} attempts asked only when nothing is there yet
 * @returns {Promise<{ found: T | undefined, failures: readonly string[] }>}
 */
export async function ensure(find, attempts) {
  /** @type {string[]} */
  const failures = [];
  for (const { name, install: tryIt } of find() === undefined ? await attempts() : []) {
    const { code, output } = await tryIt();
    if (find() !== undefined) break;
    failures.push(`${name} ended with code ${code}:\n${output.trim().slice(-1_000)}`);
  }
  return { found: find(), failures };
}

/**
 * @param {readonly string[]} prefix
 * @param {string} name
 */
async function install(prefix, name) {
  const apt = async (/** @type {string[]} */ ...args) => {
    const [command = "", ...rest] = [
      ...prefix,
      "env",
      "DEBIAN_FRONTEND=noninteractive",
      "apt-get",
      ...args,
    ];
    return run(command, rest, { timeoutMs });
  };
  const updated = await apt("update");
  if (updated.code !== 0) return updated;
  return apt("install", "-y", "--no-install-recommends", name);
}

/**
 * How to become root for apt-get: a prefix of the command, or undefined when there is no way without a password.
 * @param {object} facts
 * @param {boolean} facts.hasApt
 * @param {number | undefined} facts.uid
 * @param {boolean} facts.sudoWorks without a password
 * @returns {readonly string[] | undefined}
 */
export function aptPrefix({ hasApt, uid, sudoWorks }) {
  if (!hasApt) return undefined;
  if (uid === 0) return [];
  return sudoWorks ? ["sudo", "-n"] : undefined;
}
