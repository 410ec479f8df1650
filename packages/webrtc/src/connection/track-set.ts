import { AsyncQueue, ConicError } from "@conic/domain";
import type { MediaTypes, Platform, PlatformMedia } from "../platform.js";

/** Sections of a description that may hold tracks at most. */
const maxSenders = 32;

/** The tracks of one peer connection: like its channels, they outlive an engine connection that never came up. */
export class TrackSet<M extends MediaTypes> {
  readonly #platform: Platform<M>;
  readonly #senders = new Set<M["sender"]>();
  readonly #incoming: AsyncQueue<M["remote"]>;
  readonly #fault: (error: ConicError) => void;

  constructor(platform: Platform<M>, maxPendingTracks: number, fault: (error: ConicError) => void) {
    this.#platform = platform;
    this.#incoming = new AsyncQueue({ maxItems: maxPendingTracks });
    this.#fault = fault;
  }

  get incoming(): AsyncIterable<M["remote"]> {
    return this.#incoming;
  }

  get senders(): readonly M["sender"][] {
    return [...this.#senders];
  }

  /** @throws ConicError `invalid_state` for a track that is being sent already or has ended, `buffer_full`. */
  add(track: M["local"], session: PlatformMedia<M>): M["sender"] {
    if (track.readyState === "ended") throw new ConicError("invalid_state", "the track has ended");
    if (this.senders.some((sender) => sender.track === track)) {
      throw new ConicError("invalid_state", "the track is being sent to this peer already");
    }
    if (this.#senders.size >= maxSenders) {
      throw new ConicError("buffer_full", `a connection sends ${maxSenders} tracks at most`);
    }
    const sender = this.#platform.sender(track);
    this.#senders.add(sender);
    session.add(sender);
    return sender;
  }

  /** Nothing to do for a sender that was removed. @throws ConicError `invalid_argument` for one of another connection. */
  remove(sender: M["sender"], session: PlatformMedia<M>): void {
    if (sender.isRemoved) return;
    if (!this.#senders.delete(sender)) {
      throw new ConicError("invalid_argument", "the sender belongs to another connection");
    }
    session.remove(sender);
    sender.remove();
  }

  adopt(track: M["remote"]): void {
    if (this.#incoming.push(track)) return;
    this.#fault(new ConicError("buffer_full", "the remote sends more tracks than are taken"));
  }

  /** Announces the tracks on a new engine connection. */
  reattach(session: PlatformMedia<M>): void {
    for (const sender of this.#senders) session.add(sender);
  }

  /** The connection is over. */
  end(): void {
    for (const sender of this.#senders) sender.remove();
    this.#incoming.end();
  }
}
