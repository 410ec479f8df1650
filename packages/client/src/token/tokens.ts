import { systemClock, type Connection } from "@conic/domain";
import type { ConnectOptions } from "../options.js";
import { askForToken, type TokenReason } from "./source.js";

/** The tokens of one client: where they come from, and whether a refused one is worth another. */
export class Tokens {
  readonly #options: ConnectOptions;
  #reason: TokenReason = "connect";
  #hasRetried = false;

  constructor(options: ConnectOptions) {
    this.#options = options;
  }

  /** Whether there is one at most, and never another. */
  get isFixed(): boolean {
    return typeof this.#options.token !== "function";
  }

  /** For the registration on this connection, as long as it is open. @throws ConicError. */
  async forRegistration(connection: Connection): Promise<string | undefined> {
    const gone = new AbortController();
    void connection.closed.then(() => {
      gone.abort();
    });
    return this.#ask(this.#reason, gone.signal);
  }

  /** To renew with. @throws ConicError. */
  renewed(signal: AbortSignal): Promise<string | undefined> {
    return this.#ask("renew", signal);
  }

  /** The server took the last one. */
  accepted(): void {
    this.#reason = "reconnect";
    this.#hasRetried = false;
  }

  /** The server took it not, or not for longer: true once, when a new one may help. */
  refused(): boolean {
    if (this.isFixed || this.#hasRetried) return false;
    this.#hasRetried = true;
    this.#reason = "renew";
    return true;
  }

  async #ask(reason: TokenReason, signal: AbortSignal): Promise<string | undefined> {
    const { token, registerTimeoutMs = 10_000, clock = systemClock } = this.#options;
    if (typeof token !== "function") return token;
    return askForToken(token, reason, { signal, timeoutMs: registerTimeoutMs, clock });
  }
}
