/** @typedef {import("../types.js").PictureDecoder} PictureDecoder */
/** @typedef {import("../types.js").PictureEncoder} PictureEncoder */
/** @typedef {import("../types.js").Libav} Libav */
/** @typedef {import("../types.js").EncoderSpec} EncoderSpec */

const pixelFormatYuv420p = 0;
const pictureTypeIntra = 1;
const packetFlagKey = 1;

/** Frames until a key frame that nobody asked for: in practice never, 9 hours at 30 a second. */
const keyFrameDistance = 1_000_000;

/** @implements {PictureEncoder} */
export class LibavEncoder {
  #libav;
  #spec;
  /** @type {readonly [context: number, frame: number, packet: number] | undefined} */
  #handles;
  #bitrate = 0;
  #count = 0;

  /**
   * @param {Libav} libav
   * @param {EncoderSpec} spec
   */
  constructor(libav, spec) {
    this.#libav = libav;
    this.#spec = spec;
  }

  /**
   * @param {Uint8Array<ArrayBuffer>} data
   * @param {boolean} keyFrame
   * @param {number} bitrate
   */
  encode(data, keyFrame, bitrate) {
    try {
      const [context, frame, packet] = this.#open(bitrate);
      const picture = this.#put(data);
      this.#libav.AVFrame_pict_type_s_sync(picture, keyFrame ? pictureTypeIntra : 0);
      const [first] = this.#libav.ff_encode_multi_sync(context, frame, packet, [picture]);
      if (first === undefined || first.data.length === 0) return undefined;
      return { data: first.data, keyFrame: ((first.flags ?? 0) & packetFlagKey) !== 0 };
    } catch (error) {
      this.reset();
      throw error;
    }
  }

  /**
   * Line by line: the functions of libav.js for whole pictures round the chroma of odd sizes down.
   * @param {Uint8Array} data
   * @returns {number} the frame in the memory of the library
   */
  #put(data) {
    const libav = this.#libav;
    const { width, height } = this.#spec;
    const picture = libav.av_frame_alloc_sync();
    libav.AVFrame_format_s_sync(picture, pixelFormatYuv420p);
    libav.AVFrame_width_s_sync(picture, width);
    libav.AVFrame_height_s_sync(picture, height);
    libav.AVFrame_pts_s_sync(picture, this.#count);
    libav.AVFrame_ptshi_s_sync(picture, 0);
    this.#count += 1;
    if (picture === 0 || libav.av_frame_get_buffer_sync(picture, 0) < 0) {
      libav.av_frame_free_js_sync(picture);
      throw new Error("no memory for a picture");
    }
    const heap = libav.HEAPU8;
    for (const { plane, offset, stride, lines } of planesOf(width, height)) {
      const to = libav.AVFrame_data_a_sync(picture, plane);
      const step = libav.AVFrame_linesize_a_sync(picture, plane);
      for (let line = 0, from = offset; line < lines; line += 1, from += stride) {
        heap.set(data.subarray(from, from + stride), to + line * step);
      }
    }
    return picture;
  }

  /**
   * FFmpeg's libvpx has no way to change the bitrate of an encoder: another one makes an encoder anew.
   * @param {number} bitrate
   */
  #open(bitrate) {
    if (this.#handles !== undefined && this.#bitrate === bitrate) return this.#handles;
    this.reset();
    const [, context, frame, packet] = this.#libav.ff_init_encoder_sync(
      "libvpx",
      encoderOptions(this.#spec, bitrate),
    );
    this.#bitrate = bitrate;
    this.#count = 0;
    this.#handles = [context, frame, packet];
    return this.#handles;
  }

  reset() {
    const handles = this.#handles;
    this.#handles = undefined;
    if (handles !== undefined) this.#libav.ff_free_encoder_sync(...handles);
  }
}

/**
 * @param {EncoderSpec} spec
 * @param {number} bitrate
 */
function encoderOptions({ width, height, framerate }, bitrate) {
  const rate = Math.round(framerate * 1_000);
  return {
    ctx: {
      width,
      height,
      pix_fmt: pixelFormatYuv420p,
      bit_rate: bitrate,
      framerate_num: rate,
      framerate_den: 1_000,
    },
    time_base: /** @type {[number, number]} */ ([1_000, rate]),
    // libav.js passes over names that it does not know without a word: these are FFmpeg's, with hyphens.
    options: {
      deadline: "realtime",
      "cpu-used": "-16",
      "lag-in-frames": "0",
      "auto-alt-ref": "0",
      "error-resilient": "default",
      "static-thresh": "1",
      "max-intra-rate": "300",
      minrate: String(bitrate),
      maxrate: String(bitrate),
      bufsize: String(Math.round(bitrate / 2)),
      qmin: "4",
      qmax: "63",
      g: String(keyFrameDistance),
    },
  };
}

/**
 * The planes of a picture without padding.
 * @param {number} width
 * @param {number} height
 */
function planesOf(width, height) {
  const stride = Math.ceil(width / 2);
  const lines = Math.ceil(height / 2);
  const luma = width * height;
  return [
    { plane: 0, offset: 0, stride: width, lines: height },
    { plane: 1, offset: luma, stride, lines },
    { plane: 2, offset: luma + stride * lines, stride, lines },
  ];
}

/** @implements {PictureDecoder} */
export class LibavDecoder {
  #libav;
  /** @type {readonly [context: number, packet: number, frame: number] | undefined} */
  #handles;

  /** @param {Libav} libav */
  constructor(libav) {
    this.#libav = libav;
  }

  /** @param {Uint8Array<ArrayBuffer>} data at least one byte: none at all ends the stream of an FFmpeg decoder for good */
  async decode(data) {
    try {
      const [context, packet, frame] = this.#open();
      const packets = [{ data }];
      const copyoutFrame = /** @type {const} */ ("ptr");
      const [first, ...others] = this.#libav.ff_decode_multi_sync(context, packet, frame, packets, {
        copyoutFrame,
      });
      for (const other of others) this.#libav.av_frame_free_js_sync(other);
      return first === undefined ? undefined : this.#take(first);
    } catch (error) {
      // What state a failed decoder is in is nobody's guess.
      this.reset();
      throw error;
    }
  }

  /**
   * Copies the picture out, and frees it.
   * @param {number} picture
   */
  #take(picture) {
    const libav = this.#libav;
    const width = libav.AVFrame_width_sync(picture);
    const height = libav.AVFrame_height_sync(picture);
    const planes = planesOf(width, height);
    const data = new Uint8Array(planes.reduce((sum, { stride, lines }) => sum + stride * lines, 0));
    const heap = libav.HEAPU8;
    for (const { plane, offset, stride, lines } of planes) {
      const from = libav.AVFrame_data_a_sync(picture, plane);
      const step = libav.AVFrame_linesize_a_sync(picture, plane);
      for (let line = 0; line < lines; line += 1) {
        const start = from + line * step;
        data.set(heap.subarray(start, start + stride), offset + line * stride);
      }
    }
    libav.av_frame_free_js_sync(picture);
    return { data, width, height };
  }

  #open() {
    if (this.#handles === undefined) {
      const [, context, packet, frame] = this.#libav.ff_init_decoder_sync("libvpx");
      this.#handles = [context, packet, frame];
    }
    return this.#handles;
  }

  reset() {
    const handles = this.#handles;
    this.#handles = undefined;
    if (handles !== undefined) this.#libav.ff_free_decoder_sync(...handles);
  }
}
