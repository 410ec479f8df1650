import { builtApp } from "../../../src/signal-server.js";
import { Program } from "./program.js";

/** One line of `--json`. */
export interface ChatEvent {
  readonly time: string;
  readonly event: string;
  readonly peer?: string;
  readonly label?: string;
  readonly text?: string;
  readonly [field: string]: unknown;
}

let count = 0;

/** An id that no other test of this file uses. */
export function unique(name: string): string {
  count += 1;
  return `${name}-${count}`;
}

/** The chat without a terminal. */
export class Chat extends Program {
  #parsed: ChatEvent[] = [];

  constructor(addr: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const name = args.find((arg) => arg.startsWith("--id="))?.slice("--id=".length) ?? "chat";
    super(name, process.execPath, [builtApp("datachannel"), `--addr=${addr}`, ...args], env);
  }

  /** Starts with `--json`; resolves once it is registered, as `id`. */
  static async json(addr: string, id: string, ...args: readonly string[]): Promise<Chat> {
    const chat = new Chat(addr, ["--json", `--id=${id}`, ...args]);
    try {
      await chat.event("registered");
    } catch (error) {
      await chat[Symbol.asyncDispose]();
      throw error;
    }
    return chat;
  }

  /** Every line of stdout. @throws SyntaxError when one of them is not JSON. */
  get events(): readonly ChatEvent[] {
    const fresh = this.stdout.lines.slice(this.#parsed.length);
    this.#parsed.push(...fresh.map((line) => JSON.parse(line) as ChatEvent));
    return this.#parsed;
  }

  /** The names of all events so far. */
  get names(): readonly string[] {
    return this.events.map(({ event }) => event);
  }

  /** Texts of all messages so far, in the order in which they came. */
  get texts(): readonly string[] {
    return this.events.filter(({ event }) => event === "message").map(({ text }) => text ?? "");
  }

  /** The first event, from number `from` on, that has all of these fields. */
  event(
    event: string,
    fields: Readonly<Record<string, unknown>> = {},
    { from = 0, timeoutMs }: { readonly from?: number; readonly timeoutMs?: number } = {},
  ): Promise<ChatEvent> {
    const wanted = Object.entries({ event, ...fields });
    const find = (): ChatEvent | undefined =>
      this.events.slice(from).find((seen) => wanted.every(([key, value]) => seen[key] === value));
    return this.stdout.until(JSON.stringify({ event, ...fields }), find, timeoutMs);
  }

  /** Types a line. */
  line(text: string): Promise<void> {
    return this.write(`${text}\n`);
  }
}
