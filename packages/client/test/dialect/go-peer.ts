import {
  AsyncQueue,
  Frame,
  parseClientId,
  type ClientId,
  type Connection,
  type Signal,
  type SignalingChannel,
  type SignalingEvent,
} from "@conic/domain";
import { dialWebSocket } from "@conic/transport";

interface GoMessage {
  readonly type: string;
  readonly data: {
    readonly from_id?: string;
    readonly session_description?: Extract<Signal, { kind: "description" }>["description"];
    readonly candidate?: Extract<Signal, { kind: "candidate" }>["candidate"];
  };
}

/**
 * A peer that speaks to the server as the original Go program does: the frames of its domain/data.go on a WebSocket
 * without a subprotocol, and candidates as pion writes them.
 */
export class GoPeer implements SignalingChannel {
  readonly localId: ClientId;
  readonly remoteId: ClientId;
  /** The types of what it received, in order. */
  readonly received: string[] = [];
  readonly #connection: Connection;
  readonly #signals = new AsyncQueue<SignalingEvent>({ maxItems: 256 });
  #lastId = 0;

  private constructor(connection: Connection, localId: string, remoteId: string) {
    this.#connection = connection;
    this.localId = parseClientId(localId);
    this.remoteId = parseClientId(remoteId);
  }

  /** Resolves when it is registered. */
  static async register(url: string, localId: string, remoteId: string): Promise<GoPeer> {
    const connection = dialWebSocket(url);
    await connection.opened;
    const peer = new GoPeer(connection, localId, remoteId);
    peer.#say("register_request", { client_id: localId });
    await new Promise<void>((resolve) => {
      void peer.#listen(resolve);
    });
    return peer;
  }

  send(signal: Signal): Promise<void> {
    const ids = { from_id: this.localId, to_id: this.remoteId };
    if (signal.kind === "description") {
      this.#say("sdp", { ...ids, session_description: signal.description });
    } else if (signal.candidate.candidate !== "") {
      // The original does not tell the end of candidates.
      const { candidate } = signal.candidate;
      const init = { candidate, sdpMid: "", sdpMLineIndex: 0, usernameFragment: null };
      this.#say("candidate", { ...ids, candidate: init });
    }
    return Promise.resolve();
  }

  [Symbol.asyncIterator](): AsyncIterator<SignalingEvent, undefined> {
    return this.#signals[Symbol.asyncIterator]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#signals.end();
    await this.#connection.close();
  }

  #say(type: string, data: object): void {
    this.#lastId += 1;
    const message = { id: `go-${this.#lastId}`, type, timestamp: new Date().toISOString(), data };
    this.#connection.send(Frame.fromText(JSON.stringify(message)));
  }

  async #listen(onRegistered: () => void): Promise<void> {
    for await (const frame of this.#connection) {
      const { type, data } = JSON.parse(frame.text) as GoMessage;
      this.received.push(type);
      if (type === "register_response") onRegistered();
      if (data.from_id !== this.remoteId) continue;
      const { session_description: description, candidate } = data;
      if (description !== undefined) this.#signals.push({ kind: "description", description });
      if (candidate !== undefined) this.#signals.push({ kind: "candidate", candidate });
    }
  }
}
