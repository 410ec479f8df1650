// Calls between a benchmark and its child processes, over IPC.
import { messageOf, withChild } from "./child.mjs";

/** @import { ChildProcess } from "node:child_process" */

/** A call that was not answered in time. */
export class HangError extends Error {
  /** @override */
  name = "HangError";
}

/** @typedef {Record<string, (args: never) => unknown>} Methods what a child can be asked; results must survive JSON */

/**
 * Answers the calls of the parent; the last thing a child does when it starts.
 *
 * @param {Methods} methods
 */
export function serve(methods) {
  process.on("message", (message) => {
    void answer(methods, message);
  });
  process.on("disconnect", () => process.exit());
  process.send?.({ type: "listening" });
}

/** @param {Methods} methods @param {unknown} message */
async function answer(methods, message) {
  if (typeof message !== "object" || message === null || !("call" in message)) return;
  const { call, id, args } = /** @type {{ call: string, id: number, args: never }} */ (message);
  try {
    process.send?.({ type: `answer ${id}`, value: await methods[call]?.(args) });
  } catch (error) {
    process.send?.({ type: `answer ${id}`, error: String(error) });
  }
}

/**
 * Child processes that answer calls, started together and gone when the callback is done.
 *
 * @template T
 * @param {readonly import("./datachannel/types.ts").Program[]} programs files beside this one
 * @param {(children: readonly ChildProcess[]) => Promise<T>} use in the order of the programs
 * @returns {Promise<T>}
 */
export async function withServing(programs, use) {
  /** @type {Promise<unknown>[]} */
  const starting = [];
  /** @param {ChildProcess[]} children @returns {Promise<T>} */
  const start = async (children) => {
    const next = programs[children.length];
    if (next === undefined) {
      await within(Promise.all(starting), 20_000, "a process did not start");
      return use(children);
    }
    return withChild(
      next.file,
      next.args,
      (child) => {
        starting.push(messageOf(child, "listening"));
        return start([...children, child]);
      },
      ["--expose-gc", ...(next.execArgv ?? [])],
    );
  };
  return start([]);
}

let lastId = 0;

/**
 * Asks a child and waits for its answer.
 *
 * @param {ChildProcess} child
 * @param {string} call
 * @param {object} [args]
 * @param {number} [timeoutMs]
 * @returns {Promise<unknown>}
 */
export async function ask(child, call, args = {}, timeoutMs = 10_000) {
  lastId += 1;
  const answered = messageOf(child, `answer ${lastId}`);
  child.send({ call, id: lastId, args });
  const { value, error } = await within(answered, timeoutMs, `"${call}" was not answered`);
  if (typeof error === "string") throw new Error(error);
  return value;
}

/**
 * @template T
 * @param {Promise<T>} promise
 * @param {number} timeoutMs
 * @param {string} what
 * @returns {Promise<T>}
 */
export function within(promise, timeoutMs, what) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new HangError(`${what} within ${timeoutMs / 1000} s`));
    }, timeoutMs);
    const done = () => {
      clearTimeout(timer);
    };
    promise.then(resolve, reject).finally(done);
  });
}
