import {
  ConicError,
  deferred,
  isConicError,
  raceAbort,
  systemClock,
  type AbortOptions,
  type Clock,
} from "@conic/domain";
import type { ConicClient, IncomingCall } from "@conic/client";
import type { Command } from "./commands.js";
import type { Vocabulary } from "./completion.js";
import type { Report, Room } from "./events.js";
import { whyOf } from "./failure.js";
import { ChatPeer, findChannel, type ChannelRow } from "./peer.js";
import { ChatRooms, type RoomClient } from "./rooms.js";

/** How long a line waits for the channel of a caller that is connected: by itself it comes within a round trip. */
export const firstChannelTimeoutMs = 5_000;

type ChatCall = Pick<IncomingCall, "accept" | "remoteId">;

/** What a chat needs of a client. */
export interface ChatSessionOptions {
  readonly client: ChatClient;
  /** Of the first channel to a peer. */
  readonly label: string;
  readonly report: Report;
  readonly room: Room;
  readonly clock?: Clock;
}

export interface ChatClient
  extends Pick<ConicClient, "call" | "close" | "on" | "state">, RoomClient {
  incoming(): AsyncIterable<ChatCall>;
}

/** A person's chats: who is connected, which peer plain lines go to, and what commands do. */
export class ChatSession {
  readonly #client: ChatClient;
  readonly #clock: Clock;
  readonly #report: Report;
  readonly #room: Room;
  readonly #label: string;
  readonly #known = new Set<string>();
  readonly rooms: ChatRooms;
  #peers: ChatPeer[] = [];
  #current: ChatPeer | undefined;
  #onPeer: ((peer: ChatPeer) => void) | undefined;
  #onTurn: (() => void) | undefined;
  #calling: Promise<ChatPeer> | undefined;

  constructor({ client, label, report, room, clock = systemClock }: ChatSessionOptions) {
    this.#client = client;
    this.#clock = clock;
    this.#label = label;
    this.#report = report;
    this.#room = room;
    this.rooms = new ChatRooms({
      client,
      report,
      connected: (connection, opens) => {
        void this.#meet(connection, opens);
      },
    });
    client.on("statechange", (state) => {
      if (state !== "closed") report({ event: "server", state });
    });
    client.on("fault", (error) => {
      // While the server is away every attempt fails; the state change has said so once.
      const isToken = error.details["reason"] === "token_unavailable";
      if (client.state !== "registered" && !isToken) return;
      report({ event: "error", code: error.code, message: error.message });
    });
    void this.#takeCalls();
  }

  /** The peer that plain lines go to. */
  get current(): ChatPeer | undefined {
    return this.#current;
  }

