import { describe, expect, it } from "vitest";
import {
  ConicError,
  callFailureReason,
  callFailureReasons,
  isCallFailureReason,
} from "../src/index.js";

describe("the reason of a failed call", () => {
  it.each(callFailureReasons)("is read from the details: %s", (reason) => {
    expect(isCallFailureReason(reason)).toBe(true);
    expect(
      callFailureReason(new ConicError("connection_failed", "x", { details: { reason } })),
    ).toBe(reason);
  });

  it("is other where there is none, or one that nobody knows", () => {
    for (const details of [{}, { reason: "mood" }, { reason: 3 }]) {
      expect(callFailureReason(new ConicError("timeout", "x", { details }))).toBe("other");
    }
    expect(callFailureReason(new Error("no error of ours"))).toBe("other");
    expect(callFailureReason(undefined)).toBe("other");
    expect(isCallFailureReason("toString")).toBe(false);
  });
});
