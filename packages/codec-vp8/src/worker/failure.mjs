/** An error that the other thread gives to its user under a code of its own. */
export class Failure extends Error {
  code;

  /**
   * @param {"unsupported" | "invalid_data"} code
   * @param {string} message
   */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** @param {string} what the packages that were looked for, as arguments of `pnpm add` */
export function notInstalled(what) {
  return new Failure("unsupported", `VP8 needs a package that is not installed: pnpm add ${what}`);
}

/**
 * Whether the code in WebAssembly itself broke down.
 * @param {unknown} error
 */
export function isTrap(error) {
  return error instanceof Error && error.name === "RuntimeError";
}
