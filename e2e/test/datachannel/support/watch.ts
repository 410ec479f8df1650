import type { Readable } from "node:stream";
import { patienceMs } from "../../../src/within.js";

interface Waiter {
  readonly check: () => void;
  readonly ended: () => void;
}

/** What a stream has said so far, and a way to wait for more. */
export class Watch {
  readonly #name: string;
  readonly #report: () => string;
  readonly #waiters = new Set<Waiter>();
  readonly #lines: string[] = [];
  #text = "";
  #rest = "";
  #ended = false;

  constructor(name: string, stream: Readable, report: () => string) {
    this.#name = name;
    this.#report = report;
    const decoder = new TextDecoder();
    stream.on("data", (chunk: Buffer) => {
      this.#take(decoder.decode(chunk, { stream: true }));
      for (const waiter of this.#waiters) waiter.check();
    });
    stream.on("close", () => {
      this.#ended = true;
      for (const waiter of this.#waiters) waiter.ended();
    });
  }

  get text(): string {
    return this.#text;
  }

  /** Complete lines. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** The part after the last line break. */
  get rest(): string {
    return this.#rest;
  }

  /** Waits until `find` gives something. @throws Error with all that was said when it does not in time. */
  until<T>(what: string, find: () => T | undefined, timeoutMs: number = patienceMs): Promise<T> {
    const found = find();
    if (found !== undefined) return Promise.resolve(found);
    return new Promise((resolve, reject) => {
      const fail = (why: string): void => {
        done();
        reject(new Error(`${why} on ${this.#name} for ${what}: ${this.#report()}`));
      };
      const timer = setTimeout(() => {
        fail(`waited ${timeoutMs} ms`);
      }, timeoutMs);
      const check = (): void => {
        const value = find();
        if (value === undefined) return;
        done();
        resolve(value);
      };
      const waiter = { check, ended: () => fail("the end came while waiting") };
      const done = (): void => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
      };
      if (this.#ended) waiter.ended();
      else this.#waiters.add(waiter);
    });
  }

  /** Waits until this many characters have come: what another stream says may be seen earlier. */
  async chars(count: number): Promise<void> {
    await this.until(`${count} characters`, () => (this.#text.length >= count ? true : undefined));
  }

  /** The first line that matches, from line `from` on. */
  line(pattern: RegExp, timeoutMs?: number, from = 0): Promise<string> {
    return this.until(
      String(pattern),
      () => this.#lines.slice(from).find((line) => pattern.test(line)),
      timeoutMs,
    );
  }

  #take(text: string): void {
    this.#text += text;
    const [first = "", ...more] = text.split("\n");
    if (more.length === 0) {
      this.#rest += first;
      return;
    }
    this.#lines.push(this.#rest + first, ...more.slice(0, -1));
    this.#rest = more.at(-1) ?? "";
  }
}
