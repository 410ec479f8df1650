/** @typedef {import("../types.js").PictureDecoder} PictureDecoder */
/** @typedef {import("../types.js").Ogv} Ogv */
/** @typedef {import("../types.js").OgvPlane} OgvPlane */

/** @implements {PictureDecoder} */
export class OgvDecoder {
  #ogv;

  /** @param {Ogv} ogv */
  constructor(ogv) {
    this.#ogv = ogv;
  }

  /**
   * @param {Ogv} ogv
   * @returns {Promise<OgvDecoder>}
   */
  static create(ogv) {
    return new Promise((resolve) => {
      ogv.init(() => {
        resolve(new OgvDecoder(ogv));
      });
    });
  }

  /** @param {Uint8Array<ArrayBuffer>} data */
  async decode(data) {
    const ogv = this.#ogv;
    ogv.frameBuffer = null;
    await process(ogv, data);
    // It does not say why there is none: a hidden frame has no picture either.
    const buffer = this.#ogv.frameBuffer;
    if (buffer === null) return undefined;
    const picture = packed(buffer);
    ogv.recycleFrame(buffer);
    return picture;
  }
}

/**
 * @param {Ogv} ogv
 * @param {Uint8Array<ArrayBuffer>} data
 * @returns {Promise<void>}
 */
function process(ogv, data) {
  return new Promise((resolve) => {
    ogv.processFrame(data.slice().buffer, () => {
      resolve();
    });
  });
}

/** @param {NonNullable<Ogv["frameBuffer"]>} frame */
function packed({ format, y, u, v }) {
  const { cropLeft, cropTop, cropWidth: width, cropHeight: height } = format;
  const chromaWidth = Math.ceil(width / 2);
  const chromaHeight = Math.ceil(height / 2);
  const uOffset = width * height;
  const vOffset = uOffset + chromaWidth * chromaHeight;
  const data = new Uint8Array(vOffset + chromaWidth * chromaHeight);
  copyPlane(y, cropLeft, cropTop, data.subarray(0, uOffset), width);
  copyPlane(u, cropLeft >> 1, cropTop >> 1, data.subarray(uOffset, vOffset), chromaWidth);
  copyPlane(v, cropLeft >> 1, cropTop >> 1, data.subarray(vOffset), chromaWidth);
  return { data, width, height };
}

/**
 * @param {OgvPlane} plane
 * @param {number} left
 * @param {number} top
 * @param {Uint8Array} target
 * @param {number} width
 */
function copyPlane({ bytes, stride }, left, top, target, width) {
  for (let at = 0, from = top * stride + left; at < target.length; at += width, from += stride) {
    target.set(bytes.subarray(from, from + width), at);
  }
}
