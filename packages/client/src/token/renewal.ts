import { ConicError, type Clock, type IceServer, type Logger } from "@conic/domain";
import { errorFromMessage, type ClientMessage, type ServerMessage } from "@conic/protocol";
import { renewalPauseMs, timeLeft, tokenTimes, turnEnd } from "./lifetime.js";

/** Correlation id of a `register` that renews. */
export const renewalCorrelationId = "renew";

const firstRetryMs = 1_000;
const maxRetryMs = 60_000;

export interface RenewalOptions {
  /** A new token; undefined where there is none to be had. @throws ConicError. */
  readonly ask: (signal: AbortSignal) => Promise<string | undefined>;
  /** Whether the next token is the same as this one. */
  readonly isTokenFixed: boolean;
  /** Frames received in the session. */
  readonly received: () => number;
  /** False when there is no registered connection. */
  readonly send: (message: ClientMessage<"register">) => boolean;
  readonly onRenewed: (iceServers: readonly IceServer[]) => void;
  readonly fault: (error: ConicError) => void;
  /** How long the server may take to answer. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly random: () => number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly logger: Logger;
}

/**
 * Renews the registration before its token or its TURN credentials end (docs/protocol.md, "Tokens", rule 4): the client
 * registers once more on the same connection, and its id, rooms and calls stay. What fails is tried again while the
 * old ones are good, and after that too: the server decides when it is over.
 */
export class Renewal {
  readonly #options: RenewalOptions;
  #cancelTimer: (() => void) | undefined;
  #asking: AbortController | undefined;
  #token: string | undefined;
  #isWaiting = false;
  #failures = 0;
  #implausible = 0;

  constructor(options: RenewalOptions) {
    this.#options = options;
  }

  /** The client is registered with this token. */
  begin(token: string | undefined, iceServers: readonly IceServer[]): void {
    this.stop();
    this.#token = token;
    this.#failures = 0;
    const { now, isTokenFixed, random } = this.#options;
    const times = token === undefined ? undefined : tokenTimes(token);
    const left = timeLeft(now(), times, turnEnd(iceServers), isTokenFixed);
    if (left === undefined) return;
    this.#implausible = left.isPlausible ? 0 : this.#implausible + 1;
    this.#later(renewalPauseMs(left.ms, this.#implausible, random));
  }

  /** There is no registered connection any more. */
  stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#asking?.abort();
    this.#asking = undefined;
    this.#isWaiting = false;
  }

  /** Whether the message belongs to a renewal; everything else is left to the caller. */
  take(message: ServerMessage): boolean {
    if (message.type === "register_response") {
      this.#onRenewed(message.body.ICEServers);
      return true;
    }
    if (message.type !== "error" || message.id !== renewalCorrelationId) return false;
    // What was sent again with the session it belongs to is answered after all; that is no more news.
    if (this.#isWaiting) this.#onRefused(errorFromMessage(message));
    return true;
  }

  #onRenewed(iceServers: readonly IceServer[]): void {
    this.#options.logger.debug({}, "the registration is renewed");
    this.begin(this.#token, iceServers);
    this.#options.onRenewed(iceServers);
  }

  #onRefused(error: ConicError): void {
    // A server that asks for no token, or knows nothing of this: what it gave is all there is.
    if (error.code === "already_registered") {
      this.#options.logger.debug({}, "the server renews no registrations");
      this.stop();
    } else if (error.code === "unauthorized") this.stop();
    else this.#onFailed(error);
  }

  async #renew(): Promise<void> {
    const asking = new AbortController();
    this.#asking = asking;
    try {
      const token = await this.#options.ask(asking.signal);
      if (!asking.signal.aborted) this.#send(token);
    } catch (error) {
      if (!asking.signal.aborted) this.#onFailed(ConicError.from(error, "internal"));
    }
  }

  #send(token: string | undefined): void {
    const { send, received, timeoutMs, clock } = this.#options;
    this.#token = token;
    const body = { ...(token === undefined ? {} : { Token: token }), Received: received() };
    // Without a connection there is nothing to renew: the next registration begins anew.
    if (!send({ type: "register", id: renewalCorrelationId, body })) return;
    this.#isWaiting = true;
    this.#cancelTimer = clock.schedule(timeoutMs, () => {
      const text = `the server did not renew the registration within ${timeoutMs} ms`;
      this.#onFailed(new ConicError("timeout", text));
    });
  }

  #onFailed(error: ConicError): void {
    this.stop();
    this.#failures += 1;
    const { fault, random } = this.#options;
    const wish = error.details["retryAfterMs"];
    const bound = Math.min(maxRetryMs, firstRetryMs * 2 ** Math.min(10, this.#failures - 1));
    const asked = typeof wish === "number" ? Math.min(maxRetryMs, Math.max(0, wish)) : 0;
    this.#later(asked + bound * (0.5 + random() / 2));
    fault(error);
  }

  #later(delayMs: number): void {
    this.#cancelTimer = this.#options.clock.schedule(delayMs, () => {
      this.#cancelTimer = undefined;
      void this.#renew();
    });
  }
}
