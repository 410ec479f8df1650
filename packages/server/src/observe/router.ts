import type { Clock } from "@conic/domain";
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

/** The same router, whose every frame is told with what became of it. */
export function observeRouter<Context>(
  options: ObservableOptions<Context>,
  observer: GuardedObserver,
  clock: Clock,
): RouterOptions<Context> {
  // One for all connections: between reading a frame and calling its handler, nothing else runs.
  let receivedAtMs = 0;
  const ok = (type: ClientMessageType, sinceMs: number): void => {
    observer.messageHandled(type, "ok");
    if (relayed.has(type)) observer.messageRelayed(type, clock.now() - sinceMs);
  };
  const failed = (type: ClientMessageType | "invalid", error: unknown): never => {
    observer.messageHandled(type, toWireError(error).code);
    throw error;
  };
  const observed =
    (type: ClientMessageType, handler: Handler<Context>): Handler<Context> =>
    (decoded, context) => {
      const sinceMs = receivedAtMs;
      try {
        const pending = handler(decoded, context);
        if (pending instanceof Promise) {
          return pending.then(
            () => {
              ok(type, sinceMs);
            },
            (error: unknown) => failed(type, error),
          );
        }
      } catch (error) {
        failed(type, error);
      }
      ok(type, sinceMs);
      return undefined;
    };
  const handlers = Object.entries(options.handlers).map(([type, handler]) => [
    type,
    observed(type as ClientMessageType, handler as Handler<Context>),
  ]);
  return {
    ...options,
    // Of the same keys as before, each with a handler that takes the same type.
    handlers: Object.fromEntries(handlers) as Handlers<Context>,
    decode: (frame, context) => {
      receivedAtMs = clock.now();
      observer.frameReceived(frame.byteLength);
      try {
        return options.decode(frame, context);
      } catch (error) {
        return failed("invalid", error);
      }
    },
  };
}
