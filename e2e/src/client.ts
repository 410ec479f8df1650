import { once } from "node:events";
import { WebSocket } from "ws";
import { patienceMs, within } from "./within.js";

export interface Received {
  readonly type: string;
  readonly id?: string;
  readonly raw: Readonly<Record<string, unknown>>;
  /** The frame as it came. */
  readonly text: string;
}

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** A client of somebody else: plain ws and JSON, nothing of Conic. */
export class PlainClient implements AsyncDisposable {
  readonly closed: Promise<Closed>;
  readonly #socket: WebSocket;
  readonly #received: Received[] = [];
  #arrived: (() => void) | undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("error", () => undefined);
    socket.on("message", (data: Buffer) => {
      const text = data.toString();
      const { raw, ...envelope } = JSON.parse(text) as { type: string; id?: string; raw: string };
      this.#received.push({ ...envelope, raw: JSON.parse(raw) as Received["raw"], text });
      this.#arrived?.();
    });
    this.closed = new Promise((resolve) => {
      socket.on("close", (code, reason) => {
        resolve({ code, reason: reason.toString() });
        this.#arrived?.();
      });
    });
  }

  /** @param ca - certificates (PEM) to trust instead of the public ones. */
  static async open(
    url: string,
    protocols: readonly string[] = [],
    ca?: string,
  ): Promise<PlainClient> {
    const socket = new WebSocket(url, [...protocols], ca === undefined ? {} : { ca });
    // Before it is open: what comes with the last byte of the handshake is not missed.
    const client = new PlainClient(socket);
    await once(socket, "open");
    return client;
  }

  /** The subprotocol that the server selected. */
  get protocol(): string {
    return this.#socket.protocol;
  }

  sendFrame(data: string | Uint8Array): void {
    this.#socket.send(data);
  }

  send(type: string, raw?: Readonly<Record<string, unknown>>, id?: string): void {
    this.sendFrame(JSON.stringify({ type, raw: raw && JSON.stringify(raw), id }));
  }

  /** The next message. Throws when the connection closes first. */
  async next(timeoutMs: number = patienceMs): Promise<Received> {
    return within(this.#next(), timeoutMs, () => "a message of the signaling server");
  }

  async register(raw?: Readonly<Record<string, unknown>>): Promise<Received> {
    this.send("register", raw);
    const answer = await this.next();
    if (answer.type !== "register_response") throw new Error(`not registered: ${answer.text}`);
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.terminate();
    await this.closed;
  }

  async #next(): Promise<Received> {
    for (;;) {
      const message = this.#received.shift();
      if (message !== undefined) return message;
      if (this.#socket.readyState === WebSocket.CLOSED) {
        const { code, reason } = await this.closed;
        throw new Error(`closed with ${code} ${reason} before another message came`);
      }
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
  }
}
