import type { AbortOptions, ConicError, Frame, Logger } from "@conic/domain";
import type { ClientMessage, ClientMessageType, Decoded, ServerMessage } from "../v1/messages.js";

/**
 * What to do with each type of message. Every type has a handler: a missing one is a type error. What a handler
 * throws, or rejects with, becomes the reply.
 */
export type Handlers<Context> = {
  readonly [T in ClientMessageType]: (
    decoded: Decoded<Extract<ClientMessage, { readonly type: T }>>,
    context: Context,
  ) => void | Promise<void>;
};

export interface RouterOptions<Context> {
  readonly handlers: Handlers<Context>;
  /** Reads a frame of the client of this context. Default: `decodeClientMessage`. What it throws becomes the reply. */
  readonly decode?: (frame: Frame, context: Context) => Decoded<ClientMessage>;
  /** Sends an error to the client of this context. What it throws is logged and goes no further. */
  readonly reply: (message: ServerMessage<"error">, context: Context) => void;
  /** Ends the connection of this context, after the reply: the error's code has a close code (rule 6). */
  readonly close: (closeCode: number, error: ConicError, context: Context) => void;
  /** Fields that say in the log which message of whom it is about. Default none. */
  readonly describe?: (context: Context) => object;
  readonly logger?: Logger;
  /** Messages of one connection that wait for an earlier one. Default 64; above, `rate_limited`. */
  readonly maxPendingMessages?: number;
  /** Bytes of the frames that wait. Default 262 144; above, `rate_limited`. */
  readonly maxPendingBytes?: number;
}

/** The messages of one connection, one at a time and in order (rule 4). */
export interface RouterSession {
  /**
   * Decodes the frame and calls its handler, once all earlier messages of this session are handled. Never throws.
   * Returns undefined when nothing is pending; else a promise, which never rejects, of when nothing is. Who awaits it
   * before routing the next frame never sees `rate_limited`.
   */
  route(frame: Frame): Promise<void> | undefined;
  /** Resolves when nothing is pending; rejects with `aborted`. */
  idle(options?: AbortOptions): Promise<void>;
}
