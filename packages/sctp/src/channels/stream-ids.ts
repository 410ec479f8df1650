import { maxStreamId } from "./settings.js";
import type { ChannelRole } from "./types.js";

const step = 2;

/** The lowest free stream id of a role (RFC 8832 section 6: the DTLS client has the even ones). */
export class StreamIds {
  readonly #first: number;
  readonly #used: (streamId: number) => boolean;
  // No id of this role below is free: n channels cost n steps, not n².
  #from: number;

  constructor(role: ChannelRole, used: (streamId: number) => boolean) {
    this.#first = role === "client" ? 0 : 1;
    this.#from = this.#first;
    this.#used = used;
  }

  /** Whether this role is the one that opens channels with this id. */
  owns(streamId: number): boolean {
    return streamId % step === this.#first;
  }

  /** undefined when all are in use. */
  next(): number | undefined {
    for (let id = this.#from; id <= maxStreamId; id += step) {
      this.#from = id;
      if (!this.#used(id)) return id;
    }
    this.#from = maxStreamId + 1;
    return undefined;
  }

  released(streamId: number): void {
    if (this.owns(streamId) && streamId < this.#from) this.#from = streamId;
  }
}
