import type { Readable } from "node:stream";
import { patienceMs, within } from "./within.js";

/** The lines of a stream, kept, so that whoever waits for one also finds it when it came before. */
export class Lines {
  readonly #name: string;
  readonly #lines: string[] = [];
  readonly #listeners = new Set<() => void>();
  #rest = "";
  #ended = false;

  constructor(name: string, stream: Readable) {
    this.#name = name;
    stream.setEncoding("utf8");
    stream.on("data", (chunk: string) => {
      const lines = (this.#rest + chunk).split("\n");
      this.#rest = lines.pop() ?? "";
      this.#lines.push(...lines);
      this.#notify();
    });
    stream.on("error", () => undefined);
    stream.on("close", () => {
      if (this.#rest !== "") this.#lines.push(this.#rest);
      this.#rest = "";
      this.#ended = true;
      this.#notify();
    });
  }

  /** The whole lines so far; the last one without an end too, once the stream has ended. */
  get all(): readonly string[] {
    return this.#lines;
  }

  get text(): string {
    return [...this.#lines, this.#rest].join("\n");
  }

  /** The first line that matches, also one that came before. Throws when the stream ends without it. */
  async waitFor(pattern: RegExp, timeoutMs: number = patienceMs): Promise<RegExpExecArray> {
    const found = new Promise<RegExpExecArray>((resolve, reject) => {
      let next = 0;
      const look = (): void => {
        for (; next < this.#lines.length; next += 1) {
          const match = pattern.exec(this.#lines[next] ?? "");
          if (match === null) continue;
          this.#listeners.delete(look);
          resolve(match);
          return;
        }
        if (this.#ended) reject(new Error(`${this.#name} ended without ${pattern}:\n${this.text}`));
      };
      this.#listeners.add(look);
      look();
    });
    return within(found, timeoutMs, () => `${pattern} on ${this.#name}, which says:\n${this.text}`);
  }

  #notify(): void {
    for (const listener of Array.from(this.#listeners)) listener();
  }
}
