// Reads frames of a server by their headers alone; what is in them is looked at where it lies.

/** @typedef {(firstByte: number, data: Uint8Array, at: number, length: number) => void} OnFrame */

/** Cuts what a socket brings into frames. */
export class FrameReader {
  /** @type {Uint8Array | undefined} */
  #rest;
  #onFrame;

  /** @param {OnFrame} onFrame gets a view that is good until it returns */
  constructor(onFrame) {
    this.#onFrame = onFrame;
  }

  /** @param {Uint8Array} chunk whose memory is used again afterwards @param {number} from @param {number} to */
  read(chunk, from, to) {
    let data = chunk;
    let at = from;
    let end = to;
    if (this.#rest !== undefined) {
      data = Buffer.concat([this.#rest, chunk.subarray(from, to)]);
      at = 0;
      end = data.length;
      this.#rest = undefined;
    }
    while (end - at >= 2) {
      const short = data[at + 1] ?? 0;
      if (short > 127) throw new Error("a frame of a server is masked");
      const header = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (end - at < header) break;
      const length = short < 126 ? short : lengthAt(data, at + 2, header - 2);
      if (end - at - header < length) break;
      this.#onFrame(data[at] ?? 0, data, at + header, length);
      at += header + length;
    }
    if (at < end) this.#rest = Uint8Array.prototype.slice.call(data, at, end);
  }
}

/** @param {Uint8Array} data @param {number} at @param {number} bytes */
function lengthAt(data, at, bytes) {
  let length = 0;
  for (let i = 0; i < bytes; i += 1) length = length * 256 + (data[at + i] ?? 0);
  return length;
}
