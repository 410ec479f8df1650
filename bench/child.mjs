import { fork } from "node:child_process";
import { once } from "node:events";

/**
 * A child process that talks over IPC, and is gone when the callback is done.
 *
 * @template T
 * @param {string} file beside this one
 * @param {readonly string[]} args
 * @param {(child: import("node:child_process").ChildProcess) => Promise<T>} use
 * @param {readonly string[]} [execArgv] for Node itself
 * @returns {Promise<T>}
 */
export async function withChild(file, args, use, execArgv = []) {
  const child = fork(new URL(file, import.meta.url), [...args], {
    execArgv: [...execArgv],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const exited = once(child, "exit");
  try {
    return await use(child);
  } finally {
    child.kill("SIGKILL");
    await exited;
  }
}

/**
 * The next message of a child that has this type.
 *
 * @param {import("node:child_process").ChildProcess} child
 * @param {string} type
 * @returns {Promise<Record<string, unknown>>}
 */
export function messageOf(child, type) {
  return new Promise((resolve, reject) => {
    /** @param {unknown} message */
    const onMessage = (message) => {
      if (typeof message !== "object" || message === null || !("type" in message)) return;
      if (message.type !== type) return;
      child.off("message", onMessage);
      child.off("exit", onExit);
      resolve({ ...message });
    };
    const onExit = () => {
      reject(new Error(`a child ended before it said "${type}"`));
    };
    child.on("message", onMessage);
    child.once("exit", onExit);
  });
}
