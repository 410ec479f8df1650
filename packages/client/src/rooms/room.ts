import {
  ConicError,
  deferred,
  raceAbort,
  type AbortOptions,
  type ClientId,
  type Deferred,
} from "@conic/domain";
import type { RoomName } from "@conic/protocol";
import type { IncomingCall } from "../calls/incoming-call.js";
import { Presence, type RoomEvent } from "./presence.js";
import { RoomCalls, type RoomCallsOptions } from "./room-calls.js";

/**
 * - `joining`: the server was asked, and has not answered.
 * - `joined`: `peers` is what the server says.
 * - `rejoining`: the server went away; `peers` is what it said last. The room is joined again when it is back.
 * - `left`: over.
 */
export type RoomState = "joining" | "joined" | "rejoining" | "left";

export interface RoomSetup {
  readonly name: RoomName;
  readonly maxPeers: number;
  readonly call: RoomCallsOptions["call"];
  readonly fault: (error: ConicError) => void;
  /** Tells the server; resolves when it has answered, or needs not be told any more. */
  readonly leave: (room: Room) => Promise<void>;
}

/**
 * A room that this client is in, and who else is. Made by `client.room(name)`. Iterating it gives `joined` for whoever
 * is there and comes, `left` for whoever goes: played from the start, the events make up `peers`.
 */
export class Room implements AsyncIterable<RoomEvent>, AsyncDisposable {
  readonly name: RoomName;
  readonly #setup: RoomSetup;
  readonly #presence: Presence;
  readonly #joined: Deferred<void> = deferred<void>();
  readonly #over = new AbortController();
  #state: RoomState = "joining";
  #calls: RoomCalls | undefined;
  #leaving: Promise<void> | undefined;

  /** @internal */
  constructor(setup: RoomSetup) {
    this.name = setup.name;
    this.#setup = setup;
    this.#presence = new Presence(setup.maxPeers);
  }

  get state(): RoomState {
    return this.#state;
  }

  /** Who else is in the room now. */
  get peers(): readonly ClientId[] {
    return this.#presence.peers;
  }

  /**
   * One loop at a time; it ends when the room is left. Who comes and goes while nobody reads is not told of.
   * @throws ConicError what the server said when it did not let this client in again.
   */
  [Symbol.asyncIterator](): AsyncIterator<RoomEvent, undefined> {
    return this.#presence[Symbol.asyncIterator]();
  }

  /**
   * Connects to every member, present and to come: of two, the one that joined later calls, and the calls of members
   * are accepted. Each member is to do so. Gives each connection once it stands; a call that fails is a `fault` of the
   * client. Goes on until the room is left or the signal fires.
   *
   * @throws ConicError `invalid_state` when it goes on already, or the room is left.
   */
  callAll(options: AbortOptions = {}): RoomCalls {
    if (this.#state === "left" || this.#calls?.ended === false) {
      const why = this.#state === "left" ? "the room is left" : "callAll() goes on already";
      throw new ConicError("invalid_state", why);
    }
    const { call, fault, maxPeers } = this.#setup;
    const { signal } = this.#over;
    const calls = new RoomCalls({
      call,
      fault,
      maxPeers,
      isPresent: (id) => this.#presence.has(id),
      signal: options.signal === undefined ? signal : AbortSignal.any([signal, options.signal]),
    });
    this.#calls = calls;
    calls.call(this.peers);
    return calls;
  }

  /** Leaves; connections to members stay. Resolves when the server knows, as far as it is there. Idempotent. */
  async leave(options: AbortOptions = {}): Promise<void> {
    if (this.#state !== "left") {
      this.#end(undefined);
      this.#leaving = this.#setup.leave(this);
    }
    if (this.#leaving !== undefined) await raceAbort(this.#leaving, options.signal);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.leave();
  }

  /** @internal */
  get joined(): Promise<void> {
    return this.#joined.promise;
  }

  /** @internal */
  onPeers(ids: readonly ClientId[]): void {
    if (this.#state === "left") return;
    if (!this.#presence.replace(ids)) this.#tooMany();
    const news = this.#state !== "joined";
    this.#state = "joined";
    this.#joined.resolve();
    // Whoever is told of the others by `peers` came after them.
    if (news) this.#calls?.call(ids);
  }

  /** @internal */
  onPresence({ type, id }: RoomEvent): void {
    if (this.#state === "left" || this.#state === "joining") return;
    if (type === "left") this.#presence.leave(id);
    else if (!this.#presence.join(id)) this.#tooMany();
  }

  /** @internal */
  onLost(): void {
    if (this.#state === "joined") this.#state = "rejoining";
  }

  /**
   * The server does not have this client in the room, or the client is closed.
   * @internal
   */
  onOver(error: ConicError | undefined): void {
    this.#end(error);
  }

  /**
   * Whether the call is one that `callAll` takes.
   * @internal
   */
  answer(call: IncomingCall): boolean {
    if (this.#calls?.ended !== false || !this.#presence.has(call.remoteId)) return false;
    this.#calls.answer(call);
    return true;
  }

  #end(error: ConicError | undefined): void {
    if (this.#state === "left") return;
    this.#state = "left";
    this.#joined.reject(error ?? new ConicError("closed", "the room was left"));
    this.#presence.end(error);
    this.#over.abort();
  }

  #tooMany(): void {
    const { maxPeers, fault } = this.#setup;
    const text = `more than ${maxPeers} are in the room: the others are not told of`;
    fault(new ConicError("buffer_full", text));
  }
}
