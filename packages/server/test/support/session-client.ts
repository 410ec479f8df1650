import { Frame, type ClientId, type Connection } from "@conic/domain";
import {
  Acknowledger,
  decodeServerMessage,
  encodeMessage,
  SendWindow,
  type ErrorBody,
} from "@conic/protocol";

/** A client of the session extension, as docs/protocol.md describes it. It acknowledges after every frame or never. */
export class SessionClient {
  readonly id: string;
  /** `Candidate` of each message, in the order in which they came. */
  readonly heard: string[] = [];
  readonly errors: ErrorBody[] = [];
  readonly #eager: boolean;
  readonly #sent = new SendWindow<Frame>((frame) => frame.byteLength);
  readonly #acknowledger = new Acknowledger();
  readonly #waiting: Frame[] = [];
  #secret: string | undefined;
  #connection: Connection | undefined;
  #registered = false;

  constructor(id: string, eager = true) {
    this.id = id;
    this.#eager = eager;
  }

  get registered(): boolean {
    return this.#registered;
  }

  get secret(): string | undefined {
    return this.#secret;
  }

  /** Registers, or resumes, on a new connection. Reads it until it ends. */
  connect(connection: Connection): void {
    this.#connection = connection;
    this.#registered = false;
    const Received = this.#acknowledger.received;
    const Resume = this.#secret === undefined ? {} : { Resume: this.#secret };
    const body = { ID: this.id as ClientId, ...Resume, Received };
    connection.send(encodeMessage({ type: "register", body }));
    void this.#read(connection);
  }

  say(target: string, text: string): void {
    const body = { TargetID: target as ClientId, Candidate: text };
    this.#waiting.push(encodeMessage({ type: "candidate", id: text, body }));
    this.#flush();
  }

  acknowledge(): void {
    const body = { Received: this.#acknowledger.tell() };
    if (this.#connection?.readyState !== "open") return;
    this.#connection.send(encodeMessage({ type: "ack", body }));
  }

  /** It looks at this connection no more. */
  abandon(): void {
    this.#connection = undefined;
    this.#registered = false;
  }

  async #read(connection: Connection): Promise<void> {
    for await (const frame of connection) {
      if (this.#connection === connection) this.#onFrame(connection, frame);
    }
    if (this.#connection === connection) this.abandon();
  }

  #onFrame(connection: Connection, frame: Frame): void {
    const { message } = decodeServerMessage(frame);
    if (message.type === "register_response") {
      const { Resume, Received = 0, Resumed = false } = message.body;
      this.#secret = Resume;
      this.#registered = true;
      if (!Resumed) {
        this.#acknowledger.reset();
        this.#sent.reset();
      }
      this.acknowledge();
      this.#sent.acknowledge(Received);
      for (const again of this.#sent.items()) {
        if (connection.readyState === "open") connection.send(again);
      }
      this.#flush();
      return;
    }
    if (message.type === "ack") {
      this.#sent.acknowledge(message.body.Received);
      return;
    }
    if (this.#registered) this.#acknowledger.count();
    if (message.type === "candidate") this.heard.push(message.body.Candidate);
    if (message.type === "error") this.errors.push(message.body);
    if (this.#eager && this.#registered) this.acknowledge();
  }

  #flush(): void {
    while (this.#registered && this.#connection?.readyState === "open") {
      const frame = this.#waiting.shift();
      if (frame === undefined) return;
      this.#connection.send(frame);
      this.#sent.add(frame);
    }
  }
}
