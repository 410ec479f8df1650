import { describe, expect, it } from "vitest";
import { keepCompiledCode } from "../src/index.js";

describe("the cache of compiled code", () => {
  it("is turned on once where Node has one", () => {
    let calls = 0;
    keepCompiledCode({
      enableCompileCache: () => {
        calls += 1;
      },
    });
    expect(calls).toBe(1);
  });

  it("is done without where Node has none, as Node 20", () => {
    expect(() => {
      keepCompiledCode({});
    }).not.toThrow();
  });
});
