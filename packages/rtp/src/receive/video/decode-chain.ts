/** What of a frame tells whether it can be decoded. */
export interface ChainFrame {
  readonly keyFrame: boolean | undefined;
  readonly temporalLayer: number | undefined;
  readonly tl0PicIdx: number | undefined;
  readonly layerSync: boolean | undefined;
}

/**
 * Whether what a frame depends on was handed out. Without temporal layers a frame depends on the one before; with
 * them, a frame of the base layer on the last of the base layer, which TL0PICIDX counts, and the first of another
 * layer with the sync bit on the base layer alone (RFC 7741 section 4.2).
 *
 * | state      | decodable                                                  |
 * | ---------- | ---------------------------------------------------------- |
 * | `whole`    | everything                                                 |
 * | `unsure`   | something is missing right before the next frame, which tells more |
 * | `base`     | the base layer, and frames that need no more than it       |
 * | `needsKey` | a key frame                                                |
 */
export class DecodeChain {
  #state: "whole" | "unsure" | "base" | "needsKey" = "needsKey";
  #base: number | undefined;

  get needsKey(): boolean {
    return this.#state === "needsKey";
  }

  get isWhole(): boolean {
    return this.#state === "whole";
  }

  /** Something before the next frame is missing. */
  break(): void {
    if (this.#base === undefined) this.#state = "needsKey";
    else if (this.#state === "whole") this.#state = "unsure";
  }

  /** Whether the next frame can be decoded; it counts as decoded then. */
  accept(frame: ChainFrame): boolean {
    const decodable = frame.keyFrame === true || this.#continues(frame);
    if (frame.keyFrame === true) this.#state = "whole";
    if (decodable && (frame.keyFrame === true || frame.temporalLayer === 0)) {
      this.#base = frame.temporalLayer === undefined ? undefined : frame.tl0PicIdx;
    }
    return decodable;
  }

  #continues({ temporalLayer, tl0PicIdx, layerSync }: ChainFrame): boolean {
    if (this.#state === "whole") return true;
    if (this.#state === "needsKey") return false;
    if (this.#base === undefined || tl0PicIdx === undefined || temporalLayer === undefined) {
      this.#state = "needsKey";
      return false;
    }
    const expected = temporalLayer === 0 ? (this.#base + 1) & 0xff : this.#base;
    if (tl0PicIdx !== expected) {
      this.#state = "needsKey";
      return false;
    }
    const syncs = temporalLayer > 0 && layerSync === true;
    this.#state = syncs ? "whole" : "base";
    return temporalLayer === 0 || syncs;
  }
}
