import type { Vp8Payload } from "../../payload/vp8-parse.js";

/** How many frames are missing before one: by picture id where there is one (RFC 7741 section 4.2). */
export class PictureCount {
  #last:
    | { readonly id: number | undefined; readonly bits: number; readonly end: number }
    | undefined;
  /** Frames of which a part was seen, and dropped. */
  #dropped = 0;

  /** The first packet that was seen; what was before it is not missed. */
  begin(packet: Vp8Payload | undefined, position: number): void {
    this.#last ??= {
      id: packet?.pictureId === undefined ? undefined : packet.pictureId - 1,
      bits: packet?.pictureIdBits ?? 0,
      end: position,
    };
  }

  /** A packet without payload was passed over: it is no part of a frame. */
  padding(position: number): void {
    if (this.#last?.end === position) this.#last = { ...this.#last, end: position + 1 };
  }

  /** What was missing up to `end` is no part of a frame. */
  passOver(end: number): void {
    if (this.#last !== undefined) this.#last = { ...this.#last, end };
  }

  dropped(): void {
    this.#dropped += 1;
  }

  /** Whether the frame that begins with this packet comes right after the last one that was handed out. */
  isNext({ pictureId, pictureIdBits }: Vp8Payload, end: number): boolean {
    const last = this.#last;
    if (last?.id === undefined || pictureId === undefined) return false;
    if (last.end !== end || last.bits !== pictureIdBits) return false;
    return pictureId === ((last.id + 1) & (2 ** pictureIdBits - 1));
  }

  /** A frame is handed out: those that are missing before it. */
  take({ pictureId, pictureIdBits }: Vp8Payload, from: number, end: number): number {
    const last = this.#last;
    const packets = last === undefined ? 0 : from - last.end;
    let missing = packets === 0 ? 0 : Math.max(1, this.#dropped);
    if (packets > 0 && pictureId !== undefined && last?.id !== undefined) {
      const skipped = (pictureId - last.id - 1) & (2 ** pictureIdBits - 1);
      // Every frame takes a packet: an encoder that began anew has ids that mean nothing.
      if (last.bits === pictureIdBits && skipped <= packets) missing = skipped;
    }
    this.#dropped = 0;
    this.#last = { id: pictureId, bits: pictureIdBits, end };
    return missing;
  }
}
