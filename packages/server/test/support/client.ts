import {
  Frame,
  parseClientId,
  type ClientId,
  type CloseInfo,
  type Connection,
} from "@conic/domain";
import {
  decodeServerMessage,
  type RegisterResponseBody,
  type ServerMessage,
  type ServerMessageType,
} from "@conic/protocol";
import { dialWebSocket, memoryPair, type DialOptions } from "@conic/transport";
import type { SignalingServer } from "../../src/index.js";

type Raw = Readonly<Record<string, unknown>>;

/** A client that says what it is told to, right or wrong, and hands out what it hears. */
export class TestClient implements AsyncDisposable {
  readonly connection: Connection;
  #frames: AsyncIterator<Frame> | undefined;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  static async dial(url: string, options?: DialOptions): Promise<TestClient> {
    const connection = dialWebSocket(url, options);
    await connection.opened;
    return new TestClient(connection);
  }

  static inMemory(server: SignalingServer, ...pair: Parameters<typeof memoryPair>): TestClient {
    const [near, far] = memoryPair(...pair);
    server.handleConnection(far);
    return new TestClient(near);
  }

  get closed(): Promise<CloseInfo> {
    return this.connection.closed;
  }

  sendText(text: string): void {
    this.connection.send(Frame.fromText(text));
  }

  send(type: string, raw?: Raw, id?: string): void {
    this.sendText(JSON.stringify({ type, raw: raw && JSON.stringify(raw), id }));
  }

  async nextFrame(): Promise<Frame> {
    this.#frames ??= this.connection[Symbol.asyncIterator]();
    const result = await this.#frames.next();
    if (result.done !== true) return result.value;
    const { code, reason } = await this.closed;
    throw new Error(`closed with ${code} ${reason} before another message came`);
  }

  /** Everything that comes until the connection is closed. */
  async *rest(): AsyncGenerator<Frame> {
    this.#frames ??= this.connection[Symbol.asyncIterator]();
    for (;;) {
      const result = await this.#frames.next();
      if (result.done === true) return;
      yield result.value;
    }
  }

  async next(): Promise<ServerMessage> {
    return decodeServerMessage(await this.nextFrame()).message;
  }

  async expect<T extends ServerMessageType>(type: T): Promise<ServerMessage<T>> {
    const message = await this.next();
    if (message.type === type) return message as ServerMessage<T>;
    throw new Error(`expected ${type}, got ${JSON.stringify(message)}`);
  }

  async register(raw?: Raw): Promise<RegisterResponseBody> {
    this.send("register", raw);
    return (await this.expect("register_response")).body;
  }

  /** The code of the error that comes next. */
  async refusal(): Promise<string> {
    return (await this.expect("error")).body.Code;
  }

  /** Resolves when the server has answered everything that was sent before. */
  async roundTrip(): Promise<ServerMessage[]> {
    const before: ServerMessage[] = [];
    this.send("no_such_type", undefined, "round-trip");
    for (;;) {
      const message = await this.next();
      if (message.id === "round-trip") return before;
      before.push(message);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.connection.close();
  }
}

export const ids: { readonly alice: ClientId; readonly bob: ClientId; readonly carol: ClientId } = {
  alice: parseClientId("alice"),
  bob: parseClientId("bob"),
  carol: parseClientId("carol"),
};

export const offer: Raw = { type: "offer", sdp: "v=0\r\n" };
