import { Failure, isTrap, notInstalled } from "./failure.mjs";
import { LibavEncoder } from "./engines/libav.mjs";
import { loadLibav, loadWebp } from "./engines/load.mjs";
import { testPicture, warmUpFrames } from "./warm-up.mjs";
import { WebpEncoder } from "./engines/webp.mjs";

/** @typedef {import("./types.js").EncoderSpec} EncoderSpec */
/** @typedef {import("./types.js").Implementation} Implementation */
/** @typedef {import("./types.js").ModulePlaces} ModulePlaces */
/** @typedef {import("./types.js").PictureEncoder} PictureEncoder */

/** An encoder that is made anew after it failed. */
export class EncodingWorker {
  implementation;
  #make;
  /** @type {PictureEncoder | undefined} */
  #encoder;

  /**
   * @param {Implementation} implementation
   * @param {() => Promise<PictureEncoder | undefined>} make
   * @param {PictureEncoder} encoder
   */
  constructor(implementation, make, encoder) {
    this.implementation = implementation;
    this.#make = make;
    this.#encoder = encoder;
  }

  /**
   * @param {"auto" | Implementation} wanted
   * @param {ModulePlaces} modules
   * @param {EncoderSpec} spec
   */
  static async create(wanted, modules, spec) {
    for (const implementation of /** @type {const} */ (["libav", "webp"])) {
      if (wanted !== "auto" && wanted !== implementation) continue;
      const make = implementation === "libav" ? makeLibav(modules, spec) : makeWebp(modules, spec);
      const encoder = await make();
      if (encoder !== undefined) warmUp(encoder, spec);
      if (encoder !== undefined) return new EncodingWorker(implementation, make, encoder);
    }
    throw notInstalled(wanted === "webp" ? "@jsquash/webp" : "@libav.js/variant-webm");
  }

  /**
   * @param {Uint8Array<ArrayBuffer>} data
   * @param {boolean} keyFrame
   * @param {number} bitrate
   */
  async encode(data, keyFrame, bitrate) {
    this.#encoder ??= await this.#make();
    if (this.#encoder === undefined) throw new Failure("unsupported", "the encoder is gone");
    try {
      return this.#encoder.encode(data, keyFrame, bitrate);
    } catch (error) {
      // A trap leaves the memory of the instance in any state.
      if (isTrap(error)) this.#encoder = undefined;
      throw error;
    }
  }
}

/**
 * @param {ModulePlaces} modules
 * @param {EncoderSpec} spec
 */
function makeLibav(modules, spec) {
  return async () => {
    const libav = await loadLibav(modules);
    return libav === undefined ? undefined : new LibavEncoder(libav, spec);
  };
}

/**
 * @param {ModulePlaces} modules
 * @param {EncoderSpec} spec
 */
function makeWebp(modules, spec) {
  return async () => {
    const webp = await loadWebp(modules);
    return webp === undefined ? undefined : new WebpEncoder(webp, spec);
  };
}

/**
 * Encodes pictures of which nothing stays.
 * @param {PictureEncoder} encoder
 * @param {EncoderSpec} spec
 */
function warmUp(encoder, { width, height, bitrate }) {
  for (let frame = 0; frame < warmUpFrames; frame += 1) {
    encoder.encode(testPicture(width, height, frame), false, bitrate);
  }
  encoder.reset();
}
