// Commands of the rehearsal: those that end, and those that go on until they are stopped.
import { spawn } from "node:child_process";
import path from "node:path";
import { killGroup, run } from "../lib/run.mjs";

/** What a step failed of; `output` is what the command said. */
export class StepFailure extends Error {
  /**
   * @param {string} message
   * @param {string} [output]
   */
  constructor(message, output = "") {
    super(message);
    this.output = output;
  }
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import("../lib/run.mjs").RunOptions} options
 * @returns {Promise<string>} what it said
 * @throws {StepFailure} when it ends with another code than 0
 */
export async function must(command, args, options) {
  const { code, output } = await run(command, args, { timeoutMs: 300_000, ...options });
  if (code === 0) return output;
  throw new StepFailure(`${shownCommand(command, args)} ended with code ${code}`, output);
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 */
function shownCommand(command, args) {
  const text = [path.basename(command), ...args].join(" ");
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}

/** A command that goes on until it is stopped; it has a process group of its own, which ends with this process. */
export class Running {
  #output = "";
  /** @type {number | undefined} */
  #code;
  /** @type {Set<() => void>} */
  #watchers = new Set();
  #name;
  #child;
  #kill = () => killGroup(this.#child.pid, "SIGKILL");

  /**
   * @param {string} command
   * @param {readonly string[]} args
   * @param {{ cwd: string, env: Record<string, string | undefined> }} options
   */
  constructor(command, args, { cwd, env }) {
    this.#name = shownCommand(command, args);
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, detached: true });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
        this.#output += text;
        this.#changed();
      });
    }
    child.stdin.on("error", () => undefined); // it may be gone before it has read everything
    child.once("error", (error) => {
      this.#output += `${error.message}\n`;
      this.#end(127);
    });
    child.once("exit", (status) => this.#end(status ?? 1));
    process.once("exit", this.#kill);
  }

  /**
   * Resolves once its output matches.
   * @param {RegExp} pattern
   * @param {number} [timeoutMs] default 60 000
   * @returns {Promise<RegExpExecArray>}
   */
  says(pattern, timeoutMs = 60_000) {
    const look = () => pattern.exec(this.#output) ?? undefined;
    return this.#until(`said ${String(pattern)}`, timeoutMs, look);
  }

  /** @param {string} text for its standard input */
  write(text) {
    this.#child.stdin.write(text);
  }

  /** Ends its standard input. */
  end() {
    this.#child.stdin.end();
  }

  /** @returns {Promise<number>} its exit code, which has to come within 30 s */
  exit() {
    return this.#until("ended", 30_000, () => this.#code);
  }

  /** SIGTERM, and SIGKILL to whatever is left of it after 5 s. */
  async stop() {
    killGroup(this.#child.pid, "SIGTERM");
    const timer = setTimeout(this.#kill, 5_000);
    await this.exit().finally(() => clearTimeout(timer));
    this.#kill();
    process.off("exit", this.#kill);
  }

  /** @param {number} code */
  #end(code) {
    this.#code ??= code;
    this.#changed();
  }

  #changed() {
    for (const watcher of this.#watchers) watcher();
  }

  /**
   * @template T
   * @param {string} what
   * @param {number} timeoutMs
   * @param {() => T | undefined} look
   * @returns {Promise<T>}
   */
  #until(what, timeoutMs, look) {
    return new Promise((resolve, reject) => {
      const settle = (/** @type {() => void} */ action) => {
        this.#watchers.delete(watcher);
        clearTimeout(timer);
        action();
      };
      const fail = (/** @type {string} */ why) =>
        settle(() => reject(new StepFailure(`${this.#name} ${why}`, this.#output)));
      const watcher = () => {
        const found = look();
        if (found !== undefined) settle(() => resolve(found));
        else if (this.#code !== undefined) fail(`ended with code ${this.#code} before it ${what}`);
      };
      const timer = setTimeout(() => fail(`has not ${what} in ${timeoutMs / 1000} s`), timeoutMs);
      this.#watchers.add(watcher);
      watcher();
    });
  }
}
