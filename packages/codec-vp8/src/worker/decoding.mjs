import { Failure, isTrap, notInstalled } from "./failure.mjs";
import { parseHeader } from "./header.mjs";
import { LibavDecoder, LibavEncoder } from "./engines/libav.mjs";
import { loadLibav, loadOgv } from "./engines/load.mjs";
import { OgvDecoder } from "./engines/ogv.mjs";
import { testPicture, warmUpFrames } from "./warm-up.mjs";

/** @typedef {import("./types.js").Implementation} Implementation */
/** @typedef {import("./types.js").Libav} Libav */
/** @typedef {import("./types.js").ModulePlaces} ModulePlaces */
/** @typedef {import("./types.js").PictureDecoder} PictureDecoder */

/** Pixels on a side; a header of a few bytes must not ask for a gigabyte. */
const maxSide = 4_096;

/** A decoder that is made anew after it failed, and takes a stream up at key frames only. */
export class DecodingWorker {
  implementation;
  #make;
  /** @type {PictureDecoder | undefined} */
  #decoder;
  #needsKeyFrame = true;

  /**
   * @param {Implementation} implementation
   * @param {() => Promise<PictureDecoder | undefined>} make
   * @param {PictureDecoder} decoder
   */
  constructor(implementation, make, decoder) {
    this.implementation = implementation;
    this.#make = make;
    this.#decoder = decoder;
  }

  /**
   * @param {"auto" | Implementation} wanted
   * @param {ModulePlaces} modules
   */
  static async create(wanted, modules) {
    for (const implementation of /** @type {const} */ (["libav", "webp"])) {
      if (wanted !== "auto" && wanted !== implementation) continue;
      const make = implementation === "libav" ? makeLibav(modules) : makeOgv(modules);
      const decoder = await make();
      if (decoder !== undefined) return new DecodingWorker(implementation, make, decoder);
    }
    throw notInstalled(wanted === "webp" ? "ogv" : "@libav.js/variant-webm");
  }

  /** @param {Uint8Array<ArrayBuffer>} data */
  async decode(data) {
    const neededKeyFrame = this.#needsKeyFrame;
    this.#needsKeyFrame = true;
    const header = parseHeader(data);
    if (header === undefined) throw new Failure("invalid_data", "the bytes are no VP8 frame");
    if (header.width > maxSide || header.height > maxSide) {
      throw new Failure(
        "invalid_data",
        `a picture of ${header.width}x${header.height}; at most ${maxSide} on a side`,
      );
    }
    if (!header.keyFrame && neededKeyFrame) {
      throw new Failure(
        "invalid_data",
        "a delta frame without its key frame; wait for a key frame",
      );
    }
    const picture = await this.#decode(data);
    if (picture === undefined && header.showFrame) {
      throw new Failure("invalid_data", "the frame holds no picture");
    }
    this.#needsKeyFrame = false;
    return header.showFrame ? picture : undefined;
  }

  /** @param {Uint8Array<ArrayBuffer>} data */
  async #decode(data) {
    this.#decoder ??= await this.#make();
    if (this.#decoder === undefined) throw new Failure("unsupported", "the decoder is gone");
    try {
      return await this.#decoder.decode(data);
    } catch (error) {
      // A trap leaves the memory of the instance in any state.
      if (isTrap(error)) this.#decoder = undefined;
      const reason = error instanceof Error ? error.message : String(error);
      throw new Failure("invalid_data", `the frame is damaged: ${reason}`);
    }
  }
}

/** @param {ModulePlaces} modules */
function makeLibav(modules) {
  return async () => {
    const libav = await loadLibav(modules);
    if (libav === undefined) return undefined;
    await warmUp(libav);
    return new LibavDecoder(libav);
  };
}

/** @param {Libav} libav */
async function warmUp(libav) {
  const size = { width: 320, height: 240 };
  const bitrate = 300_000;
  const encoder = new LibavEncoder(libav, { ...size, framerate: 30, bitrate });
  const decoder = new LibavDecoder(libav);
  for (let frame = 0; frame < warmUpFrames; frame += 1) {
    const picture = encoder.encode(testPicture(size.width, size.height, frame), false, bitrate);
    if (picture !== undefined) await decoder.decode(picture.data);
  }
  encoder.reset();
  decoder.reset();
}

/** @param {ModulePlaces} modules */
function makeOgv(modules) {
  return async () => {
    const ogv = await loadOgv(modules);
    return ogv === undefined ? undefined : OgvDecoder.create(ogv);
  };
}
