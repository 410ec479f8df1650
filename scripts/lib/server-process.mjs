// One server process at a time: the old one is gone, with its port, before the next one starts.
import { spawn } from "node:child_process";

/**
 * @param {object} parts
 * @param {string} parts.command
 * @param {readonly string[]} parts.args
 * @param {(message: string) => void} parts.say
 * @param {number} [parts.stopTimeoutMs] default 5 000; then the process is killed
 */
export function createServerProcess({ command, args, say, stopTimeoutMs = 5_000 }) {
  /** @type {{ kill: (signal: NodeJS.Signals) => void, exited: Promise<void> } | undefined} */
  let current;

  const start = () => {
    const child = spawn(command, args, { stdio: "inherit" });
    let asked = false;
    const exited = new Promise((/** @type {(value: void) => void} */ resolve) => {
      child.once("error", (error) => {
        say(`the server did not start: ${error.message}`);
        resolve();
      });
      child.once("exit", (code, signal) => {
        if (!asked) say(`the server ended with ${signal ?? `code ${code}`}; waiting for a change`);
        resolve();
      });
    });
    const kill = (/** @type {NodeJS.Signals} */ signal) => {
      asked = true;
      child.kill(signal);
    };
    current = { kill, exited };
  };

  const stop = async (/** @type {NodeJS.Signals} */ signal = "SIGTERM") => {
    const old = current;
    if (old === undefined) return;
    old.kill(signal);
    const timer = setTimeout(() => old.kill("SIGKILL"), stopTimeoutMs);
    await old.exited;
    clearTimeout(timer);
    if (current === old) current = undefined;
  };

  const restart = async () => {
    await stop();
    start();
  };

  return { restart, stop };
}
