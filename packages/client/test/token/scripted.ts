import { ConicError, type Connection, type IceServer } from "@conic/domain";
import { FakeClock } from "@conic/internal-testing";
import { decodeClientMessage, encodeMessage, type ServerMessage } from "@conic/protocol";
import { memoryPair } from "@conic/transport";
import { connect, type ConicClient, type ConnectOptions } from "../../src/index.js";

export const alice = "alice" as ConicClient["id"];

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token as any issuer makes them, without a signature that anybody could check. */
export function jwt(claims: Readonly<Record<string, unknown>>): string {
  return `${part({ alg: "none" })}.${part(claims)}.`;
}

/** Seconds since 1970, so many from now. */
export function inSeconds(seconds: number): number {
  return Math.round(Date.now() / 1000) + seconds;
}

type Heard = ReturnType<typeof decodeClientMessage>["message"];

/** A server that a test plays: it reads what the client says and answers by hand, in a time of its own. */
export class ScriptedServer {
  readonly clock: FakeClock = new FakeClock();
  readonly #dialed: Connection[] = [];
  #taken = 0;
  #connection: Connection | undefined;
  #heard: AsyncIterator<Heard> | undefined;

  connect(options: ConnectOptions = {}): Promise<ConicClient> {
    return connect("ws://scripted", {
      clock: this.clock,
      backoff: { initialMs: 10, maxMs: 10 },
      ...options,
      dial: () => {
        const [near, far] = memoryPair({ clock: this.clock });
        this.#dialed.push(far);
        return near;
      },
    });
  }

  get dials(): number {
    return this.#dialed.length;
  }

  get connection(): Connection {
    if (this.#connection === undefined) throw new Error("nobody was accepted");
    return this.#connection;
  }

  /** The next connection of the client, whatever pauses it makes. Returns how long they were, to the millisecond. */
  async accept(maxMs = 120_000): Promise<number> {
    const start = this.clock.now();
    await turn();
    while (this.#dialed.length === this.#taken) {
      if (this.clock.now() - start > maxMs) throw new Error("the client does not come");
      this.clock.advance(1);
      await turn();
    }
    const connection = this.#dialed[this.#taken];
    this.#taken += 1;
    this.#connection = connection;
    this.#heard = messages(this.connection);
    return this.clock.now() - start;
  }

  /** Time passes, in steps: what falls due in one may set a timer of its own, and must not miss its answer. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 1_000) {
      this.clock.advance(Math.min(left, 1_000));
      await turn();
    }
  }

  async hear(): Promise<Heard> {
    const next = await this.#heard?.next();
    if (next === undefined || next.done === true) throw new Error("the client closed");
    return next.value;
  }

  /** The next message that is no `ack`. */
  async hearMore(): Promise<Heard> {
    for (;;) {
      const message = await this.hear();
      if (message.type !== "ack") return message;
    }
  }

  /** Lets time pass until something is so. Returns how long that took, to a tenth of a second. */
  async until(isSo: () => boolean, maxMs = 120_000): Promise<number> {
    let waitedMs = 0;
    for (await turn(); !isSo(); waitedMs += 100) {
      if (waitedMs > maxMs) throw new Error(`nothing of it in ${maxMs} ms`);
      this.clock.advance(100);
      await turn();
    }
    return waitedMs;
  }

  /** The next message that is no `ack`, however long that takes. */
  async hearLater(): Promise<Heard> {
    const hearing = this.hearMore();
    let isHeard = false;
    const settle = (): void => {
      isHeard = true;
    };
    hearing.then(settle, settle);
    await this.until(() => isHeard);
    return hearing;
  }

  say(message: ServerMessage): void {
    this.connection.send(encodeMessage(message));
  }

  refuse(Code: string, id?: string, RetryAfterMs?: number): void {
    const body = { Code, Message: Code, ...(RetryAfterMs === undefined ? {} : { RetryAfterMs }) };
    this.say({ type: "error", ...(id === undefined ? {} : { id }), body });
  }

  /** Grants a registration, or a renewal; with a session. */
  grant(id: string, ICEServers: readonly IceServer[] = [], Received = 0, Resumed = false): void {
    const body = { ID: alice, ICEServers, Resume: "secret", Received, Resumed };
    this.say({ type: "register_response", id, body });
  }

  /** Takes a connection, and its registration; returns the token. */
  async register(ICEServers: readonly IceServer[] = []): Promise<string | undefined> {
    await this.accept();
    const message = await this.hear();
    this.grant("register", ICEServers);
    if ((await this.hear()).type !== "ack") throw new Error("it did not acknowledge");
    return tokenOf(message);
  }

  cut(): void {
    this.connection.abort(new ConicError("closed", "the test cut the connection"));
  }
}

export function tokenOf(message: Heard): string | undefined {
  if (message.type !== "register") throw new Error(`not a register: ${message.type}`);
  return message.body.Token;
}

/** Lets everything happen that needs no time. */
export async function turn(): Promise<void> {
  for (let i = 0; i < 3; i += 1) await new Promise(setImmediate);
}

async function* messages(connection: Connection): AsyncGenerator<Heard> {
  for await (const frame of connection) yield decodeClientMessage(frame).message;
}
