// A Python that has aiortc. Debian's package belongs to Debian's own Python, which need not be the first on the path.
import { spawnSync } from "node:child_process";

/** @type {readonly string[]} */
const places = ["/usr/bin/python3", "python3"];

/** @param {string} python */
function hasAiortc(python) {
  const { status } = spawnSync(python, ["-c", "import aiortc"], {
    stdio: "ignore",
    timeout: 60_000,
  });
  return status === 0;
}

/**
 * The Python to run aiortc with. `AIORTC_PYTHON` names one and is never second-guessed.
 * @param {string} [named]
 * @param {(python: string) => boolean} [has]
 * @returns {string | undefined}
 */
export function findAiortc(named = process.env["AIORTC_PYTHON"], has = hasAiortc) {
  const candidates = named === undefined || named === "" ? places : [named];
  return candidates.find((python) => has(python));
}
