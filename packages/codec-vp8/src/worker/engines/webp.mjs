/** @typedef {import("../types.js").PictureEncoder} PictureEncoder */
/** @typedef {import("../types.js").Webp} Webp */
/** @typedef {import("../types.js").EncoderSpec} EncoderSpec */

/** Fast, and free of what a still picture may have beside its one VP8 frame. Names of libwebp's WebPConfig. */
const stillOptions = {
  target_size: 0,
  target_PSNR: 0,
  method: 0,
  sns_strength: 50,
  filter_strength: 30,
  filter_sharpness: 0,
  filter_type: 0,
  partitions: 0,
  segments: 1,
  pass: 1,
  show_compressed: 0,
  preprocessing: 0,
  autofilter: 0,
  partition_limit: 0,
  alpha_compression: 0,
  alpha_filtering: 0,
  alpha_quality: 100,
  lossless: 0,
  exact: 0,
  image_hint: 0,
  emulate_jpeg_size: 0,
  thread_level: 0,
  low_memory: 0,
  near_lossless: 100,
  use_delta_palette: 0,
  use_sharp_yuv: 0,
};
const startQuality = 50;
const leastQuality = 1;
const mostQuality = 90;

/**
 * A lossy WebP picture holds exactly one VP8 key frame (RFC 9649 section 2.5): a stream of them is VP8 in which every frame
 * is a key frame.
 * @implements {PictureEncoder}
 */
export class WebpEncoder {
  #webp;
  #spec;
  #quality = startQuality;
  /** Bytes spent above, or left below, what the bitrate allows. */
  #debt = 0;
  #rgba;

  /**
   * @param {Webp} webp
   * @param {EncoderSpec} spec
   */
  constructor(webp, spec) {
    this.#webp = webp;
    this.#spec = spec;
    this.#rgba = new Uint8ClampedArray(spec.width * spec.height * 4).fill(255);
  }

  /**
   * @param {Uint8Array<ArrayBuffer>} data
   * @param {boolean} _keyFrame every frame is one
   * @param {number} bitrate
   */
  encode(data, _keyFrame, bitrate) {
    const { width, height, framerate } = this.#spec;
    toRgba(data, width, height, this.#rgba);
    const file = this.#webp.encode(this.#rgba, width, height, {
      ...stillOptions,
      quality: this.#quality,
    });
    if (file === null) throw new Error("libwebp refused the picture");
    const frame = vp8ChunkOf(file);
    this.#control(frame.length, bitrate / framerate / 8);
    return { data: frame, keyFrame: true };
  }

  reset() {
    this.#quality = startQuality;
    this.#debt = 0;
  }

  /**
   * Moves the quality towards the size that is due, and pays back what was spent too much within about a second.
   * @param {number} bytes
   * @param {number} due
   */
  #control(bytes, due) {
    const { framerate } = this.#spec;
    const limit = due * framerate;
    this.#debt = Math.max(-limit / 4, Math.min(limit, this.#debt + bytes - due));
    const aim = Math.max(due / 4, due - this.#debt / framerate);
    this.#quality += 12 * Math.log(aim / bytes);
    this.#quality = Math.max(leastQuality, Math.min(mostQuality, this.#quality));
  }
}

/** @param {Uint8Array} file */
function vp8ChunkOf(file) {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  for (let at = 12; at + 8 <= file.length;) {
    const size = view.getUint32(at + 4, true);
    // "VP8 ", big-endian
    if (view.getUint32(at) === 0x56503820) return file.slice(at + 8, at + 8 + size);
    at += 8 + size + (size % 2);
  }
  throw new Error("libwebp made a picture without VP8");
}

/**
 * BT.601 in limited range, as libwebp turns it back.
 * @param {Uint8Array} data
 * @param {number} width
 * @param {number} height
 * @param {Uint8ClampedArray} rgba whose alpha is set already
 */
function toRgba(data, width, height, rgba) {
  const chromaWidth = Math.ceil(width / 2);
  const uOffset = width * height;
  const vOffset = uOffset + chromaWidth * Math.ceil(height / 2);
  let to = 0;
  for (let y = 0; y < height; y += 1) {
    const chroma = (y >> 1) * chromaWidth;
    for (let x = 0; x < width; x += 1) {
      const luma = 1.1644 * ((data[y * width + x] ?? 0) - 16);
      const u = (data[uOffset + chroma + (x >> 1)] ?? 0) - 128;
      const v = (data[vOffset + chroma + (x >> 1)] ?? 0) - 128;
      rgba[to] = luma + 1.596 * v;
      rgba[to + 1] = luma - 0.3918 * u - 0.813 * v;
      rgba[to + 2] = luma + 2.0172 * u;
      to += 4;
    }
  }
}
