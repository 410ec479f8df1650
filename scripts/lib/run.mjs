// Child processes that cannot hang: each has a process group of its own and a time limit.
import { spawn, spawnSync } from "node:child_process";
import path from "node:path";
import { root } from "./workspace.mjs";

const windows = process.platform === "win32";

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd] default: the root
 * @property {Record<string, string | undefined>} [env] added to this process's environment
 * @property {number} [timeoutMs] default 10 minutes; then the whole process group is killed
 * @property {boolean} [live] copy the output to this process's while it comes
 */

/**
 * @typedef {object} RunResult
 * @property {number} code exit code; 124 after the time limit, 127 when it could not be started
 * @property {string} output stdout and stderr as they came
 * @property {number} ms
 */

/**
 * Runs a command without standard input and collects what it says. Never rejects.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<RunResult>}
 */
export async function run(command, args, options = {}) {
  const started = performance.now();
  const timeoutMs = options.timeoutMs ?? 600_000;
  /** @type {string[]} */
  const chunks = [];
  const child = spawn(command, windows ? args.map(quoted) : args, {
    cwd: options.cwd ?? root,
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: !windows,
    shell: windows,
  });
  for (const [stream, sink] of /** @type {const} */ ([
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ])) {
    stream.setEncoding("utf8");
    stream.on("data", (/** @type {string} */ text) => {
      chunks.push(text);
      if (options.live) sink.write(text);
    });
  }
  const stop = () => killGroup(child.pid, "SIGKILL");
  process.once("exit", stop);
  const code = await ended(child, timeoutMs, (text) => chunks.push(text));
  process.off("exit", stop);
  // Whatever the command left running would hold ports and pipes of the steps after it.
  stop();
  child.stdout.destroy();
  child.stderr.destroy();
  return { code, output: chunks.join(""), ms: performance.now() - started };
}

/**
 * @param {import("node:child_process").ChildProcess} child
 * @param {number} timeoutMs
 * @param {(text: string) => void} say
 * @returns {Promise<number>}
 */
function ended(child, timeoutMs, say) {
  return new Promise((resolve) => {
    let timedOut = false;
    /** @type {NodeJS.Timeout[]} */
    const timers = [];
    const after = (/** @type {number} */ ms, /** @type {() => void} */ action) =>
      timers.push(setTimeout(action, ms));
    const finish = (/** @type {number} */ code) => {
      timers.forEach((timer) => clearTimeout(timer));
      resolve(code);
    };
    after(timeoutMs, () => {
      timedOut = true;
      say(`\nstopped after ${Math.round(timeoutMs / 1000)} s\n`);
      killGroup(child.pid, "SIGTERM");
      after(5_000, () => killGroup(child.pid, "SIGKILL"));
    });
    child.once("error", (error) => {
      say(`${error.message}\n`);
      finish(127);
    });
    child.once("exit", (status) => {
      const code = timedOut ? 124 : (status ?? 1);
      // A grandchild may keep the pipes open for ever: do not wait for `close` longer than this.
      child.once("close", () => finish(code));
      after(2_000, () => finish(code));
    });
  });
}

/**
 * @param {number | undefined} pid
 * @param {NodeJS.Signals} signal
 */
export function killGroup(pid, signal) {
  if (pid === undefined) return;
  if (windows) {
    spawnSync("taskkill", ["/pid", String(pid), "/t", "/f"], { stdio: "ignore" });
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is gone: that is what was wanted.
  }
}

/**
 * Path of a tool that the root package.json depends on.
 * @param {string} name
 * @returns {string}
 */
export function bin(name) {
  return path.join(root, "node_modules", ".bin", windows ? `${name}.cmd` : name);
}

/** @param {string} arg */
function quoted(arg) {
  return /[\s"!*]/.test(arg) ? `"${arg.replaceAll('"', '\\"')}"` : arg;
}

/**
 * @param {number} ms
 * @returns {string}
 */
export function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}
