import { sends } from "./direction.js";
import type { Layout } from "./layout.js";
import type { LocalTrackIds, MediaKind } from "./slot.js";
import { Slot, type SlotInit } from "./slot-state.js";

export interface SlotSetOptions {
  randomUint32(): number;
  newId(): string;
}

/** The slots of one connection. */
export class SlotSet {
  readonly #options: SlotSetOptions;
  readonly #onStop: () => void;
  #all: readonly Slot[] = [];

  constructor(options: SlotSetOptions, onStop: () => void) {
    this.#options = options;
    this.#onStop = onStop;
  }

  /** Never changed in place. */
  get all(): readonly Slot[] {
    return this.#all;
  }

  /** Descriptions with the same ids twice are refused by browsers. */
  isSent({ trackId, streamId }: LocalTrackIds): boolean {
    return this.#all.some(({ stopped, direction, localTrack }) => {
      const isSame = localTrack.trackId === trackId && localTrack.streamId === streamId;
      return isSame && !stopped && sends(direction);
    });
  }

  add(init: Omit<SlotInit, "ssrc" | "onStop">): Slot {
    const slot = new Slot({ ...init, ssrc: this.#newSsrc(), onStop: this.#onStop });
    this.#all = [...this.#all, slot];
    return slot;
  }

  /** For a section of a remote offer (RFC 8829 section 5.10); not in the set until adopted, as `others`. */
  make(kind: MediaKind, others: readonly Slot[]): Slot {
    const options = this.#options;
    return new Slot({
      kind,
      track: { trackId: options.newId(), streamId: options.newId() },
      direction: "recvonly",
      isWanted: false,
      ssrc: this.#newSsrc(others),
      onStop: this.#onStop,
    });
  }

  adopt(slots: readonly Slot[]): void {
    this.#all = [...this.#all, ...slots];
  }

  /** Each slot has the mid of its section in `current`; those that are over and nowhere any more are dropped. */
  settle(current: Layout, stable: Layout): void {
    const mids = new Map(
      current.sections.map(({ slot, isLive, mid }) => [slot, isLive ? mid : undefined]),
    );
    const known = new Set([...current.sections, ...stable.sections].map(({ slot }) => slot));
    for (const slot of this.#all) slot.mid = mids.get(slot);
    this.#all = this.#all.filter((slot) => !slot.stopped || known.has(slot));
  }

  /** What was negotiated is in force. A slot whose section the remote took away is over. */
  apply({ sections }: Layout): void {
    for (const { slot, isLive, agreement } of sections) {
      if (agreement !== undefined) slot?.apply(agreement);
      else if (!isLive) slot?.end("stopped");
    }
  }

  #newSsrc(others: readonly Slot[] = []): number {
    const used = new Set([...this.#all, ...others].map(({ ssrc }) => ssrc));
    let ssrc = this.#options.randomUint32();
    while (ssrc === 0 || used.has(ssrc)) ssrc = (ssrc + 1) % 2 ** 32;
    return ssrc;
  }
}
