// Ends what this process started, also what has left its process group since: turbo gives each task a group of its own.
import { spawnSync } from "node:child_process";

/**
 * @param {string} table lines of a process id and its parent's
 * @param {number} pid
 * @returns {number[]} ids of its children, their children, and so on
 */
export function descendants(table, pid) {
  const rows = [...table.matchAll(/^\s*(\d+)\s+(\d+)\s*$/gm)].map((row) => row.map(Number));
  const found = new Set([pid]);
  for (const parent of found) {
    for (const [, child, its] of rows) if (its === parent && child !== undefined) found.add(child);
  }
  found.delete(pid);
  return [...found];
}

/** Kills all descendants of this process, at once. */
export function killDescendants() {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" });
  for (const pid of descendants(stdout, process.pid)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended by itself, as `ps` has by now.
    }
  }
}
