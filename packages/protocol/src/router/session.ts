import {
  ConicError,
  deferred,
  errorCodeInfo,
  isConicError,
  raceAbort,
  type AbortOptions,
  type Deferred,
  type Frame,
  type LogFields,
} from "@conic/domain";
import type { RouterOptions, RouterSession } from "./types.js";
import { errorMessage, toWireError } from "../v1/errors.js";
import type { ClientMessage, Decoded } from "../v1/messages.js";
import { redact } from "../v1/redact.js";

type Handler<Context> = (decoded: Decoded<ClientMessage>, context: Context) => void | Promise<void>;

/** The messages of one connection: at most one is being handled, the others wait. */
export class Session<Context> implements RouterSession {
  readonly #options: Required<RouterOptions<Context>>;
  readonly #context: Context;
  readonly #queue: Frame[] = [];
  #queuedBytes = 0;
  #busy = false;
  #ended = false;
  #idle: Deferred<void> | undefined;

  constructor(options: Required<RouterOptions<Context>>, context: Context) {
    this.#options = options;
    this.#context = context;
  }

  route(frame: Frame): Promise<void> | undefined {
    if (this.#ended) return this.#idle?.promise;
    if (this.#busy) {
      this.#enqueue(frame);
      this.#idle ??= deferred<void>();
      return this.#idle.promise;
    }
    this.#busy = true;
    const running = this.#handle(frame);
    // Most messages end here: handled synchronously, nothing allocated.
    if (running === undefined && this.#queue.length === 0) return this.#rest();
    this.#idle ??= deferred<void>();
    const { promise } = this.#idle;
    void this.#work(running);
    return promise;
  }

  idle(options: AbortOptions = {}): Promise<void> {
    return raceAbort(this.#idle?.promise ?? Promise.resolve(), options.signal);
  }

  #rest(): undefined {
    this.#busy = false;
    this.#idle?.resolve();
    this.#idle = undefined;
  }

  async #work(running: Promise<void> | undefined): Promise<void> {
    await running;
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      this.#queuedBytes -= next.byteLength;
      await this.#handle(next);
    }
    this.#rest();
  }

  #enqueue(frame: Frame): void {
    const { maxPendingMessages, maxPendingBytes } = this.#options;
    const fits = this.#queuedBytes + frame.byteLength <= maxPendingBytes;
    if (fits && this.#queue.length < maxPendingMessages) {
      this.#queue.push(frame);
      this.#queuedBytes += frame.byteLength;
      return;
    }
    const decoded = this.#decode(frame);
    if (decoded === undefined) return;
    const refusal = "too many of your messages are waiting; send fewer until they are handled";
    this.#fail(new ConicError("rate_limited", refusal), decoded);
  }

  /** Undefined for a frame that is no message, which the client has been told. */
  #decode(frame: Frame): Decoded<ClientMessage> | undefined {
    try {
      return this.#options.decode(frame, this.#context);
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  /** Never rejects. Undefined when the handler was synchronous, for which no closure is made either. */
  #handle(frame: Frame): Promise<void> | undefined {
    const decoded = this.#decode(frame);
    if (decoded === undefined) return undefined;
    const { handlers } = this.#options;
    try {
      // The table is exhaustive and each handler takes the type it is filed under.
      const handler = handlers[(decoded.head ?? decoded.message).type] as Handler<Context>;
      const result = handler.call(handlers, decoded, this.#context);
      return result instanceof Promise ? this.#settled(result, decoded) : undefined;
    } catch (error) {
      this.#fail(error, decoded);
      return undefined;
    }
  }

  async #settled(result: Promise<void>, decoded: Decoded<ClientMessage>): Promise<void> {
    try {
      await result;
    } catch (error) {
      this.#fail(error, decoded);
    }
  }

  #fail(error: unknown, decoded?: Decoded<ClientMessage>): void {
    const wire = toWireError(error);
    const { reply, close } = this.#options;
    this.#log(error, wire, decoded);
    this.#guard(() => {
      reply(errorMessage(wire, decoded?.message.id), this.#context);
    });
    const { closeCode } = errorCodeInfo(wire.code);
    if (closeCode === undefined) return;
    this.#ended = true;
    this.#queue.length = 0;
    this.#queuedBytes = 0;
    this.#guard(() => {
      close(closeCode, wire, this.#context);
    });
  }

  #log(error: unknown, wire: ConicError, decoded?: Decoded<ClientMessage>): void {
    const { logger, describe } = this.#options;
    const message = decoded?.message;
    const type = message === undefined ? {} : { type: message.type };
    const fields = { ...describe(this.#context), ...type, code: wire.code };
    // Whose it is and for whom is told at `debug` alone.
    const named = (): LogFields => ({ ...(message ? redact(message) : {}), ...fields });
    if (isConicError(error, "closed")) logger.debug(named(), "the connection closed meanwhile");
    else if (wire.code === "internal") logger.error({ ...fields, err: error }, "a handler failed");
    else if (wire.retryable) logger.debug(named(), "a message could not be served");
    else logger.warn(fields, "a message was refused");
  }

  /** The callbacks write to a connection that may be gone; that is no fault of the message. */
  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      const level = isConicError(error, "closed") ? "debug" : "error";
      const { logger, describe } = this.#options;
      logger[level]({ ...describe(this.#context), err: error }, "could not answer a client");
    }
  }
}
