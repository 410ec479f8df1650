import { describe, expect, it } from "vitest";
import {
  closeCodes,
  ConicError,
  errorCodeInfo,
  errorCodes,
  isConicError,
  isErrorCode,
  mayReconnect,
} from "../src/index.js";

const codes = Object.keys(errorCodes).filter(isErrorCode);

describe("a ConicError", () => {
  it("has its code, message, details and cause", () => {
    const cause = new Error("below");
    const error = new ConicError("timeout", "too late", { cause, details: { timeoutMs: 5 } });
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.code, error.message]).toStrictEqual([
      "ConicError",
      "timeout",
      "too late",
    ]);
    expect(error.cause).toBe(cause);
    expect(error.details).toStrictEqual({ timeoutMs: 5 });
  });

  it("has no cause of its own and no details unless given", () => {
    const error = new ConicError("timeout", "too late");
    expect(Object.hasOwn(error, "cause")).toBe(false);
    expect(error.details).toStrictEqual({});
  });

  it.each(codes)("of code %s is retryable as the table says", (code) => {
    expect(new ConicError(code, "").retryable).toBe(errorCodes[code].retryable);
  });

  it("is recognised across builds, by a mark that is not listed", () => {
    const foreign = Object.defineProperty(new Error("x"), Symbol.for("conic.error"), {
      value: true,
    });
    expect(isConicError(foreign)).toBe(true);
    const error = new ConicError("closed", "");
    expect(Object.keys(error)).not.toContain("conic.error");
    expect(Object.getOwnPropertyDescriptor(error, Symbol.for("conic.error"))?.enumerable).toBe(
      false,
    );
  });

  it("is recognised by its code where one is asked for", () => {
    const error = new ConicError("closed", "");
    expect(isConicError(error)).toBe(true);
    expect(isConicError(error, "closed")).toBe(true);
    expect(isConicError(error, "timeout")).toBe(false);
  });

  it.each([new Error("x"), { code: "closed" }, null, undefined, "closed"])("is not %o", (value) => {
    expect(isConicError(value)).toBe(false);
    expect(isConicError(value, "closed")).toBe(false);
  });
});

describe("ConicError.from", () => {
  it("keeps a ConicError as it is", () => {
    const error = new ConicError("closed", "gone");
    expect(ConicError.from(error, "internal", "other")).toBe(error);
  });

  it("wraps anything else, which becomes the cause", () => {
    const cause = new Error("below");
    expect(ConicError.from(cause, "internal")).toMatchObject({
      code: "internal",
      message: "below",
      cause,
    });
    expect(ConicError.from(cause, "internal", "text").message).toBe("text");
    expect(ConicError.from(7, "internal")).toMatchObject({ message: "7", cause: 7 });
  });
});

describe("the table of errors", () => {
  it.each(["__proto__", "constructor", "toString", "", 7, null])("has no code %j", (value) => {
    expect(isErrorCode(value)).toBe(false);
  });

  it("closes with codes that fit in a close frame, each meaning one error", () => {
    const used = codes.flatMap((code) => errorCodeInfo(code).closeCode ?? []);
    expect(new Set(used).size).toBe(used.length);
    expect(
      used.every((code) => (code >= 1000 && code <= 1011) || (code >= 4000 && code <= 4999)),
    ).toBe(true);
    const named: readonly number[] = Object.values(closeCodes);
    expect(used.filter((code) => !named.includes(code))).toStrictEqual([]);
  });

  it("lets a client reconnect after its own close codes exactly where trying again may help", () => {
    const own = codes.filter((code) => (errorCodeInfo(code).closeCode ?? 0) >= 4000);
    expect(own.length).toBeGreaterThan(0);
    for (const code of own) {
      const { closeCode = 0, retryable } = errorCodeInfo(code);
      expect([code, mayReconnect(closeCode)]).toStrictEqual([code, retryable]);
    }
  });
});

describe("mayReconnect", () => {
  it.each([
    [1000, true],
    [1006, true],
    [4000, true],
    [4499, true],
    [4500, false],
    [4999, false],
    [5000, true],
  ])("after %i is %s", (code, expected) => {
    expect(mayReconnect(code)).toBe(expected);
  });
});
