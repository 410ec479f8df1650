import { ConicError } from "@conic/domain";
import type { Channel } from "./channel.js";
import { StreamIds } from "./stream-ids.js";
import type { ChannelRole } from "./types.js";

// As many as there are stream ids of one role.
const maxUnassigned = 32_768;

/** Which channel has which stream. */
export class ChannelTable {
  /** By stream id, until both directions are reset. */
  readonly #channels = new Map<number, Channel>();
  /** Opened here before the role was known. */
  readonly #unassigned = new Set<Channel>();
  #ids: StreamIds | undefined;
  #remote = 0;
  #refused = 0;

  /** Channels that the remote opened. */
  get remoteCount(): number {
    return this.#remote;
  }

  get refusedCount(): number {
    return this.#refused;
  }

  get(streamId: number): Channel | undefined {
    return this.#channels.get(streamId);
  }

  /** Those with a stream id, as they are now. */
  assigned(): readonly (readonly [number, Channel])[] {
    return [...this.#channels];
  }

  /** Whether this side opens channels on this stream. */
  owns(streamId: number): boolean {
    return this.#ids?.owns(streamId) ?? false;
  }

  /**
   * The stream of a channel opened here; null while the role is unknown.
   *
   * @throws ConicError `invalid_state` when there is none.
   */
  nextId(): number | null {
    const id = this.#ids?.next();
    if (id !== undefined) return id;
    if (this.#ids !== undefined || this.#unassigned.size >= maxUnassigned) throw exhausted();
    return null;
  }

  /** Assigns streams to those that wait for the role, and returns them; undefined when the role was known before. */
  setRole(role: ChannelRole): { assigned: Channel[]; left: Channel[] } | undefined {
    if (this.#ids !== undefined) return undefined;
    const ids = new StreamIds(role, (id) => this.#channels.has(id));
    this.#ids = ids;
    const [assigned, left]: [Channel[], Channel[]] = [[], []];
    for (const channel of this.#unassigned) {
      channel.id = ids.next() ?? null;
      (channel.id === null ? left : assigned).push(channel);
      if (channel.id !== null) this.#channels.set(channel.id, channel);
    }
    this.#unassigned.clear();
    return { assigned, left };
  }

  add(channel: Channel): void {
    if (channel.id === null) this.#unassigned.add(channel);
    else this.#channels.set(channel.id, channel);
    if (channel.by === "remote") this.#remote += 1;
    if (channel.by === "refused") this.#refused += 1;
  }

  remove(channel: Channel): void {
    if (channel.id === null) {
      this.#unassigned.delete(channel);
      return;
    }
    this.#channels.delete(channel.id);
    this.#ids?.released(channel.id);
    if (channel.by === "remote") this.#remote -= 1;
    if (channel.by === "refused") this.#refused -= 1;
  }

  clear(): readonly Channel[] {
    const all = [...this.#channels.values(), ...this.#unassigned];
    this.#channels.clear();
    this.#unassigned.clear();
    this.#remote = 0;
    this.#refused = 0;
    return all;
  }
}

export function exhausted(): ConicError {
  return new ConicError("invalid_state", "all stream ids are in use; close a channel first");
}
