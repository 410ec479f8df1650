import {
  createWeriftEngine,
  PeerConnection,
  type DataChannel,
  type EngineEvents,
  type PeerConnectionOptions,
} from "@conic/webrtc";
import type { Journal } from "./journal.js";
import type { ChannelInit, ShownChannel } from "../links/protocol.js";
import type { Message, Side, SideChannel } from "./side.js";

class OurChannel implements SideChannel {
  readonly #channel: DataChannel;
  readonly #connection: PeerConnection;
  readonly #journal: Journal;
  readonly #inbox: Message[] = [];
  #isClosed = false;

  constructor(channel: DataChannel, connection: PeerConnection, journal: Journal) {
    this.#channel = channel;
    this.#connection = connection;
    this.#journal = journal;
    channel.opened.then(
      () => {
        journal.note(`ours: channel ${channel.label} is open`);
      },
      (error: unknown) => {
        journal.note(`ours: channel ${channel.label} did not open: ${String(error)}`);
      },
    );
    void channel.closed.then(({ error }) => {
      this.#isClosed = true;
      journal.note(`ours: channel ${channel.label} is closed: ${error?.message ?? "clean"}`);
    });
    void this.#read();
  }

  get label(): string {
    return this.#channel.label;
  }

  async opened(): Promise<ShownChannel> {
    const { label, protocol, ordered, maxRetransmits, maxPacketLifeTime, negotiated } =
      this.#channel;
    await this.#journal.until(`ours: channel ${label} to open`, () =>
      this.#channel.readyState === "open" ? true : undefined,
    );
    const { channels } = await this.#connection.getStats();
    const id = channels.find((channel) => channel.label === label)?.id ?? null;
    return { label, protocol, ordered, maxRetransmits, maxPacketLifeTime, negotiated, id };
  }

  async send(...messages: readonly Message[]): Promise<void> {
    for (const message of messages) {
      if (!this.#channel.send(message)) await this.#channel.ready();
    }
  }

  async receive(count: number): Promise<readonly Message[]> {
    await this.#journal.until(`ours: message ${count} on ${this.label}`, () =>
      this.#inbox.length >= count ? true : undefined,
    );
    return this.#inbox.splice(0, count);
  }

  async close(): Promise<void> {
    await this.#channel.close();
  }

  async closed(): Promise<void> {
    await this.#journal.until(`ours: the end of channel ${this.label}`, () =>
      this.#isClosed ? true : undefined,
    );
  }

  async #read(): Promise<void> {
    for await (const message of this.#channel) {
      this.#inbox.push(message);
      this.#journal.note();
    }
  }
}

export interface OurSideOptions {
  readonly signaling: PeerConnectionOptions["signaling"];
  readonly journal: Journal;
}

/** Conic's own peer. */
export class OurSide implements Side {
  readonly name = "ours";
  readonly #connection: PeerConnection;
  readonly #journal: Journal;
  readonly #incoming: OurChannel[] = [];
  #engineEvents: EngineEvents | undefined;
  #isEnded = false;

  constructor({ signaling, journal }: OurSideOptions) {
    this.#journal = journal;
    const engine = createWeriftEngine();
    this.#connection = new PeerConnection({
      signaling,
      // Nothing in the public interface asks for an offer that changes nothing; the engine's events do.
      engine: {
        open: (options, events) => {
          this.#engineEvents = events;
          return engine.open(options, events);
        },
      },
    });
    this.#connection.on("connectionstatechange", (state) => {
      this.#journal.note(`ours: the connection is ${state}`);
    });
    this.#connection.on("fault", (error) => {
      this.#journal.fail(`ours: a fault: ${error.message}`);
    });
    this.#connection.connected.catch((error: unknown) => {
      this.#journal.fail(`ours: did not connect: ${String(error)}`);
    });
    void this.#connection.closed.then(({ error }) => {
      this.#isEnded = error === undefined;
      this.#journal.note(`ours: the connection is closed: ${error?.message ?? "clean"}`);
    });
    void this.#adopt();
  }

  createChannel(label: string, init: ChannelInit = {}): Promise<SideChannel> {
    const channel = this.#connection.createDataChannel(label, init);
    return Promise.resolve(new OurChannel(channel, this.#connection, this.#journal));
  }

  channel(label: string): Promise<SideChannel> {
    return this.#journal.until(`ours: channel ${label}`, () =>
      this.#incoming.find((channel) => channel.label === label),
    );
  }

  offer({ iceRestart = false }: { readonly iceRestart?: boolean } = {}): Promise<void> {
    if (iceRestart) this.#connection.restartIce();
    else this.#engineEvents?.negotiationNeeded();
    return Promise.resolve();
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  async ended(): Promise<void> {
    await this.#journal.until("ours: the clean end of the connection", () =>
      this.#isEnded ? true : undefined,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection.close();
  }

  async #adopt(): Promise<void> {
    for await (const channel of this.#connection.dataChannels()) {
      this.#incoming.push(new OurChannel(channel, this.#connection, this.#journal));
      this.#journal.note(`ours: channel ${channel.label} came`);
    }
  }
}
