import { describe, expect, it } from "vitest";
import { watchRejections } from "./runtime.js";

describe("the watch over rejections", () => {
  it("tells of a rejection that nobody handles, and of no other", async () => {
    const rejections = watchRejections();
    void Promise.reject(new Error("nobody's"));
    Promise.reject(new Error("somebody's")).catch(() => undefined);
    expect(await rejections()).toStrictEqual([new Error("nobody's")]);
  });
});
