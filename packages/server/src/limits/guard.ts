import {
  closeCodes,
  ConicError,
  isConicError,
  type Clock,
  type ErrorCode,
  type Frame,
} from "@conic/domain";
import {
  errorMessage,
  type ClientMessage,
  type Decoded,
  type RouterSession,
  type ServerMessage,
} from "@conic/protocol";
import type { LimitEvents } from "./events.js";
import type { FrameMeter } from "./frame-meter.js";
import { watchIdle } from "./idle.js";

/** What a guard does with the client that it watches. */
export interface Guarded {
  decode(frame: Frame): Decoded<ClientMessage>;
  reply(message: ServerMessage): void;
  end(error: ConicError, closeCode?: number): Promise<void>;
}

/** What the guards of a server have in common. */
export interface GuardSetup {
  readonly clock: Clock;
  /** 0: none. */
  readonly idleTimeoutMs: number;
  readonly events: LimitEvents;
}

const noWatch = (): void => undefined;

/** The limits of one connection, and what happens where it meets them. */
export class Guard {
  readonly #meter: FrameMeter;
  readonly #setup: GuardSetup;

  constructor(meter: FrameMeter, setup: GuardSetup) {
    this.#setup = setup;
    this.#meter = meter;
  }

  /** 0 for a frame within the limits; else the time to wait, for `refuse`. Called for every frame, before it is read. */
  take(frame: Frame): number {
    return this.#meter.take(frame.byteLength, this.#setup.clock.now());
  }

  /**
   * Answers a frame that came too early; a client that sends too many of those is closed. It is read for its
   * correlation id, which that bounds. An `ack` is no burden, and handled: without it, the session would be in doubt.
   */
  refuse(
    frame: Frame,
    waitMs: number,
    client: Guarded,
    session: RouterSession,
  ): Promise<void> | undefined {
    const { events, clock } = this.#setup;
    const { message, id } = read(frame, client);
    const tooMany = !this.#meter.refused(clock.now());
    if (message?.type === "ack" && !tooMany) return session.route(frame);
    events.refused(this.#meter.limit, message?.type ?? "invalid", frame.byteLength);
    const error = tooSoon("you send too much", waitMs, message);
    tell(client, errorMessage(error, id));
    if (!tooMany) return undefined;
    events.limited("refused");
    void client.end(error, closeCodes.policyViolation);
    return undefined;
  }

  /** Whoever says nothing but what it may not is closed. */
  answered(code: ErrorCode, client: Guarded): void {
    const { events, clock } = this.#setup;
    if (this.#meter.answered(code, clock.now())) return;
    events.limited("invalid");
    const text = "too many of your messages cannot be read, or say what you may not";
    void client.end(new ConicError("invalid_message", text), closeCodes.policyViolation);
  }

  /** A `register` has come. @throws ConicError `rate_limited`. */
  register(): void {
    const { events, clock } = this.#setup;
    const waitMs = this.#meter.register(clock.now());
    if (waitMs === 0) return;
    events.limited("registrations");
    throw tooSoon("you register too often", waitMs);
  }

  /** A connection that has not registered is waited for, until `waited` is called. */
  waiting(): void {
    this.#setup.events.waiting(1);
  }

  waited(): void {
    this.#setup.events.waiting(-1);
  }

  /** The connection has closed. */
  closed(): void {
    const { clock, events } = this.#setup;
    const { address } = this.#meter;
    if (address !== undefined) events.left(address, clock.now());
  }

  /** Ends the client when it sends nothing for too long; the returned function ends the watch. */
  watch(client: Guarded): () => void {
    const { idleTimeoutMs, clock, events } = this.#setup;
    if (idleTimeoutMs === 0) return noWatch;
    return watchIdle(
      idleTimeoutMs,
      clock,
      () => this.#meter.lastMs,
      () => {
        events.limited("idle");
        const text = `the client has sent nothing for ${idleTimeoutMs} ms`;
        void client.end(new ConicError("idle_timeout", text));
      },
    );
  }
}

/** The message, and its correlation id, as far as they can be read. */
function read(
  frame: Frame,
  client: Guarded,
): { readonly message?: ClientMessage; readonly id: string | undefined } {
  try {
    const { message } = client.decode(frame);
    return { message, id: message.id };
  } catch (error) {
    const id = isConicError(error) ? error.details["id"] : undefined;
    return { id: typeof id === "string" ? id : undefined };
  }
}

function tooSoon(
  what: string,
  waitMs: number,
  message?: ClientMessage,
): ConicError<"rate_limited"> {
  const retryAfterMs = Math.ceil(waitMs);
  const targetId =
    message !== undefined && "TargetID" in message.body ? message.body.TargetID : undefined;
  const details = targetId === undefined ? { retryAfterMs } : { retryAfterMs, targetId };
  return new ConicError("rate_limited", `${what}; wait ${retryAfterMs} ms`, { details });
}

function tell(client: Guarded, message: ServerMessage): void {
  try {
    client.reply(message);
  } catch (error) {
    // It closed meanwhile; there is nobody to tell.
    if (!isConicError(error)) throw error;
  }
}
