import { ConicError, type ClientId, type Hub, type Logger } from "@conic/domain";
import { encodeMessage, errorMessage } from "@conic/protocol";
import type { Counters } from "../stats.js";
import { relayedMessage, type Undelivered } from "./mailbox.js";

interface Notice {
  readonly to: ClientId;
  readonly target: ClientId;
  /** Correlation id of the message; unknown where the message was forgotten. */
  readonly id: string | undefined;
}

/** Tells senders of what may not have reached a client that did not come back (rule 3). */
export class Notices {
  readonly #hub: Hub;
  readonly #counters: Counters;
  readonly #logger: Logger;
  readonly #queue: Notice[] = [];
  #busy = false;
  #muted = false;

  constructor(hub: Hub, counters: Counters, logger: Logger) {
    this.#hub = hub;
    this.#counters = counters;
    this.#logger = logger;
  }

  /** From now on, nobody is told: everybody is being closed, with what was sent to them before. */
  mute(): void {
    this.#muted = true;
  }

  undelivered(target: ClientId, { senders, frames }: Undelivered): void {
    if (this.#muted) return;
    for (const to of senders) this.#queue.push({ to, target, id: undefined });
    for (const frame of frames) {
      const message = relayedMessage(frame);
      if (message !== undefined) this.#queue.push({ to: message.body.ID, target, id: message.id });
    }
    // A notice may be the one message too many for a sender that is away itself: a loop instead of a recursion.
    if (this.#busy) return;
    this.#busy = true;
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      this.#send(next);
    }
    this.#busy = false;
  }

  #send({ to, target, id }: Notice): void {
    const text = "the target went away and did not come back; this message may not have arrived";
    const error = new ConicError("target_not_found", text, { details: { targetId: target } });
    const failed = (reason: unknown): void => {
      this.#logger.debug({ client: to }, "client that could not be told");
      this.#logger.warn({ err: reason }, "could not tell a sender of a lost message");
    };
    try {
      const delivery = this.#hub.send(to, encodeMessage(errorMessage(error, id)));
      this.#counters.errorSent(error.code);
      if (delivery instanceof Promise) delivery.catch(failed);
    } catch (reason) {
      failed(reason);
    }
  }
}