  get vocabulary(): Vocabulary {
    const peers = this.#alive();
    const labels = peers.flatMap((peer) => peer.channels.map((channel) => channel.label));
    const full = peers.flatMap((peer) => peer.channels.map(({ label }) => `${label}@${peer.id}`));
    return {
      peers: [...this.#known],
      labels: peers.length > 1 ? [...labels, ...full] : labels,
      rooms: this.rooms.names,
    };
  }

  /** Calls `listener` for each peer that becomes connected. */
  onPeer(listener: (peer: ChatPeer) => void): void {
    this.#onPeer = listener;
  }

  /** Calls `listener` when plain lines go to another room, or to none. */
  onTurn(listener: () => void): void {
    this.#onTurn = listener;
  }

  rows(): ChannelRow[] {
    return this.#peers.flatMap((peer) => peer.rows());
  }

  /** Does what a command says; what goes wrong is reported. Returns false for `quit`. */
  async run(command: Command, options: AbortOptions = {}): Promise<boolean> {
    try {
      await this.#run(command, options);
    } catch (error) {
      if (isConicError(error, "aborted")) return true;
      const known = ConicError.from(error, "internal");
      const peer = command.name === "offer" ? { peer: command.peer } : {};
      const message = advice(known, command);
      this.#report({ event: "error", code: known.code, message, ...peer, ...whyOf(known) });
    }
    return command.name !== "quit";
  }

  /** Calls a peer and opens the first channel to it, or turns to it when it is connected. */
  async offer(peerId: string, options: AbortOptions = {}): Promise<ChatPeer> {
    this.rooms.turnAway();
    const known = this.#alive().find((peer) => peer.id === peerId);
    if (known?.connection.connectionState === "connected") {
      this.#current = known;
      this.#onPeer?.(known);
      await this.#whenUsable(known, options);
      if (known.channels.length === 0) await known.open(this.#label);
      return known;
    }
    if (known?.connection.connectionState === "disconnected") known.replace();
    this.#report({ event: "calling", peer: peerId });
    const calling = this.#call(peerId, options);
    this.#calling = calling;
    try {
      return await calling;
    } finally {
      if (this.#calling === calling) this.#calling = undefined;
    }
  }

  /** Enters a room, or turns to one that was entered. */
  async join(room: string, options: AbortOptions = {}): Promise<void> {
    await this.rooms.join(room, options);
    this.#onTurn?.();
  }

  /** Sends a line to the current peer, or to all of the current room. Returns false when the channel wants the sender to wait. */
  say(message: string): boolean {
    if (this.rooms.current !== undefined) return this.#sayToRoom(this.rooms.current, message);
    const peer = this.#current;
    if (peer === undefined || !peer.alive) {
      throw new ConicError(
        "invalid_state",
        "nobody is connected: offer <peer_id> first, or wait for a call",
      );
    }
    const channel = this.#usualChannel(peer);
    if (channel === undefined) {
      throw new ConicError(
        "invalid_state",
        `no channel to ${peer.id} is open: channel <label> opens one`,
      );
    }
    return peer.send(channel, message);
  }

  #sayToRoom(room: string, message: string): boolean {
    let sent = 0;
    let writable = true;
    for (const peer of this.#membersHere()) {
      const channel = this.#usualChannel(peer);
      if (channel === undefined) continue;
      writable = peer.send(channel, message) && writable;
      sent += 1;
    }
    if (sent > 0) return writable;
    const text = `nobody else is connected in the room ${room} yet: peers shows who is there`;
    throw new ConicError("invalid_state", text);
  }

  #usualChannel(peer: ChatPeer): ChatPeer["channels"][number] | undefined {
    return peer.channels.find(({ label }) => label === this.#label) ?? peer.channels[0];
  }

  /** Those of the current room that are connected. */
  #membersHere(): ChatPeer[] {
    const members = new Set(this.rooms.members());
    return this.#alive().filter(({ id }) => members.has(id));
  }

  /** A member of a room is connected. */
  async #meet(connection: ChatPeer["connection"], opens: boolean): Promise<void> {
    const peer = this.#add(connection);
    try {
      if (opens && peer.channels.length === 0) await peer.open(this.#label);
    } catch (error) {
      const { code, message } = ConicError.from(error, "internal");
      this.#report({ event: "error", code, message, peer: peer.id });
    }
    this.#onPeer?.(peer);
  }

  /** What is typed right after a room was entered is meant for those who were there. */
  async #whenRoomUsable(options: AbortOptions): Promise<void> {
    await this.rooms.settled(options);
    await Promise.all(this.#membersHere().map((peer) => this.#whenUsable(peer, options)));
  }

  /** Resolves when everything sent has arrived, as far as that is possible: who is lost has been reported. */
  async flush(options: AbortOptions = {}): Promise<void> {
    const channels = this.#alive().flatMap((peer) => peer.channels);
    await Promise.allSettled(channels.map((channel) => channel.flush(options)));
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  async #call(peerId: string, options: AbortOptions): Promise<ChatPeer> {
    const connection = await this.#client.call(peerId, options);
    const peer = this.#add(connection);
    if (peer.channels.length === 0) await peer.open(this.#label);
    this.#current = peer;
    this.#onPeer?.(peer);
    return peer;
  }

  /** What is typed while a call connects is meant for it. A call that fails reports that itself. */
  async #whenConnected(): Promise<void> {
    await this.#calling?.catch(() => undefined);
  }

  /** Whoever is called is connected before the channel of the caller is there: not an error, but a moment to wait. */
  async #whenUsable(peer: ChatPeer | undefined, { signal }: AbortOptions): Promise<void> {
    if (peer === undefined || peer.channels.length > 0) return;
    const late = deferred<void>();
    const cancel = this.#clock.schedule(firstChannelTimeoutMs, () => {
      late.resolve();
    });
    try {
      await raceAbort(Promise.race([peer.firstChannel, late.promise]), signal);
    } finally {
      cancel();
    }
  }

  async #run(command: Command, options: AbortOptions): Promise<void> {
    switch (command.name) {
      case "offer":
        await this.offer(command.peer, options);
        return;
      case "channel":
        await this.#whenConnected();
        await this.#openChannel(command.label);
        return;
      case "send": {
        await this.#whenConnected();
        await this.#whenUsable(this.#current, options);
        const { peer, channel } = findChannel(command.label, this.#inOrder());
        peer.send(channel, command.message);
        return;
      }
      case "say":
        await this.#whenConnected();
        if (this.rooms.current === undefined) await this.#whenUsable(this.#current, options);
        else await this.#whenRoomUsable(options);
        this.say(command.message);
        return;
      case "join":
        await this.join(command.room, options);
        return;
      case "leave":
        await this.rooms.leave(command.room, options);
        this.#onTurn?.();
        return;
      case "wrong":
        this.#report({ event: "error", code: "usage", message: command.message });
        return;
      case "peers":
      case "list":
      case "help":
      case "quit":
      case "nothing":
        return;
    }
  }

  async #openChannel(label: string): Promise<void> {
    const peer = this.#current;
    if (peer === undefined || !peer.alive) {
      throw new ConicError("invalid_state", "nobody is connected: offer <peer_id> first");
    }
    await peer.open(label);
  }

  async #takeCalls(): Promise<void> {
    for await (const call of this.#client.incoming()) this.#take(call);
  }

  #take(call: ChatCall): void {
    this.#report({ event: "incoming", peer: call.remoteId });
    const peer = this.#add(call.accept());
    peer.connection.connected.then(
      () => {
        if (this.#current?.alive !== true) this.#current = peer;
        this.#onPeer?.(peer);
      },
      (error: unknown) => {
        const known = ConicError.from(error, "connection_failed");
        const { code, message } = known;
        this.#report({ event: "error", code, message, peer: peer.id, ...whyOf(known) });
      },
    );
  }

  #add(connection: ChatPeer["connection"]): ChatPeer {
    const known = this.#peers.find((peer) => peer.connection === connection);
    if (known !== undefined) return known;
    const peer = new ChatPeer(connection, this.#report, this.#room);
    this.#known.add(peer.id);
    this.#peers = [...this.#alive(), peer];
    return peer;
  }

  #alive(): ChatPeer[] {
    return this.#peers.filter((peer) => peer.alive);
  }

  /** The current peer first: a label that several peers have means the current one's. */
  #inOrder(): ChatPeer[] {
    const current = this.#current;
    return this.#alive().toSorted((a, b) => Number(b === current) - Number(a === current));
  }
}

/** What to do about an error, where the library cannot know. */
function advice(error: ConicError, command: Command): string {
  if (error.code === "target_not_found" && command.name === "offer") {
    return `nobody is registered as ${command.peer}: check the id, and that the peer is running`;
  }
  if (error.code === "timeout" && command.name === "offer") {
    return `${error.message}; try again: offer ${command.peer}`;
  }
  return error.message;
}
