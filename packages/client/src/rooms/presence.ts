import { ConicError, deferred, type ClientId, type Deferred } from "@conic/domain";

/** Somebody came into the room, or went. */
export interface RoomEvent {
  readonly type: "joined" | "left";
  readonly id: ClientId;
}

/** What the reader has not been told of one member yet; `again`: it left and came back. */
type News = "joined" | "left" | "again";

/**
 * Who is in a room, and the difference to what its reader was told. Somebody who comes and goes unread is no news:
 * however long nobody reads, at most `maxPeers` that are there and `maxPeers` that are not are remembered.
 *
 * ```
 * nothing --join--> joined   joined --leave--> nothing   left  --join--> again
 * nothing --leave-> left     again  --leave--> left      again --take--> joined   joined, left --take--> nothing
 * ```
 */
export class Presence implements AsyncIterable<RoomEvent> {
  readonly #maxPeers: number;
  readonly #present = new Set<ClientId>();
  readonly #news = new Map<ClientId, News>();
  #wake: Deferred<void> | undefined;
  #reading = false;
  #ended = false;
  #error: ConicError | undefined;

  constructor(maxPeers: number) {
    this.#maxPeers = maxPeers;
  }

  get peers(): readonly ClientId[] {
    return [...this.#present];
  }

  has(id: ClientId): boolean {
    return this.#present.has(id);
  }

  /** Returns false when there are more than are kept track of. */
  join(id: ClientId): boolean {
    if (this.#present.has(id)) return true;
    if (this.#present.size >= this.#maxPeers) return false;
    this.#present.add(id);
    this.#tell(id, this.#news.get(id) === "left" ? "again" : "joined");
    return true;
  }

  leave(id: ClientId): void {
    if (!this.#present.delete(id)) return;
    if (this.#news.get(id) === "joined") this.#news.delete(id);
    else this.#tell(id, "left");
  }

  /** These are there now, and nobody else. Returns false when there are more than are kept track of. */
  replace(ids: readonly ClientId[]): boolean {
    const now = new Set(ids);
    for (const id of this.#present) if (!now.has(id)) this.leave(id);
    let all = true;
    for (const id of now) all = this.join(id) && all;
    return all;
  }

  /** The reader gets what it was not told yet, then the end, or the error. */
  end(error?: ConicError): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#wakeUp();
  }

  [Symbol.asyncIterator](): AsyncIterator<RoomEvent, undefined> {
    if (this.#reading) {
      throw new ConicError("invalid_state", "the events of this room are read by another loop");
    }
    this.#reading = true;
    const loop = { over: false };
    const finish = (): IteratorResult<RoomEvent, undefined> => {
      if (!loop.over) this.#reading = false;
      loop.over = true;
      return { done: true, value: undefined };
    };
    const next = async (): Promise<IteratorResult<RoomEvent, undefined>> => {
      while (!loop.over) {
        const event = this.#take();
        if (event !== undefined) return { done: false, value: event };
        if (this.#ended) {
          finish();
          if (this.#error !== undefined) throw this.#error;
          break;
        }
        this.#wake ??= deferred<void>();
        await this.#wake.promise;
      }
      return finish();
    };
    const leave = (): Promise<IteratorResult<RoomEvent, undefined>> => {
      const result = finish();
      this.#wakeUp();
      return Promise.resolve(result);
    };
    return { next, return: leave };
  }

  #tell(id: ClientId, news: News): void {
    this.#news.set(id, news);
    this.#wakeUp();
  }

  #take(): RoomEvent | undefined {
    for (const [id, news] of this.#news) {
      if (news === "again") this.#news.set(id, "joined");
      else this.#news.delete(id);
      return { type: news === "joined" ? "joined" : "left", id };
    }
    return undefined;
  }

  #wakeUp(): void {
    this.#wake?.resolve();
    this.#wake = undefined;
  }
}
