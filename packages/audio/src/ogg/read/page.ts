import { invalidData } from "../../errors.js";
import { pageChecksum } from "./crc.js";

/** One page of an Ogg file (RFC 3533 section 6). */
export interface OggPage {
  /** Bytes of the file before it. */
  readonly offset: number;
  /** The whole of it, in memory of its own. */
  readonly bytes: Uint8Array;
  /** Goes on with the packet that the last page of its stream began. */
  readonly continued: boolean;
  readonly first: boolean;
  readonly last: boolean;
  /** Samples up to the end of the last packet that ends here; -1 when none does. */
  readonly granule: bigint;
  readonly serial: number;
  readonly sequence: number;
  /** Lengths of its segments: a packet ends with the first below 255. */
  readonly lacing: Uint8Array;
  readonly body: Uint8Array;
}

const headerBytes = 27;
const maxPageBytes: number = headerBytes + 255 + 255 * 255;
const capturePattern = [0x4f, 0x67, 0x67, 0x53];

/** Cuts bytes into pages with right checksums; holds one page at most. */
export class PageParser {
  readonly #buffer = new Uint8Array(maxPageBytes);
  #filled = 0;
  #offset = 0;

  /** Bytes of the file that whole pages took so far. */
  get offset(): number {
    return this.#offset;
  }

  /**
   * The next page, of `bytes` from `start` on.
   * @returns the page, if it is complete, and the index up to which `bytes` are used up
   * @throws ConicError `invalid_data`
   */
  next(bytes: Uint8Array, start: number): { page: OggPage | undefined; end: number } {
    let at = start;
    for (;;) {
      const missing = this.#pageBytes() - this.#filled;
      const part = bytes.subarray(at, at + missing);
      this.#buffer.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      this.#checkStart();
      if (part.length < missing) return { page: undefined, end: at };
      // The sizes that were just read may ask for more.
      if (this.#filled === this.#pageBytes()) return { page: this.#take(), end: at };
    }
  }

  /** @throws ConicError `invalid_data` in the middle of a page. */
  end(): void {
    if (this.#filled === 0) return;
    throw invalidData(this.#offset + this.#filled, "the file ends in the middle of a page");
  }

  /** As far as it is known: the fixed header, then with the segment table, then all. */
  #pageBytes(): number {
    if (this.#filled < headerBytes) return headerBytes;
    const segments = this.#buffer[26] ?? 0;
    if (this.#filled < headerBytes + segments) return headerBytes + segments;
    const lacing = this.#buffer.subarray(headerBytes, headerBytes + segments);
    return lacing.reduce((sum, length) => sum + length, headerBytes + segments);
  }

  #checkStart(): void {
    const known = Math.min(this.#filled, capturePattern.length);
    for (let i = 0; i < known; i += 1) {
      if (this.#buffer[i] !== capturePattern[i]) {
        throw invalidData(this.#offset, "there is no Ogg page where one has to begin");
      }
    }
    if (this.#filled > 4 && this.#buffer[4] !== 0) {
      throw invalidData(this.#offset + 4, `Ogg has no version ${this.#buffer[4]}`);
    }
  }

  #take(): OggPage {
    const bytes = this.#buffer.slice(0, this.#filled);
    const view = new DataView(bytes.buffer);
    const offset = this.#offset;
    if (pageChecksum(bytes) !== view.getUint32(22, true)) {
      throw invalidData(offset, "the page is damaged: its checksum is wrong");
    }
    const flags = view.getUint8(5);
    const lacing = bytes.subarray(headerBytes, headerBytes + view.getUint8(26));
    this.#offset += bytes.length;
    this.#filled = 0;
    return {
      offset,
      bytes,
      continued: (flags & 1) !== 0,
      first: (flags & 2) !== 0,
      last: (flags & 4) !== 0,
      granule: view.getBigInt64(6, true),
      serial: view.getUint32(14, true),
      sequence: view.getUint32(18, true),
      lacing,
      body: bytes.subarray(headerBytes + lacing.length),
    };
  }
}
