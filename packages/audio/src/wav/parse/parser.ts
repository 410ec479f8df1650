import { isConicError, type ConicError } from "@conic/domain";
import { unknownSize32, type WavContainer, type WavFormat } from "../format.js";
import type { WavInfo, WavSummary } from "../format.js";
import { invalidArgument, invalidData } from "../../errors.js";
import {
  bodyOffset,
  chunkHeaderBytes,
  hasPadByte,
  readId,
  showId,
  sizeOffset,
  type Chunk,
} from "./chunk.js";
import { checkDs64Size, parseDs64, usedDs64Bytes, type Ds64 } from "./ds64.js";
import { checkFmtSize, parseFmt, usedFmtBytes } from "./fmt.js";
import { Framer } from "./framer.js";
import { checkForm, declaredDataBytes, is64, parseContainer, riffHeaderBytes } from "./riff.js";

export interface WavParserOptions {
  /** Frames of every block but the last. Default: as many as each pushed piece holds. */
  readonly framesPerBlock?: number | undefined;
  /** A file with more channels is refused with `unsupported`. Default 256. */
  readonly maxChannels?: number | undefined;
}

export type WavEvent =
  | { readonly type: "format"; readonly info: WavInfo }
  /** Whole frames as they are stored; a view of what was pushed, where that is possible. */
  | { readonly type: "data"; readonly bytes: Uint8Array }
  | { readonly type: "end"; readonly summary: WavSummary };

export const defaultMaxChannels = 256;
/** Bytes of one block when `framesPerBlock` is given: what the parser may have to hold. */
export const maxBlockBytes: number = 16 * 2 ** 20;

type State =
  | { readonly at: "riff" | "chunk" | "pad" | "data" | "done" }
  | { readonly at: "fmt" | "ds64" | "skip"; readonly chunk: Chunk };

const padWindowBytes = 5;

/**
 * A WAV file as bytes in, events out: `format`, then `data` any number of times, then `end`. No I/O and no clock;
 * it holds less than 1 KiB of headers and one block. What the events are does not depend on how the file is cut
 * into pieces, except for the bounds of blocks without `framesPerBlock`.
 *
 * Chunks before the samples are skipped, those after them ignored. `done` is true from the last sample on.
 */
export class WavParser {
  readonly #framesPerBlock: number | undefined;
  readonly #maxChannels: number;
  #state: State = { at: "riff" };
  readonly #window = new Uint8Array(usedDs64Bytes);
  #filled = 0;
  #need = riffHeaderBytes;
  /** Bytes taken from the start of the file on. */
  #offset = 0;
  /** Bytes left of the chunk that is skipped or read as data. */
  #left = 0;
  #container: WavContainer = "RIFF";
  #riffBytes = 0;
  #ds64: Ds64 | undefined;
  #format: WavFormat | undefined;
  #framer: Framer | undefined;
  #dataBytes = 0;
  #events: WavEvent[] = [];
  #error: ConicError | undefined;

  /** @throws ConicError `invalid_argument` for options out of range. */
  constructor(options: WavParserOptions = {}) {
    const { framesPerBlock, maxChannels = defaultMaxChannels } = options;
    if (
      framesPerBlock !== undefined &&
      !(Number.isSafeInteger(framesPerBlock) && framesPerBlock > 0)
    ) {
      throw invalidArgument(`framesPerBlock is a whole number from 1 on, not ${framesPerBlock}`);
    }
    this.#framesPerBlock = framesPerBlock;
    this.#maxChannels = maxChannels;
  }

  get done(): boolean {
    return this.#state.at === "done";
  }

