// The one file that imports the libraries. Each is loaded when it is needed, and may be missing.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

/** @typedef {import("../types.js").Libav} Libav */
/** @typedef {import("../types.js").ModulePlaces} ModulePlaces */
/** @typedef {import("../types.js").Ogv} Ogv */
/** @typedef {import("../types.js").Webp} Webp */

/**
 * What the modules export, for the parts that are used here.
 * @template T
 * @typedef {{ readonly default: (options: object) => Promise<T> }} Factory
 */
/** @typedef {{ readonly default: { LibAV(options: object): Promise<Libav> } }} LibavModule */

/**
 * A new instance of libav.js; undefined where the package is not installed.
 * @param {ModulePlaces} places
 * @returns {Promise<Libav | undefined>}
 */
export async function loadLibav({ libav }) {
  const found = await ifInstalled(() =>
    libav === undefined ? import("@libav.js/variant-webm") : import(libav),
  );
  const module = /** @type {LibavModule | undefined} */ (found);
  // This thread is the worker: it must not start another one.
  const instance = await module?.default.LibAV({ noworker: true, nothreads: true });
  // -8 is quiet: it would write to stderr.
  instance?.av_log_set_level_sync(-8);
  return instance;
}

/**
 * A new instance of the WebP encoder; undefined where the package is not installed.
 * @param {ModulePlaces} places
 * @returns {Promise<Webp | undefined>}
 */
export async function loadWebp({ webp }) {
  const found = await ifInstalled(async () => {
    if (webp !== undefined) return import(webp);
    const module = await import("@jsquash/webp/codec/enc/webp_enc_simd.js");
    // Its own loader fetches a URL, which Node does not do for files.
    const wasm = placeOf("@jsquash/webp/codec/enc/webp_enc_simd.wasm");
    return { ...module, wasmBinary: await readFile(wasm) };
  });
  const module = /** @type {Factory<Webp> & { wasmBinary?: Uint8Array } | undefined} */ (found);
  const wasmBinary = module?.wasmBinary;
  return module?.default({ noInitialRun: true, wasmBinary, print: silent, printErr: silent });
}

/**
 * A new instance of the VP8 decoder of ogv; undefined where the package is not installed.
 * @param {ModulePlaces} places
 * @returns {Promise<Ogv | undefined>}
 */
export async function loadOgv({ ogv }) {
  const found = await ifInstalled(() =>
    ogv === undefined
      ? // @ts-expect-error -- the package has no types
        import("ogv/dist/ogv-decoder-video-vp8-wasm.js")
      : import(ogv),
  );
  const module = /** @type {Factory<Ogv> | undefined} */ (found);
  // It compares each frame with the crop of the stream that is said here; no picture has this one.
  const videoFormat = { cropWidth: -1, cropHeight: -1 };
  return module?.default({ videoFormat, print: silent, printErr: silent });
}

function silent() {
  // What the libraries print is for their developers.
}

/** @param {string} specifier */
function placeOf(specifier) {
  return createRequire(import.meta.url).resolve(specifier);
}

/**
 * @param {() => Promise<unknown>} load
 * @returns {Promise<unknown>}
 */
async function ifInstalled(load) {
  try {
    return await load();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}
