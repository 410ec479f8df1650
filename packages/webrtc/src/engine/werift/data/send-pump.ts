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

/**
 * One message at a time goes into the association, in turn from every channel that has one. werift's own queue
 * starts a waiting loop per message, each woken by every flush, so that a few hundred messages bring it to a halt.
 *
 * Reliability limits of a channel are not passed on: werift abandons the head of the common queue, whoever owns
 * it, which loses messages of reliable channels. A limited channel is therefore delivered reliably.
 */
export class SendPump {
  readonly #sctp: () => WeriftSctp | undefined;
  readonly #waiting = new Set<PumpSource>();
  #running = false;
  #stopped = false;

  constructor(sctp: () => WeriftSctp | undefined) {
    this.#sctp = sctp;
  }

  /** The source has something to send. */
  wake(source: PumpSource): void {
    if (this.#stopped) return;
    this.#waiting.add(source);
    if (!this.#running) void this.#run();
  }

  stop(): void {
    this.#stopped = true;
    this.#waiting.clear();
  }

  async #run(): Promise<void> {
    this.#running = true;
    for (;;) {
      const [source] = this.#waiting;
      if (source === undefined) break;
      // Back to the end of the line, or out of it: channels take turns.
      this.#waiting.delete(source);
      const sctp = this.#sctp();
      const message = source.take();
      if (message === undefined || sctp === undefined || source.streamId === null) continue;
      this.#waiting.add(source);
      try {
        await sctp.send(source.streamId, message.payloadProtocolId, message.data, {
          ordered: source.ordered,
        });
      } catch {
        // The association is gone; closing it reports that.
      }
      if (this.#stopped) break;
      source.taken(message);
    }
    this.#running = false;
  }
}