  /**
   * Takes the next bytes of the file; after `done` they are ignored.
   * @throws ConicError `invalid_data` or `unsupported`, from then on at every call.
   */
  push(bytes: Uint8Array): WavEvent[] {
    return this.#guarded(() => {
      let start = 0;
      while (start < bytes.length && this.#state.at !== "done") start += this.#take(bytes, start);
    });
  }

  /**
   * Says that the file ends here.
   * @throws ConicError as `push` does; in particular when the samples were not reached.
   */
  end(): WavEvent[] {
    return this.#guarded(() => {
      const state = this.#state;
      if (state.at === "done") return;
      if (state.at === "data") this.#finish();
      else if (state.at === "riff") throw this.#endOfRiffHeader();
      else if ("chunk" in state) throw this.#overrun(state.chunk);
      else throw this.#missingChunk();
    });
  }

  #guarded(run: () => void): WavEvent[] {
    if (this.#error !== undefined) throw this.#error;
    this.#events = [];
    try {
      run();
    } catch (error) {
      if (isConicError(error)) this.#error = error;
      throw error;
    }
    return this.#events;
  }

  /** Consumes at least one byte of `bytes` from `start` on; returns how many. */
  #take(bytes: Uint8Array, start: number): number {
    const { at } = this.#state;
    const wanted = at === "skip" || at === "data" ? this.#left : this.#need - this.#filled;
    const count = Math.min(wanted, bytes.length - start);
    const part = bytes.subarray(start, start + count);
    this.#offset += count;
    if (at === "data" || at === "skip") {
      this.#left -= count;
      if (at === "data") this.#takeSamples(part);
      else if (this.#left === 0) this.#afterChunk();
      return count;
    }
    this.#window.set(part, this.#filled);
    this.#filled += count;
    if (this.#filled === this.#need) this.#windowFull();
    return count;
  }

  #windowFull(): void {
    const state = this.#state;
    const window = this.#window.subarray(0, this.#filled);
    if (state.at === "pad") {
      // The bytes after the pad byte begin the next header, and without one all of them do.
      const rest = window.subarray(hasPadByte(window) ? 1 : 0);
      this.#window.copyWithin(0, rest.byteOffset, rest.byteOffset + rest.length);
      this.#expect({ at: "chunk" }, chunkHeaderBytes, rest.length);
    } else if (state.at === "riff") this.#riffHeader(window);
    else if (state.at === "chunk") this.#chunkHeader(window);
    else if ("chunk" in state) {
      const { chunk } = state;
      if (state.at === "ds64") this.#ds64 = parseDs64(window, chunk);
      else this.#format = parseFmt(window, chunk, this.#byteOrder, this.#maxChannels);
      this.#skip(chunk, chunk.size - window.length);
    }
  }

  #expect(state: State, need: number, filled = 0): void {
    this.#state = state;
    this.#need = need;
    this.#filled = filled;
  }

  get #byteOrder(): WavFormat["byteOrder"] {
    return this.#container === "RIFX" ? "big" : "little";
  }

  #uint32(offset: number): number {
    return new DataView(this.#window.buffer).getUint32(offset, this.#byteOrder === "little");
  }

  #riffHeader(window: Uint8Array): void {
    this.#container = parseContainer(window);
    this.#riffBytes = this.#uint32(4);
    checkForm(window);
    this.#expect({ at: "chunk" }, chunkHeaderBytes);
  }

  #chunkHeader(window: Uint8Array): void {
    const id = readId(window, 0);
    const chunk = { id, size: this.#chunkSize(id), offset: this.#offset - chunkHeaderBytes };
    if (id === "data") this.#openData(chunk);
    else if (id === "fmt " && this.#format === undefined) {
      checkFmtSize(chunk);
      this.#expect({ at: "fmt", chunk }, Math.min(chunk.size, usedFmtBytes));
    } else if (id === "ds64" && is64(this.#container) && this.#ds64 === undefined) {
      checkDs64Size(chunk);
      this.#expect({ at: "ds64", chunk }, Math.min(chunk.size, usedDs64Bytes));
    } else this.#skip(chunk, chunk.size);
  }

  #chunkSize(id: string): number {
    const size = this.#uint32(4);
    if (size !== unknownSize32 || this.#ds64 === undefined || id === "data") return size;
    const index = this.#ds64.table.findIndex((entry) => entry.id === id);
    return this.#ds64.table.splice(index, index < 0 ? 0 : 1)[0]?.size ?? size;
  }

  #skip(chunk: Chunk, bytes: number): void {
    this.#state = { at: "skip", chunk };
    this.#left = bytes;
    if (bytes === 0) this.#afterChunk();
  }

  #afterChunk(): void {
    const odd = "chunk" in this.#state && this.#state.chunk.size % 2 === 1;
    if (odd) this.#expect({ at: "pad" }, padWindowBytes);
    else this.#expect({ at: "chunk" }, chunkHeaderBytes);
  }

  #openData(chunk: Chunk): void {
    const format = this.#format;
    if (format === undefined) {
      throw invalidData(chunk.offset, 'the "data" chunk comes without a "fmt " chunk before it');
    }
    if ((this.#framesPerBlock ?? 1) * format.blockAlign > maxBlockBytes) {
      throw invalidArgument(
        `${this.#framesPerBlock} framesPerBlock of ${format.blockAlign} bytes exceed maxBlockBytes, ${maxBlockBytes}`,
      );
    }
    const dataOffset = bodyOffset(chunk);
    const riff = { container: this.#container, riffBytes: this.#riffBytes, ds64: this.#ds64 };
    const dataBytes = declaredDataBytes(riff, chunk.size, dataOffset);
    const frames = dataBytes === undefined ? undefined : Math.floor(dataBytes / format.blockAlign);
    const info = { container: this.#container, format, dataOffset, dataBytes, frames };
    this.#events.push({ type: "format", info });
    this.#framer = new Framer(format.blockAlign, this.#framesPerBlock);
    this.#state = { at: "data" };
    this.#left = dataBytes ?? Infinity;
    if (dataBytes === 0) this.#finish();
  }

  readonly #emit = (bytes: Uint8Array): void => {
    this.#events.push({ type: "data", bytes });
  };

  #takeSamples(bytes: Uint8Array): void {
    this.#dataBytes += bytes.length;
    this.#framer?.push(bytes, this.#emit);
    if (this.#left === 0) this.#finish();
  }

  #finish(): void {
    const partialFrameBytes = this.#framer?.end(this.#emit) ?? 0;
    const dataBytes = this.#dataBytes;
    const frames = (dataBytes - partialFrameBytes) / (this.#format?.blockAlign ?? 1);
    const truncated = this.#left > 0 && this.#left !== Infinity;
    this.#state = { at: "done" };
    this.#events.push({
      type: "end",
      summary: { frames, dataBytes, partialFrameBytes, truncated },
    });
  }

  #endOfRiffHeader(): ConicError {
    if (this.#filled >= 4) parseContainer(this.#window);
    const what = this.#filled === 0 ? "is empty" : `ends after ${this.#filled} bytes`;
    return invalidData(this.#offset, `not a WAV file: it ${what}`);
  }

  #overrun(chunk: Chunk): ConicError {
    return invalidData(
      sizeOffset(chunk),
      `the ${showId(chunk.id)} chunk declares ${chunk.size} bytes, but the file ends after ${this.#offset - bodyOffset(chunk)} of them`,
    );
  }

  #missingChunk(): ConicError {
    const id = this.#format === undefined ? "fmt " : "data";
    return invalidData(this.#offset, `the file ends without a ${showId(id)} chunk`);
  }
}
