import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Command, RemoteEvent, RemoteLink } from "./protocol.js";

type Line =
  | { readonly call: number; readonly result: unknown }
  | { readonly call: number; readonly error: string }
  | RemoteEvent;

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

const maxLogCharacters = 4_000;

/** Peers in a child process: native code may crash or hang there and takes no test along. */
export class ChildLink implements RemoteLink {
  readonly #name: string;
  readonly #timeoutMs: number;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #pending = new Map<number, Pending>();
  readonly #listeners = new Map<number, (event: RemoteEvent) => void>();
  readonly #kill: () => void;
  #calls = 0;
  #log = "";
  #end: Error | undefined;

  constructor(name: string, command: string, args: readonly string[], timeoutMs = 60_000) {
    this.#name = name;
    this.#timeoutMs = timeoutMs;
    this.#child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
    const child = this.#child;
    this.#kill = () => {
      child.kill("SIGKILL");
    };
    // For a test run that is cut off in the middle of a test.
    process.once("exit", this.#kill);
    child.stdin.on("error", () => undefined);
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#say(text);
    });
    createInterface({ input: child.stdout }).on("line", (line) => {
      this.#onLine(line);
    });
    child.once("error", (error) => {
      this.#onEnd(`did not start: ${error.message}`);
    });
    child.once("exit", (code, signal) => {
      this.#onEnd(`ended with code ${String(code)}, signal ${String(signal)}`);
    });
  }

  call(command: Command): Promise<unknown> {
    this.#calls += 1;
    const call = this.#calls;
    return new Promise((resolve, reject) => {
      if (this.#end !== undefined) {
        reject(this.#end);
        return;
      }
      const timer = setTimeout(() => {
        this.#pending.delete(call);
        reject(new Error(`${this.#name} does not return from ${command.do}\n${this.#log}`));
      }, this.#timeoutMs);
      this.#pending.set(call, {
        resolve: (result) => {
          clearTimeout(timer);
          resolve(result);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
      this.#child.stdin.write(`${JSON.stringify({ call, command })}\n`);
    });
  }

  listen(peer: number, listener: ((event: RemoteEvent) => void) | undefined): void {
    if (listener === undefined) this.#listeners.delete(peer);
    else this.#listeners.set(peer, listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    const gone = exitCode !== null || signalCode !== null || this.#child.pid === undefined;
    const ended = gone ? undefined : once(this.#child, "exit");
    this.#kill();
    await ended;
    process.off("exit", this.#kill);
  }

  #onLine(text: string): void {
    // Native libraries print what they like.
    if (!text.startsWith("{")) {
      this.#say(`${text}\n`);
      return;
    }
    const line = JSON.parse(text) as Line;
    if ("event" in line) {
      this.#listeners.get(line.peer)?.(line);
      return;
    }
    const pending = this.#pending.get(line.call);
    this.#pending.delete(line.call);
    if ("error" in line) pending?.reject(new Error(`${this.#name}: ${line.error}`));
    else pending?.resolve(line.result);
  }

  #say(text: string): void {
    this.#log = (this.#log + text).slice(-maxLogCharacters);
  }

  #onEnd(how: string): void {
    const error = new Error(`${this.#name} ${how}\n${this.#log}`);
    this.#end ??= error;
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of pending) reject(error);
    for (const [peer, listener] of this.#listeners) {
      listener({ peer, event: "fault", message: error.message });
    }
  }
}
