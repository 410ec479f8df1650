import { silentLogger } from "@conic/domain";
import { decodeClientMessage } from "../v1/decode.js";
import { Session } from "./session.js";
import type { RouterOptions, RouterSession } from "./types.js";

/** Calls the handler of each message, and turns what goes wrong into `error` replies. */
export class Router<Context> {
  readonly #options: Required<RouterOptions<Context>>;

  constructor(options: RouterOptions<Context>) {
    this.#options = {
      decode: decodeClientMessage,
      describe: () => ({}),
      logger: silentLogger,
      maxPendingMessages: 64,
      maxPendingBytes: 262_144,
      ...options,
    };
  }

  /** One for each connection; `context` is handed to the handlers of its messages. */
  session(context: Context): RouterSession {
    return new Session(this.#options, context);
  }
}
