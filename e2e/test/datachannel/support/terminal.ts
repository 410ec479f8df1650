import { execFileSync } from "node:child_process";
import { builtApp } from "../../../src/signal-server.js";
import { Program, type Exit } from "./program.js";
import { Screen } from "./screen.js";

export const keys = {
  enter: "\r",
  tab: "\t",
  up: "\u001b[A",
  down: "\u001b[B",
  left: "\u001b[D",
  home: "\u0001",
  backspace: "\u007f",
  interrupt: "\u0003",
  endOfFile: "\u0004",
} as const;

export interface TerminalOptions {
  /** Default: the chat. */
  readonly app?: "datachannel" | "media";
  readonly columns?: number;
  /** Shell redirections of the chat, such as `</dev/null`. */
  readonly redirect?: string;
}

let scriptVersion: string | undefined;

function assertScript(): void {
  try {
    scriptVersion ??= execFileSync("script", ["--version"], { encoding: "utf8" });
  } catch (error) {
    throw new Error('these tests need "script" of util-linux (Debian: apt-get install bsdutils)', {
      cause: error,
    });
  }
}

function quote(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** A program at a terminal: a real pseudo-terminal, and what a person sees on it. */
export class Terminal implements AsyncDisposable {
  readonly screen: Screen;
  readonly program: Program;
  #read = 0;

  constructor(addr: string, args: readonly string[], options: TerminalOptions = {}) {
    const { app = "datachannel", columns = 80, redirect = "" } = options;
    assertScript();
    this.screen = new Screen(columns);
    const words = [process.execPath, builtApp(app), ...args, `--addr=${addr}`];
    const line = `stty rows 24 cols ${columns} && exec ${words.map(quote).join(" ")} ${redirect}`;
    const name = args.find((arg) => arg.startsWith("--id="))?.slice("--id=".length) ?? "terminal";
    this.program = new Program(name, "script", ["-qefc", line, "/dev/null"]);
  }

  /** Starts as `id`; resolves once the prompt is there. */
  static async open(addr: string, id: string, ...args: readonly string[]): Promise<Terminal> {
    const terminal = new Terminal(addr, [`--id=${id}`, ...args]);
    try {
      await terminal.shows(`Your ID: ${id}`);
      await terminal.prompts("> ");
    } catch (error) {
      await terminal[Symbol.asyncDispose]();
      throw error;
    }
    return terminal;
  }

  /** Presses keys. */
  async type(text: string): Promise<void> {
    await this.program.write(text);
  }

  /** Types a line and presses Enter. */
  async enter(line: string): Promise<void> {
    await this.type(`${line}${keys.enter}`);
  }

  /** Waits until a row matches: a pattern, or the row itself. */
  shows(row: string | RegExp, timeoutMs?: number): Promise<string> {
    return this.#until(
      `the row ${String(row)}`,
      ({ rows }) =>
        rows.find((shown) => (typeof row === "string" ? shown === row : row.test(shown))),
      timeoutMs,
    );
  }

  /** Waits until the cursor stands behind this text, which begins its row. */
  async prompts(text: string, timeoutMs?: number): Promise<void> {
    await this.#until(
      `the cursor behind "${text}"`,
      ({ beforeCursor }) => (beforeCursor === text ? true : undefined),
      timeoutMs,
    );
  }

  exit(timeoutMs?: number): Promise<Exit> {
    return this.program.exit(timeoutMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program[Symbol.asyncDispose]();
  }

  #until<T>(
    what: string,
    find: (screen: Screen) => T | undefined,
    timeoutMs: number | undefined,
  ): Promise<T> {
    const { stdout } = this.program;
    return stdout.until(
      what,
      () => {
        this.screen.write(stdout.text.slice(this.#read));
        this.#read = stdout.text.length;
        return find(this.screen);
      },
      timeoutMs,
    );
  }
}
