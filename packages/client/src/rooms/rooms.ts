import {
  ConicError,
  deferred,
  raceAbort,
  throwIfAborted,
  type AbortOptions,
  type Deferred,
} from "@conic/domain";
import {
  parseRoomName,
  type ClientMessage,
  type RoomName,
  type ServerMessage,
} from "@conic/protocol";
import type { IncomingCall } from "../calls/incoming-call.js";
import { Room, type RoomSetup } from "./room.js";

export interface RoomsOptions extends Pick<RoomSetup, "call" | "fault" | "maxPeers"> {
  readonly send: (message: ClientMessage) => Promise<void>;
  /** Whether the server knows this client now. */
  readonly isRegistered: () => boolean;
}

export type RoomMessage = ServerMessage<"peers" | "peer_joined" | "peer_left" | "leave_response">;

/** The rooms of one client. They are joined again with each registration: that changes nothing where it is needless. */
export class Rooms {
  readonly #options: RoomsOptions;
  readonly #rooms = new Map<RoomName, Room>();
  /** By the correlation id of the request. */
  readonly #joining = new Map<string, Room>();
  readonly #leaving = new Map<string, Deferred<void>>();
  #requests = 0;

  constructor(options: RoomsOptions) {
    this.#options = options;
  }

  async join(roomName: string, options: AbortOptions): Promise<Room> {
    throwIfAborted(options.signal);
    const name = parseRoomName(roomName);
    if (this.#rooms.has(name)) {
      throw new ConicError("invalid_state", `this client is in the room ${name} already`);
    }
    const { call, fault, maxPeers } = this.#options;
    const leave = (): Promise<void> => this.#leave(name, room);
    const room: Room = new Room({ name, maxPeers, call, fault, leave });
    this.#rooms.set(name, room);
    // Who waits for it is told by `raceAbort`, who does not by the iteration.
    room.joined.catch(() => undefined);
    if (this.#options.isRegistered()) this.#ask(name, room);
    try {
      await raceAbort(room.joined, options.signal);
    } catch (error) {
      room.leave().catch(() => undefined);
      throw error;
    }
    return room;
  }

  onRegistered(): void {
    for (const [name, room] of this.#rooms) this.#ask(name, room);
  }

  onLost(): void {
    this.#joining.clear();
    // Not registered is in no room.
    this.#settleLeaving();
    for (const room of this.#rooms.values()) room.onLost();
  }

  onMessage(message: RoomMessage): void {
    const { type, id, body } = message;
    const room = this.#rooms.get(body.Room);
    if (type === "leave_response") {
      if (id !== undefined) this.#leaving.get(id)?.resolve();
      // Nobody asked: the token does not allow the room any more.
      else if (room !== undefined) this.#over(room, notAllowed(body.Room));
    } else if (type === "peers") {
      // The answer to a request that was given up may come when the room was asked for anew.
      const asked = id === undefined ? room : this.#joining.get(id);
      if (id !== undefined) this.#joining.delete(id);
      asked?.onPeers(body.Peers);
    } else room?.onPresence({ type: type === "peer_joined" ? "joined" : "left", id: body.ID });
  }

  /** Whether the error answers a request for a room. */
  onError(error: ConicError): boolean {
    const { id } = error.details;
    if (typeof id !== "string") return false;
    const leaving = this.#leaving.get(id);
    leaving?.resolve();
    const room = this.#joining.get(id);
    if (room === undefined) return leaving !== undefined;
    this.#joining.delete(id);
    if (room.state === "rejoining") this.#options.fault(error);
    this.#over(room, error);
    return true;
  }

  /** Whether a room takes the call. */
  answer(call: IncomingCall): boolean {
    for (const room of this.#rooms.values()) if (room.answer(call)) return true;
    return false;
  }

  close(error: ConicError | undefined): void {
    this.#settleLeaving();
    for (const room of this.#rooms.values()) this.#over(room, error);
  }

  #ask(name: RoomName, room: Room): void {
    const id = this.#nextId();
    this.#joining.set(id, room);
    this.#options.send({ type: "join", id, body: { Room: name } }).catch((error: unknown) => {
      this.#joining.delete(id);
      this.#over(room, ConicError.from(error, "closed"));
    });
  }

  #leave(name: RoomName, room: Room): Promise<void> {
    if (this.#rooms.get(name) !== room) return Promise.resolve();
    this.#rooms.delete(name);
    const id = this.#nextId();
    const left = deferred<void>();
    // Sent also while the server is away: it may remember this client when that is back.
    const sent = this.#options.send({ type: "leave", id, body: { Room: name } });
    sent.catch(() => {
      left.resolve();
    });
    this.#leaving.set(id, left);
    if (!this.#options.isRegistered()) left.resolve();
    void left.promise.then(() => this.#leaving.delete(id));
    return left.promise;
  }

  #over(room: Room, error: ConicError | undefined): void {
    if (this.#rooms.get(room.name) === room) this.#rooms.delete(room.name);
    room.onOver(error);
  }

  #settleLeaving(): void {
    for (const left of this.#leaving.values()) left.resolve();
  }

  #nextId(): string {
    this.#requests += 1;
    return `room-${this.#requests}`;
  }
}

function notAllowed(name: RoomName): ConicError {
  return new ConicError("forbidden", `the token does not allow the room ${name} any more`);
}
