import { isConicError, type Clock, type Frame } from "@conic/domain";
import {
  toWireError,
  type ClientMessage,
  type ClientMessageType,
  type Decoded,
  type Handlers,
  type RouterOptions,
} from "@conic/protocol";
import type { GuardedObserver } from "./observer.js";

type ObservableOptions<Context> = RouterOptions<Context> &
  Required<Pick<RouterOptions<Context>, "decode">>;
type Handler<Context> = (decoded: Decoded<ClientMessage>, context: Context) => void | Promise<void>;

const relayed: ReadonlySet<ClientMessageType> = new Set(["sdp", "candidate", "data_channel"]);

/** Tells what became of each message. */
class Watch {
  readonly #observer: GuardedObserver;
  readonly #clock: Clock;
  // One for all connections: between reading a frame and calling its handler, nothing else runs.
  #receivedAtMs = 0;

  constructor(observer: GuardedObserver, clock: Clock) {
    this.#observer = observer;
    this.#clock = clock;
  }

  received(frame: Frame): void {
    this.#receivedAtMs = this.#clock.now();
    this.#observer.frameReceived(frame.byteLength);
  }

  failed(type: ClientMessageType | "invalid", error: unknown): never {
    // The client was gone before it could be answered: nobody's fault, and no `internal` one.
    const gone = isConicError(error, "closed");
    this.#observer.messageHandled(type, gone ? "closed" : toWireError(error).code);
    throw error;
  }

  handler<Context>(type: ClientMessageType, handler: Handler<Context>): Handler<Context> {
    const isRelayed = relayed.has(type);
    return (decoded, context) => {
      const sinceMs = this.#receivedAtMs;
      try {
        const pending = handler(decoded, context);
        if (pending instanceof Promise) return this.#later(pending, type, isRelayed, sinceMs);
      } catch (error) {
        this.failed(type, error);
      }
      this.#ok(type, isRelayed, sinceMs);
      return undefined;
    };
  }

  async #later(
    pending: Promise<void>,
    type: ClientMessageType,
    isRelayed: boolean,
    sinceMs: number,
  ): Promise<void> {
    try {
      await pending;
    } catch (error) {
      this.failed(type, error);
    }
    this.#ok(type, isRelayed, sinceMs);
  }

  #ok(type: ClientMessageType, isRelayed: boolean, sinceMs: number): void {
    this.#observer.messageHandled(type, "ok");
    if (isRelayed) this.#observer.messageRelayed(type, this.#clock.now() - sinceMs);
  }
}

/** The same router, whose every frame is told with what became of it. */
export function observeRouter<Context>(
  options: ObservableOptions<Context>,
  observer: GuardedObserver,
  clock: Clock,
): RouterOptions<Context> {
  const watch = new Watch(observer, clock);
  const handlers = Object.entries(options.handlers).map(([type, handler]) => [
    type,
    watch.handler(type as ClientMessageType, handler as Handler<Context>),
  ]);
  return {
    ...options,
    // Of the same keys as before, each with a handler that takes the same type.
    handlers: Object.fromEntries(handlers) as Handlers<Context>,
    decode: (frame, context) => {
      watch.received(frame);
      try {
        return options.decode(frame, context);
      } catch (error) {
        return watch.failed("invalid", error);
      }
    },
  };
}
