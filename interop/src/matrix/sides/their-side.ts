import type { Journal } from "./journal.js";
import type {
  ChannelInit,
  CommandOfPeer,
  RemoteEvent,
  RemoteLink,
  ShownChannel,
  Signal,
  WireMessage,
} from "../links/protocol.js";
import type { Message, Side, SideChannel } from "./side.js";

function toWire(message: Message): WireMessage {
  if (typeof message === "string") return { text: message };
  return { base64: Buffer.from(message).toString("base64") };
}

function fromWire(message: WireMessage): Message {
  if ("text" in message) return message.text;
  return Uint8Array.from(Buffer.from(message.base64, "base64"));
}

/** What is known of one channel of the remote. */
interface ChannelRecord {
  shown: ShownChannel | undefined;
  by: "local" | "remote" | undefined;
  isClosed: boolean;
  readonly inbox: Message[];
}

export interface TheirSideOptions {
  readonly name: string;
  readonly link: RemoteLink;
  /** A number that no other connection over this link has. */
  readonly peer: number;
  readonly journal: Journal;
  /** A signal of the remote for us. */
  readonly signal: (signal: Signal) => void;
}

/** A peer of another implementation, which lives in a process or page of its own. */
export class TheirSide implements Side {
  readonly name: string;
  readonly #options: TheirSideOptions;
  readonly #journal: Journal;
  readonly #channels = new Map<number, ChannelRecord>();
  #state = "new";

  private constructor(options: TheirSideOptions) {
    this.name = options.name;
    this.#options = options;
    this.#journal = options.journal;
  }

  static async open(options: TheirSideOptions): Promise<TheirSide> {
    const side = new TheirSide(options);
    options.link.listen(options.peer, (event) => {
      side.#onEvent(event);
    });
    await options.link.call({ peer: options.peer, do: "open" });
    return side;
  }

  /** Hands a signal of ours over. */
  async signal(signal: Signal): Promise<void> {
    try {
      await this.#call({ do: "signal", signal });
    } catch (error) {
      this.#journal.fail(String(error));
    }
  }

  async createChannel(label: string, init: ChannelInit = {}): Promise<SideChannel> {
    const key = (await this.#call({ do: "createChannel", label, init })) as number;
    return this.#handle(key, label);
  }

  async channel(label: string): Promise<SideChannel> {
    const key = await this.#journal.until(`${this.name}: channel ${label}`, () => {
      for (const [candidate, { by, shown }] of this.#channels) {
        if (by === "remote" && shown?.label === label) return candidate;
      }
      return undefined;
    });
    return this.#handle(key, label);
  }

  async offer({ iceRestart = false }: { readonly iceRestart?: boolean } = {}): Promise<void> {
    await this.#call({ do: "offer", iceRestart });
  }

  async close(): Promise<void> {
    await this.#call({ do: "close" });
  }

  async ended(): Promise<void> {
    const over = ["disconnected", "failed", "closed"];
    await this.#journal.until(`${this.name}: the end of the connection`, () =>
      over.includes(this.#state) ? true : undefined,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#options.link.listen(this.#options.peer, undefined);
    try {
      await this.close();
    } catch {
      // Its process is gone, which the test was told.
    }
  }

  #call(command: CommandOfPeer): Promise<unknown> {
    return this.#options.link.call({ ...command, peer: this.#options.peer });
  }

  #handle(key: number, label: string): SideChannel {
    const record = this.#record(key);
    const journal = this.#journal;
    return {
      opened: () => journal.until(`${this.name}: channel ${label} to open`, () => record.shown),
      send: async (...messages) => {
        await this.#call({ do: "send", channel: key, messages: messages.map(toWire) });
      },
      receive: async (count) => {
        await journal.until(
          `${this.name}: message ${count} on ${label} (there are ${record.inbox.length})`,
          () => (record.inbox.length >= count ? true : undefined),
        );
        return record.inbox.splice(0, count);
      },
      close: async () => {
        await this.#call({ do: "closeChannel", channel: key });
      },
      closed: async () => {
        await journal.until(`${this.name}: the end of channel ${label}`, () =>
          record.isClosed ? true : undefined,
        );
      },
    };
  }

  #record(key: number): ChannelRecord {
    const known = this.#channels.get(key);
    if (known !== undefined) return known;
    const record = { shown: undefined, by: undefined, isClosed: false, inbox: [] };
    this.#channels.set(key, record);
    return record;
  }

  #onEvent(event: RemoteEvent): void {
    switch (event.event) {
      case "signal":
        this.#options.signal(event.signal);
        return;
      case "state":
        this.#state = event.state;
        this.#journal.note(`${this.name}: the connection is ${event.state}`);
        return;
      case "channel": {
        const record = this.#record(event.channel);
        record.shown = event.shown;
        record.by = event.by;
        this.#journal.note(`${this.name}: channel ${JSON.stringify(event.shown)}, ${event.by}`);
        return;
      }
      case "message":
        this.#record(event.channel).inbox.push(fromWire(event.message));
        this.#journal.note();
        return;
      case "closed":
        this.#record(event.channel).isClosed = true;
        this.#journal.note(`${this.name}: channel ${event.channel} is closed`);
        return;
      case "fault":
        this.#journal.fail(`${this.name}: ${event.message}`);
        return;
    }
  }
}
