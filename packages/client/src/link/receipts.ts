import type { Clock, Connection } from "@conic/domain";
import { Acknowledger, ackIntervalMs, encodeMessage } from "@conic/protocol";

/** Counts what came from the server in a session, and acknowledges it (docs/protocol.md, "Sessions"). */
export class Receipts {
  readonly #clock: Clock;
  readonly #acknowledger = new Acknowledger();
  #connection: Connection | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Frames of the session that were received. */
  get received(): number {
    return this.#acknowledger.received;
  }

  /** A registration with a session: the first count goes out at once, as a sign that its secret is known. */
  attach(connection: Connection, resumed: boolean): void {
    if (!resumed) this.#acknowledger.reset();
    this.#connection = connection;
    this.#tell();
  }

  /** The connection is gone, or has no session. */
  detach(): void {
    this.#connection = undefined;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  /** One more frame. */
  count(): void {
    if (this.#connection === undefined) return;
    const when = this.#acknowledger.count();
    if (when === "now") this.#tell();
    if (when !== "later") return;
    this.#cancelTimer ??= this.#clock.schedule(ackIntervalMs, () => {
      this.#cancelTimer = undefined;
      this.flush();
    });
  }

  /** Acknowledges now what is not acknowledged yet. */
  flush(): void {
    if (this.#acknowledger.owes) this.#tell();
  }

  #tell(): void {
    const connection = this.#connection;
    if (connection?.readyState !== "open") return;
    const body = { Received: this.#acknowledger.tell() };
    try {
      connection.send(encodeMessage({ type: "ack", body }));
    } catch {
      // It closed: the next registration says the count.
    }
  }
}
