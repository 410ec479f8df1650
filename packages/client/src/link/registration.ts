import {
  ConicError,
  deferred,
  type ClientId,
  type Clock,
  type Connection,
  type IceServer,
} from "@conic/domain";
import { encodeMessage, errorFromMessage, type ServerMessage } from "@conic/protocol";

export interface Registered {
  readonly id: ClientId;
  readonly iceServers: readonly IceServer[];
  /** The secret that reclaims the id after a drop; undefined from a server without that extension. */
  readonly resume: string | undefined;
  /** Frames of the session that the server has taken; undefined from a server without sessions. */
  readonly received: number | undefined;
  /** Whether the session goes on that there was before. */
  readonly resumed: boolean;
  /** The server takes reports of calls. */
  readonly reports: boolean;
  /** What it was granted for. */
  readonly token: string | undefined;
}

export interface RegisterRequest {
  readonly id: ClientId | undefined;
  readonly resume: string | undefined;
  readonly token: string | undefined;
  /** Frames received in the session so far. */
  readonly received: number;
}

const correlationId = "register";

/** Registers on one open connection: sends the request and waits for its answer. */
export class Registration {
  readonly #done = deferred<Registered>();
  readonly #cancelTimer: () => void;
  readonly #token: string | undefined;

  constructor(connection: Connection, request: RegisterRequest, timeoutMs: number, clock: Clock) {
    this.#token = request.token;
    this.#cancelTimer = clock.schedule(timeoutMs, () => {
      this.fail(
        new ConicError("timeout", `the server did not register this client within ${timeoutMs} ms`),
      );
    });
    const body = {
      ...(request.id === undefined ? {} : { ID: request.id }),
      ...(request.resume === undefined ? {} : { Resume: request.resume }),
      ...(request.token === undefined ? {} : { Token: request.token }),
      Received: request.received,
    };
    connection.send(encodeMessage({ type: "register", id: correlationId, body }));
  }

  /** Whether it showed a token. */
  get hasToken(): boolean {
    return this.#token !== undefined;
  }

  get done(): Promise<Registered> {
    return this.#done.promise;
  }

  /** Whether there was an answer. */
  get settled(): boolean {
    return this.#done.settled;
  }

  /** Whether the message was the answer; everything else is left to the caller. */
  take(message: ServerMessage): boolean {
    if (this.#done.settled) return false;
    if (message.type === "register_response") {
      this.#cancelTimer();
      const { ID, ICEServers, Resume, Received, Resumed = false, Reports = false } = message.body;
      this.#done.resolve({
        id: ID,
        iceServers: ICEServers,
        resume: Resume,
        received: Received,
        resumed: Resumed && Received !== undefined,
        reports: Reports,
        token: this.#token,
      });
      return true;
    }
    if (message.type !== "error" || (message.id ?? correlationId) !== correlationId) return false;
    this.fail(errorFromMessage(message));
    return true;
  }

  fail(error: ConicError): void {
    this.#cancelTimer();
    this.#done.reject(error);
  }
}
