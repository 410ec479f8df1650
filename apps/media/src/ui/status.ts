import { clearScreenDown, cursorTo } from "node:readline";

/** One line at the bottom of a terminal that is refreshed; what is printed goes above it. */
export class StatusLine {
  readonly #output: NodeJS.WriteStream;
  #text = "";

  constructor(output: NodeJS.WriteStream) {
    this.#output = output;
  }

  set(text: string): void {
    if (text === this.#text) return;
    this.#clear();
    this.#text = text;
    this.#output.write(text);
  }

  print(line: string): void {
    this.#clear();
    this.#output.write(`${line}\n${this.#text}`);
  }

  #clear(): void {
    if (this.#text === "") return;
    cursorTo(this.#output, 0);
    clearScreenDown(this.#output);
  }
}
