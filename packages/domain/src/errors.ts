import { errorCodeInfo, type ErrorCode } from "./error-codes.js";

/** Facts about an error that a program may act on. Never bodies, addresses or secrets: they are logged. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | undefined>>;

export interface ConicErrorOptions {
  readonly cause?: unknown;
  readonly details?: ErrorDetails;
}

// A registered symbol: an error made by the CommonJS build is recognised by the ESM build, and the reverse.
const brand = Symbol.for("conic.error");

/** The one error class of Conic. `code` is from a closed table; the message says what to do next. */
export class ConicError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = "ConicError";
  readonly code: C;
  readonly details: ErrorDetails;

  constructor(code: C, message: string, options: ConicErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
    Object.defineProperty(this, brand, { value: true, enumerable: false });
  }

  /** Whether the same request may succeed later without the caller changing anything. */
  get retryable(): boolean {
    return errorCodeInfo(this.code).retryable;
  }

  /** `value` itself when it is a ConicError; else a ConicError of `code` with `value` as its cause. */
  static from(value: unknown, code: ErrorCode, message?: string): ConicError {
    if (isConicError(value)) return value;
    const text = message ?? (value instanceof Error ? value.message : String(value));
    return new ConicError(code, text, { cause: value });
  }
}

export function isConicError(value: unknown): value is ConicError;
export function isConicError<C extends ErrorCode>(value: unknown, code: C): value is ConicError<C>;
export function isConicError(value: unknown, code?: ErrorCode): boolean {
  if (!(value instanceof Error) || !(brand in value)) return false;
  return code === undefined || ("code" in value && value.code === code);
}
