import type { Frame, HubStats } from "@conic/domain";

/** What has gone through a hub since it was made. */
export class Counters {
  #messagesIn = 0;
  #messagesOut = 0;
  #messagesDropped = 0;
  #bytesIn = 0;
  #bytesOut = 0;

  /** One frame for one client, and whether its connection accepted it. */
  count(frame: Frame, accepted: boolean): void {
    const { byteLength } = frame;
    this.#messagesIn += 1;
    this.#bytesIn += byteLength;
    if (accepted) {
      this.#messagesOut += 1;
      this.#bytesOut += byteLength;
    } else this.#messagesDropped += 1;
  }

  snapshot(): Omit<HubStats, "connectedClients" | "uptimeMs"> {
    return {
      messagesIn: this.#messagesIn,
      messagesOut: this.#messagesOut,
      messagesDropped: this.#messagesDropped,
      bytesIn: this.#bytesIn,
      bytesOut: this.#bytesOut,
    };
  }
}
