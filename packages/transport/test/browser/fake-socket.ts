import { vi } from "vitest";
import type { NativeClose, NativeSocket } from "../../src/browser/native.js";

type Listener = (event: never) => void;

/** The WebSocket of a browser as far as it is used, moved by tests. */
export class FakeSocket implements NativeSocket {
  readonly url: string;
  readonly protocols: readonly string[];
  readonly sent: string[] = [];
  readonly closes: (readonly [code: number | undefined, reason: string | undefined])[] = [];
  protocol = "";
  bufferedAmount = 0;
  binaryType = "blob";
  readonly #listeners = new Map<string, Listener[]>();

  constructor(url: string, protocols: string[]) {
    if (protocols.includes("bad protocol")) throw new DOMException("is invalid", "SyntaxError");
    this.url = url;
    this.protocols = protocols;
    made.push(this);
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  send(text: string): void {
    this.sent.push(text);
    this.bufferedAmount += new TextEncoder().encode(text).byteLength;
  }

  close(code?: number, reason?: string): void {
    this.closes.push([code, reason]);
  }

  opens(protocol = ""): void {
    this.protocol = protocol;
    this.#emit("open", {});
  }

  receives(...messages: readonly unknown[]): void {
    for (const data of messages) this.#emit("message", { data });
  }

  ends(end: Partial<NativeClose> = {}): void {
    this.#emit("close", { code: 1000, reason: "", wasClean: true, ...end });
  }

  fails(): void {
    this.#emit("error", {});
    this.ends({ code: 1006, wasClean: false });
  }

  #emit(type: string, event: object): void {
    for (const listener of this.#listeners.get(type) ?? []) listener(event as never);
  }
}

let made: FakeSocket[] = [];

/** Puts the fake in the place of the browser's class. */
export function useFakeSockets(): void {
  made = [];
  vi.stubGlobal("WebSocket", FakeSocket);
}

/** The socket that was made last. */
export function lastSocket(): FakeSocket {
  const socket = made.at(-1);
  if (socket === undefined) throw new Error("no socket was made");
  return socket;
}
