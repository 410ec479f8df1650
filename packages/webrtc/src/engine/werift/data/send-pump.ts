import type { WeriftSctp } from "../vendor.js";

/** RFC 8831 section 8: payload protocol identifiers. Empty messages are one zero byte under their own identifier. */
const ppid = { string: 51, binary: 53, stringEmpty: 56, binaryEmpty: 57 } as const;

export interface OutboundMessage {
  readonly payloadProtocolId: number;
  readonly data: Buffer;
}

export function outboundMessage(message: string | Uint8Array): OutboundMessage {
  if (typeof message === "string") {
    const data = Buffer.from(message, "utf8");
    if (data.length === 0) return { payloadProtocolId: ppid.stringEmpty, data: Buffer.alloc(1) };
    return { payloadProtocolId: ppid.string, data };
  }
  if (message.byteLength === 0) {
    return { payloadProtocolId: ppid.binaryEmpty, data: Buffer.alloc(1) };
  }
  const data = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  return { payloadProtocolId: ppid.binary, data };
}

/** A channel with messages to send; `take` returns undefined when it has none (left). */
export interface PumpSource {
  readonly streamId: number | null;
  readonly ordered: boolean;
  take(): OutboundMessage | undefined;
  /** The association has put the message on the wire. */
  taken(message: OutboundMessage): void;
}

/** Messages inside the association at once: fewer starve its congestion window, more make its waiting loops crawl. */
export const maxMessagesInside = 8;

/**
 * A few messages at a time go into the association, in turn from every channel that has one. werift's own queue
 * starts a waiting loop per message, each woken by every flush, so that a few hundred messages bring it to a halt.
 *
 * Reliability limits of a channel are not passed on: werift abandons the head of the common queue, whoever owns
 * it, which loses messages of reliable channels. A limited channel is therefore delivered reliably.
 */
export class SendPump {
  readonly #sctp: () => WeriftSctp | undefined;
  readonly #waiting = new Set<PumpSource>();
  #inside = 0;
  #stopped = false;

  constructor(sctp: () => WeriftSctp | undefined) {
    this.#sctp = sctp;
  }

  /** The source has something to send. */
  wake(source: PumpSource): void {
    if (this.#stopped) return;
    this.#waiting.add(source);
    this.#fill();
  }

  stop(): void {
    this.#stopped = true;
    this.#waiting.clear();
  }

  #fill(): void {
    const sctp = this.#sctp();
    if (sctp === undefined) return;
    while (this.#inside < maxMessagesInside) {
      const [source] = this.#waiting;
      if (source === undefined) return;
      // Back to the end of the line, or out of it: channels take turns.
      this.#waiting.delete(source);
      const { streamId } = source;
      const message = streamId === null ? undefined : source.take();
      if (streamId === null || message === undefined) continue;
      this.#waiting.add(source);
      this.#inside += 1;
      void this.#pass(sctp, streamId, source, message);
    }
  }

  async #pass(
    sctp: WeriftSctp,
    streamId: number,
    source: PumpSource,
    message: OutboundMessage,
  ): Promise<void> {
    try {
      await sctp.send(streamId, message.payloadProtocolId, message.data, {
        ordered: source.ordered,
      });
    } catch {
      // The association is gone; closing it reports that.
    }
    this.#inside -= 1;
    if (this.#stopped) return;
    source.taken(message);
    this.#fill();
  }
}
