import { ConicError, errorCodes, isErrorCode, type ErrorCode } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { errorFromMessage, errorMessage, isWireErrorCode, toWireError } from "../../src/index.js";

const all = Object.keys(errorCodes).filter(isErrorCode);
const travelling = all.filter(isWireErrorCode);

describe("error messages", () => {
  it("tell of every code that travels", () => {
    expect(travelling).toStrictEqual(all.slice(0, all.indexOf("internal") + 1));
  });

  it.each(travelling.filter((code) => code !== "internal"))(
    "keep the code %s, its text and what a program may act on",
    (code) => {
      const details = { id: "7", targetId: "bob", retryAfterMs: 250 };
      const error = errorFromMessage(errorMessage(new ConicError(code, "do this", { details })));
      expect([error.code, error.message, error.details]).toStrictEqual([code, "do this", details]);
    },
  );

  it.each(all.filter((code) => !isWireErrorCode(code)))(
    "do not show the local code %s to the other end",
    (code: ErrorCode) => {
      const { body } = errorMessage(new ConicError(code, "secret path"));
      expect(body.Code).toBe("internal");
      expect(body.Message).not.toContain("secret");
    },
  );

  it("do not show what failed inside", () => {
    const details = { file: "secret" };
    const { body } = errorMessage(new ConicError("internal", "secret", { details }));
    expect(JSON.stringify(body)).not.toContain("secret");
  });

  it("carry the correlation id of the message rather than that of the error", () => {
    const error = new ConicError("forbidden", "no", { details: { id: "from the error" } });
    expect(errorMessage(error).id).toBe("from the error");
    expect(errorMessage(error, "given").id).toBe("given");
    expect(errorMessage(new ConicError("forbidden", "no"))).not.toHaveProperty("id");
  });

  it.each([
    ["a target that is no id", { targetId: "b b" }],
    ["a negative delay", { retryAfterMs: -1 }],
    ["an endless delay", { retryAfterMs: Infinity }],
    ["any other detail", { reason: "closed" }],
  ])("leave out %s", (_name, details) => {
    const { body } = errorMessage(new ConicError("rate_limited", "wait", { details }));
    expect(body).toStrictEqual({ Code: "rate_limited", Message: "wait" });
  });

  it.each(["moon_phase", "aborted", "__proto__", ""])(
    "with the unknown or local code %j are internal errors",
    (Code) => {
      const error = errorFromMessage({ type: "error", body: { Code, Message: "m" } });
      expect([error.code, error.details["code"]]).toStrictEqual(["internal", Code]);
    },
  );

  it("put no control characters into a terminal", () => {
    const Message = "a\u001B[2Jb\u009Bc\nd";
    const error = errorFromMessage({ type: "error", body: { Code: "internal", Message } });
    expect(error.message).toBe("a [2Jb c d");
  });
});

describe("toWireError", () => {
  it("keeps what it wraps as the cause", () => {
    const local = new ConicError("timeout", "late");
    expect(toWireError(local)).toMatchObject({ code: "internal", cause: local });
    expect(toWireError("thrown")).toMatchObject({ code: "internal", cause: "thrown" });
    const travels = new ConicError("forbidden", "no");
    expect(toWireError(travels)).toBe(travels);
  });
});
