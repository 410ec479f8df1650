import { setImmediate } from "node:timers/promises";
import { ConicError, type AbortOptions } from "@conic/domain";
import type { Room, RoomCalls, RoomEvent } from "@conic/client";
import type { PeerConnection } from "@conic/webrtc";
import type { Report } from "./events.js";

/** What a chat needs of a room. */
export interface ChatRoom extends Pick<Room, "leave" | "name" | "peers">, AsyncIterable<RoomEvent> {
  callAll(): Pick<RoomCalls, "settled"> & AsyncIterable<PeerConnection>;
}

export interface RoomClient {
  readonly id: string;
  room(name: string, options: AbortOptions): Promise<ChatRoom>;
}

export interface ChatRoomsSetup {
  readonly client: RoomClient;
  readonly report: Report;
  /** A member is connected; `opens`: this side is the one of the two that opens the channel. */
  readonly connected: (connection: PeerConnection, opens: boolean) => void;
}

export interface MemberRow {
  readonly room: string;
  readonly peer: string;
}

interface Entry {
  readonly room: ChatRoom;
  readonly calls: ReturnType<ChatRoom["callAll"]>;
  readonly connections: Set<PeerConnection>;
}

/** The rooms of a chat: everybody in them is connected, and plain lines may go to all of one. */
export class ChatRooms {
  readonly #setup: ChatRoomsSetup;
  readonly #entries = new Map<string, Entry>();
  #current: string | undefined;

  constructor(setup: ChatRoomsSetup) {
    this.#setup = setup;
  }

  /** The room that plain lines go to. */
  get current(): string | undefined {
    return this.#current;
  }

  get names(): readonly string[] {
    return [...this.#entries.keys()];
  }

  rows(): readonly MemberRow[] {
    return [...this.#entries.values()].flatMap(({ room }) =>
      room.peers.map((peer) => ({ room: room.name, peer })),
    );
  }

  /** Who is in the current room. */
  members(): readonly string[] {
    return this.#entries.get(this.#current ?? "")?.room.peers ?? [];
  }

  /** Plain lines go to a peer from now on. */
  turnAway(): void {
    this.#current = undefined;
  }

  /** Joins, or turns to a room that was joined. */
  async join(name: string, options: AbortOptions): Promise<void> {
    if (!this.#entries.has(name)) {
      const room = await this.#setup.client.room(name, options);
      const entry = { room, calls: room.callAll(), connections: new Set<PeerConnection>() };
      this.#entries.set(name, entry);
      this.#setup.report({ event: "room", room: name, state: "joined" });
      void this.#followEvents(entry);
      void this.#followCalls(entry);
    }
    this.#current = name;
  }

  /** Leaves, and ends the connections that were there for this room alone. */
  async leave(name: string, options: AbortOptions): Promise<void> {
    const entry = this.#entries.get(name);
    if (entry === undefined) {
      throw new ConicError("invalid_argument", `you are not in the room ${name}: try peers`);
    }
    this.#remove(name);
    const elsewhere = new Set(this.rows().map(({ peer }) => peer));
    const alone = [...entry.connections].filter(({ remoteId }) => !elsewhere.has(remoteId));
    await Promise.all([
      entry.room.leave(options),
      ...alone.map((connection) => connection.close()),
    ]);
    this.#setup.report({ event: "room", room: name, state: "left" });
  }

  /** Resolves when all members of the current room who can be reached are connected. */
  async settled(options: AbortOptions): Promise<void> {
    await this.#entries.get(this.#current ?? "")?.calls.settled(options);
    // What is settled has been handed to the loop below, which takes its turn now.
    await setImmediate();
  }

  #remove(name: string): void {
    this.#entries.delete(name);
    if (this.#current === name) this.#current = undefined;
  }

  async #followEvents({ room }: Entry): Promise<void> {
    const { report } = this.#setup;
    try {
      for await (const { type, id } of room) {
        report({ event: "member", room: room.name, peer: id, state: type });
      }
    } catch (error) {
      const { code, message } = ConicError.from(error, "internal");
      this.#remove(room.name);
      report({ event: "error", code, message });
      report({ event: "room", room: room.name, state: "left" });
    }
  }

  async #followCalls({ calls, connections }: Entry): Promise<void> {
    for await (const connection of calls) {
      connections.add(connection);
      void connection.closed.then(() => connections.delete(connection));
      // Both ends are given the connection: one of them opens the channel.
      this.#setup.connected(connection, this.#setup.client.id < connection.remoteId);
    }
  }
}
