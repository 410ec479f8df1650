import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { patienceMs, within } from "../../../src/within.js";
import { Watch } from "./watch.js";

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const running = new Set<ChildProcessWithoutNullStreams>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** A process with pipes for stdin, stdout and stderr; killed when disposed of. */
export class Program implements AsyncDisposable {
  readonly name: string;
  readonly stdout: Watch;
  readonly stderr: Watch;
  /** Resolves once the process is gone and its output is read. */
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcessWithoutNullStreams;

  constructor(
    name: string,
    command: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ) {
    this.name = name;
    const environment = Object.entries(process.env).filter(([key]) => !key.startsWith("CONIC_"));
    this.#child = spawn(command, args, {
      env: { ...Object.fromEntries(environment), FORCE_COLOR: undefined, TERM: "xterm", ...env },
    });
    const child = this.#child;
    running.add(child);
    this.stdout = new Watch(`stdout of ${name}`, child.stdout, () => this.report());
    this.stderr = new Watch(`stderr of ${name}`, child.stderr, () => this.report());
    // A process that ended does not read what is still being written to it.
    child.stdin.on("error", () => undefined);
    this.exited = once(child, "close").then(([code, signal]) => {
      running.delete(child);
      return { code: code as Exit["code"], signal: signal as Exit["signal"] };
    });
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error(`${this.name} was not started`);
    return pid;
  }

  /** Everything that it said, for messages of failed tests. */
  report(): string {
    const { exitCode, signalCode } = this.#child;
    const state = exitCode ?? signalCode ?? "running";
    return `${this.name} (${state})\n--- stdout\n${this.stdout.text}\n--- stderr\n${this.stderr.text}`;
  }

  /** Writes to stdin; resolves once there is room for more. */
  async write(text: string): Promise<void> {
    if (!this.#child.stdin.write(text)) await once(this.#child.stdin, "drain");
  }

  /** Ends stdin. */
  end(text = ""): void {
    this.#child.stdin.end(text);
  }

  /** Closes the reading end of its stdout. */
  closeStdout(): void {
    this.#child.stdout.destroy();
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Waits for the end. @throws Error when it does not come in time. */
  exit(timeoutMs: number = patienceMs): Promise<Exit> {
    return within(this.exited, timeoutMs, () => `the end of ${this.report()}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!running.has(this.#child)) return;
    this.kill("SIGKILL");
    await this.exited;
  }
}
