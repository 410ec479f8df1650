import {
  clearScreenDown,
  createInterface,
  cursorTo,
  moveCursor,
  type Interface,
} from "node:readline";
import { mendPasting } from "./paste.js";

export interface PromptOptions {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  readonly complete: (line: string) => [string[], string];
  readonly onLine: (line: string) => void;
  /** Ctrl-D, Ctrl-C on an empty line, or a terminal that went away. */
  readonly onEnd: () => void;
}

/** A line editor at the bottom of the terminal; what is printed goes above the line being typed. */
export class Prompt {
  readonly #rl: Interface;
  readonly #output: NodeJS.WriteStream;
  #asking: ((answer: string | undefined) => void) | undefined;
  #prompt = "> ";
  #closed = false;
  #broken = false;

  constructor(options: PromptOptions) {
    this.#output = options.output;
    this.#rl = createInterface({
      input: options.input,
      output: options.output,
      completer: options.complete,
      historySize: 1000,
      removeHistoryDuplicates: true,
      terminal: true,
    });
    mendPasting(this.#rl);
    this.#rl.on("line", (line) => {
      const asking = this.#asking;
      this.#asking = undefined;
      this.#rl.setPrompt(this.#prompt);
      if (asking === undefined) options.onLine(line);
      else asking(line.trim());
      if (!this.#closed) this.#rl.prompt();
    });
    this.#rl.on("SIGINT", () => {
      if (this.#rl.line === "") {
        this.#rl.close();
        return;
      }
      this.#rl.write(null, { ctrl: true, name: "e" });
      this.#rl.write(null, { ctrl: true, name: "u" });
    });
    // A terminal that went away cannot be read, nor can its mode be changed: that is an error inside close() again.
    this.#rl.on("error", () => {
      if (this.#broken) return;
      this.#broken = true;
      this.close();
    });
    this.#rl.on("close", () => {
      this.#closed = true;
      this.#asking?.(undefined);
      options.onEnd();
    });
    this.#rl.setPrompt(this.#prompt);
    this.#rl.prompt();
  }

  /** Prints above the line being typed, which stays as it is, cursor included. */
  print(text: string): void {
    if (this.#closed) {
      this.#output.write(`${text}\n`);
      return;
    }
    this.#clear();
    this.#output.write(`${text}\n`);
    this.#rl.prompt(true);
  }

  setPrompt(prompt: string): void {
    if (this.#prompt === prompt) return;
    this.#prompt = prompt;
    if (this.#asking !== undefined) return;
    if (!this.#closed) this.#clear();
    this.#rl.setPrompt(prompt);
    if (!this.#closed) this.#rl.prompt(true);
  }

  /** Asks one question in place of the prompt; undefined when the terminal goes away. */
  ask(question: string): Promise<string | undefined> {
    return new Promise((resolve) => {
      this.#asking = resolve;
      this.#rl.setPrompt(question);
      this.#rl.prompt(true);
    });
  }

  close(): void {
    if (!this.#closed) this.#rl.close();
  }

  /** Clears the rows of the line being typed. */
  #clear(): void {
    moveCursor(this.#output, 0, -this.#rl.getCursorPos().rows);
    cursorTo(this.#output, 0);
    clearScreenDown(this.#output);
    // The editor would move up by the rows that have just been cleared.
    Reflect.set(this.#rl, "prevRows", 0);
  }
}
