import { ConicError, deferred } from "@conic/domain";
import type { DataChannel, PeerConnection, PeerConnectionStats } from "@conic/webrtc";
import type { Path, Report, Room } from "./events.js";
import { whyOf } from "./failure.js";

export interface ChannelRow {
  readonly label: string;
  readonly state: string;
  readonly peer: string;
  readonly messagesSent: number;
  readonly messagesReceived: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly buffered: number;
}

/** One peer of a chat and its channels; reports what happens until the connection ends. */
export class ChatPeer {
  readonly id: string;
  readonly connection: PeerConnection;
  readonly #report: Report;
  readonly #room: Room;
  readonly #channels: DataChannel[] = [];
  readonly #firstChannel = deferred<void>();
  readonly #followed: Promise<void>[] = [];
  /** Resolves when `connected` has been told, which is before anything of a channel is; or never will be. */
  readonly #told = deferred<void>();
  #isConnecting = true;
  #isConnected = false;
  #silent = false;
  #replaced = false;

  constructor(connection: PeerConnection, report: Report, room: Room) {
    this.id = connection.remoteId;
    this.connection = connection;
    this.#report = report;
    this.#room = room;
    connection.on("connectionstatechange", (state) => {
      if (state === "connected") this.#onConnected();
      else if (state === "disconnected") this.#onSilent();
    });
    connection.on("pathchange", () => {
      if (this.#isConnected) void this.#onPath();
    });
    connection.on("fault", (error) => {
      report({ event: "error", code: error.code, message: error.message, peer: this.id });
    });
    if (connection.connectionState === "connected") this.#onConnected();
    void this.#takeChannels();
    void connection.closed.then(async (info) => {
      this.#firstChannel.resolve();
      if (this.#isConnecting) this.#told.resolve();
      // What arrived before the end is told before it.
      await Promise.all(this.#followed);
      if (this.#replaced) return;
      const { wasClean: clean, reason, error } = info;
      report({ event: "left", peer: this.id, clean, reason, ...whyOf(error) });
    });
  }

  get alive(): boolean {
    return this.connection.connectionState !== "closed";
  }

  /** Open channels, oldest first. */
  get channels(): readonly DataChannel[] {
    return this.#channels.filter((channel) => channel.readyState === "open");
  }

  /** Resolves when the first channel is open, or the connection has ended without one. */
  get firstChannel(): Promise<void> {
    return this.#firstChannel.promise;
  }

  /** A new call to this peer takes its place: its end is no news. */
  replace(): void {
    this.#replaced = true;
  }

  /** Opens a channel and resolves when it can be used. */
  async open(label: string): Promise<DataChannel> {
    const channel = this.connection.createDataChannel(label);
    await channel.opened;
    await this.#told.promise;
    this.#followed.push(this.#adopt(channel, "local"));
    return channel;
  }

  rows(): ChannelRow[] {
    return this.#channels.map((channel) => {
      const stats = channel.stats();
      return { ...stats, peer: this.id, buffered: stats.bufferedAmount };
    });
  }

  send(channel: DataChannel, message: string): boolean {
    const writable = channel.send(message);
    const bytes = Buffer.byteLength(message, "utf8");
    this.#report({ event: "sent", peer: this.id, label: channel.label, bytes });
    return writable;
  }

  async #takeChannels(): Promise<void> {
    for await (const channel of this.connection.dataChannels()) {
      this.#followed.push(this.#told.promise.then(() => this.#adopt(channel, "remote")));
    }
  }

  /** Resolves when the channel is at its end, and that is told. */
  #adopt(channel: DataChannel, by: "local" | "remote"): Promise<void> {
    this.#channels.push(channel);
    const { label } = channel;
    this.#report({ event: "channel", peer: this.id, label, state: "open", by });
    this.#firstChannel.resolve();
    return this.#follow(channel, by);
  }

  /** Tells what comes and, unless the whole connection ends with it, that the channel ends. */
  async #follow(channel: DataChannel, by: "local" | "remote"): Promise<void> {
    await this.#read(channel);
    const info = await channel.closed;
    // A remote that leaves closes its channels just before: both may be here at once.
    if (!this.alive && (await this.connection.closed) === info) return;
    this.#report({ event: "channel", peer: this.id, label: channel.label, state: "closed", by });
  }

  async #read(channel: DataChannel): Promise<void> {
    const { label } = channel;
    for await (const message of channel) {
      if (typeof message === "string") {
        const bytes = Buffer.byteLength(message, "utf8");
        this.#report({ event: "message", peer: this.id, label, bytes, text: message });
      } else {
        const data = Buffer.from(message).toString("base64");
        this.#report({ event: "message", peer: this.id, label, bytes: message.byteLength, data });
      }
      // What the output does not take yet stays with the channel, whose inbox has a limit.
      await this.#room();
    }
  }

  #onConnected(): void {
    if (this.#silent) {
      this.#silent = false;
      this.#report({ event: "back", peer: this.id });
      return;
    }
    this.#isConnecting = false;
    void this.connection.getStats().then((stats) => {
      const ms = Math.round(stats.connectTimeMs ?? 0);
      this.#report({ event: "connected", peer: this.id, path: pathOf(stats), ms });
      this.#isConnected = true;
      this.#told.resolve();
    });
  }

  async #onPath(): Promise<void> {
    const path = pathOf(await this.connection.getStats());
    this.#report({ event: "path", peer: this.id, path });
  }

  #onSilent(): void {
    this.#silent = true;
    this.#report({ event: "silent", peer: this.id });
  }
}

function pathOf({ transport }: PeerConnectionStats): Path {
  const types = [transport.local?.type, transport.remote?.type];
  if (types.includes("relay")) return "relay";
  return types.every((type) => type === "host") ? "direct" : "nat";
}

/** The channel that a label means among these peers: `label`, or `label@peer`. @throws ConicError `invalid_argument`. */
export function findChannel(
  name: string,
  peers: readonly ChatPeer[],
): { readonly peer: ChatPeer; readonly channel: DataChannel } {
  for (const peer of peers) {
    for (const channel of peer.channels) {
      if (channel.label === name || `${channel.label}@${peer.id}` === name)
        return { peer, channel };
    }
  }
  const open = peers.flatMap((peer) => peer.channels.map((channel) => channel.label));
  const hint =
    open.length === 0 ? "offer <peer_id> first" : `open channels: ${[...new Set(open)].join(", ")}`;
  throw new ConicError(
    "invalid_argument",
    `there is no open channel "${name}"; ${hint} (to send the line itself, put a space first)`,
  );
}
