import { spawn, type ChildProcess } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { Lines } from "./lines.js";
import { patienceMs, within } from "./within.js";

/** The root of the repository. */
export const root: string = fileURLToPath(new URL("../..", import.meta.url));

export interface ProcessOptions {
  /** On top of this process's own environment without its `CONIC_…` variables. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default: the root of the repository. */
  readonly cwd?: string;
}

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process with its own process group. Disposing it kills the group: nothing outlives its test. */
export interface RunningProcess extends AsyncDisposable {
  readonly pid: number;
  readonly stdin: Writable;
  readonly stdout: Lines;
  readonly stderr: Lines;
  /** Resolves when the process, and whoever else holds its output, is gone. */
  readonly exited: Promise<ProcessExit>;
  /** `exited`, or an error that shows what it printed. */
  exit(timeoutMs?: number): Promise<ProcessExit>;
  /** To the process alone, or to its whole group as a terminal does. */
  kill(signal: NodeJS.Signals, target?: "process" | "group"): void;
  /** Ends reading: the next write of the process finds a broken pipe. */
  stopReading(stream: "stdout" | "stderr"): void;
}

const running = new Set<ChildProcess>();

// For a test run that is cut off in the middle of a test.
process.on("exit", () => {
  for (const child of running) killGroup(child, "SIGKILL");
});

function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It is gone already.
  }
}

function environment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith("CONIC_") && name !== "NODE_OPTIONS" && name !== "FORCE_COLOR",
  );
  return { ...Object.fromEntries(inherited), ...extra };
}

function observe(child: ChildProcess): Promise<ProcessExit> {
  running.add(child);
  return new Promise((resolve, reject) => {
    child.once("error", (error) => {
      running.delete(child);
      reject(error);
    });
    child.once("close", (code, signal) => {
      running.delete(child);
      resolve({ code, signal });
    });
  });
}

/** @throws Error when the command does not exist. */
export async function startProcess(
  command: string,
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<RunningProcess> {
  const child = spawn(command, args, {
    cwd: options.cwd ?? root,
    env: environment(options.env),
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  const exited = observe(child);
  const { pid } = child;
  if (pid === undefined)
    throw new Error(`${command} did not start: ${String(await reason(exited))}`);
  const streams: Record<"stdout" | "stderr", Readable> = child;
  const stdout = new Lines(`stdout of ${command}`, child.stdout);
  const stderr = new Lines(`stderr of ${command}`, child.stderr);
  child.stdin.on("error", () => undefined);
  const exit = (timeoutMs: number = patienceMs): Promise<ProcessExit> =>
    within(exited, timeoutMs, () => `the end of ${command}\n${stdout.text}\n${stderr.text}`);
  return {
    pid,
    stdin: child.stdin,
    stdout,
    stderr,
    exited,
    exit,
    kill: (signal, target = "process") => {
      if (target === "group") killGroup(child, signal);
      else child.kill(signal);
    },
    stopReading: (stream) => {
      streams[stream].destroy();
    },
    [Symbol.asyncDispose]: async () => {
      killGroup(child, "SIGKILL");
      await exit();
    },
  };
}

async function reason(exited: Promise<unknown>): Promise<unknown> {
  try {
    return await exited;
  } catch (error) {
    return error;
  }
}
