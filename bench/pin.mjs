// Keeps processes on one core each, where the system can.
import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";

/** @import { ChildProcess } from "node:child_process" */

/** Whether processes can be kept on one core here. */
export const canPin =
  availableParallelism() > 1 && spawnSync("taskset", ["-p", String(process.pid)]).status === 0;

/** Keeps all threads of a process on one core, and those that it starts. @param {ChildProcess} child @param {number} core */
export function pin(child, core) {
  if (!canPin || child.pid === undefined) return;
  const { status } = spawnSync("taskset", ["-a", "-c", "-p", String(core), String(child.pid)]);
  if (status !== 0) throw new Error(`a process cannot be kept on core ${core}`);
}
