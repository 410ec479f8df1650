import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("..", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions {
  readonly args?: readonly string[];
  /** Beside PATH, and PORT, which is 0. */
  readonly env?: Readonly<Record<string, string>>;
}

/** An example that runs, as a user starts it. Disposing it kills it. */
export interface Program extends AsyncDisposable {
  /** Resolves with the first line of stdout. @throws Error when the program ends without one. */
  readonly firstLine: Promise<string>;
  readonly ended: Promise<Ended>;
  stop(): void;
}

function collect(child: ChildProcess): { readonly stdout: string; readonly stderr: string } {
  const output = { stdout: "", stderr: "" };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    output.stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    output.stderr += text;
  });
  return output;
}

async function waitForLine(
  child: ChildProcess,
  output: { readonly stdout: string; readonly stderr: string },
  over: AbortSignal,
): Promise<string> {
  while (!output.stdout.includes("\n")) {
    if (over.aborted || child.stdout === null) throw new Error(`no line: ${output.stderr}`);
    await once(child.stdout, "data", { signal: over }).catch(() => undefined);
  }
  return output.stdout.slice(0, output.stdout.indexOf("\n"));
}

/** Runs an example on a free port. */
export function start(name: string, { args = [], env = {} }: StartOptions = {}): Program {
  const child = spawn(process.execPath, [name, ...args], {
    cwd: folder,
    env: { PATH: process.env["PATH"], PORT: "0", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = collect(child);
  const over = new AbortController();
  const ended = once(child, "close").then(() => {
    over.abort();
    return { code: child.exitCode, ...output };
  });
  const firstLine = waitForLine(child, output, over.signal);
  firstLine.catch(() => undefined);
  return {
    firstLine,
    ended,
    stop: () => {
      child.kill("SIGTERM");
    },
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
