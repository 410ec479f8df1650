import { readFileSync } from "node:fs";
import { once } from "node:events";
import { WebSocket } from "ws";

interface Recorded {
  readonly vectors: readonly { readonly name: string; readonly frame: string }[];
}

const { vectors } = JSON.parse(
  readFileSync(new URL("../../../protocol/vectors/go/recorded.json", import.meta.url), "utf8"),
) as Recorded;

/** A frame that the original program wrote, byte for byte. */
export function recorded(name: string): string {
  const found = vectors.find((vector) => vector.name === name);
  if (found === undefined) throw new Error(`there is no recorded frame ${name}`);
  return found.frame;
}

/** The peers of the recorded frames: who offers, and who answers. */
export const offerer = "d3p0c8s6n88rs9qvdt1g";
export const answerer = "d3p0ccc6n88rsb1u5qfg";

export interface GoMessage {
  readonly id: string;
  readonly type: string;
  readonly timestamp: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A plain WebSocket, as gorilla dials it: no subprotocol. It says what it is told to, and keeps what it hears. */
export class GoClient implements AsyncDisposable {
  readonly #socket: WebSocket;
  readonly #heard: string[] = [];
  #wake: (() => void) | undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("error", () => undefined);
    socket.on("message", (data: Buffer) => {
      this.#heard.push(data.toString("utf8"));
      this.#wake?.();
    });
    socket.on("close", () => this.#wake?.());
  }

  static async dial(url: string): Promise<GoClient> {
    const client = new GoClient(new WebSocket(url, { perMessageDeflate: false }));
    await once(client.#socket, "open");
    return client;
  }

  send(text: string): void {
    this.#socket.send(text);
  }

  say(type: string, data: object, id = "7"): void {
    this.send(JSON.stringify({ id, type, timestamp: "2025-10-16T21:04:05.5+09:00", data }));
  }

  /** The next frame, as text. */
  async hear(): Promise<string> {
    while (this.#heard.length === 0) {
      if (this.#socket.readyState === WebSocket.CLOSED) throw new Error("closed before it came");
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#heard.shift() ?? "";
  }

  /** The next message, which Go must be able to read: all four fields, of their types. */
  async next(): Promise<GoMessage> {
    const message = JSON.parse(await this.hear()) as GoMessage;
    if (
      Object.keys(message).join() !== "id,type,timestamp,data" ||
      typeof message.id !== "string"
    ) {
      throw new Error(`not a message of the Go program: ${JSON.stringify(message)}`);
    }
    if (new Date(message.timestamp).toISOString() !== message.timestamp) {
      throw new Error(`not a time: ${message.timestamp}`);
    }
    return message;
  }

  async register(id?: string): Promise<GoMessage> {
    this.say("register_request", id === undefined ? {} : { client_id: id });
    return this.next();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    const closed = once(this.#socket, "close");
    this.#socket.close();
    await closed;
  }
}
