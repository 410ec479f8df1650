import { describe, expect, it } from "vitest";
import { countListeners } from "./runtime.js";

describe("the count of listeners", () => {
  it("is of those that were neither taken off nor called once", () => {
    const controller = new AbortController();
    const { signal } = controller;
    const listeners = countListeners(signal);
    const [kept, taken] = [{ handleEvent: () => undefined }, { handleEvent: () => undefined }];
    signal.addEventListener("abort", kept);
    signal.addEventListener("abort", taken);
    signal.addEventListener("abort", () => undefined, { once: true });
    expect(listeners()).toBe(3);
    signal.removeEventListener("abort", taken);
    expect(listeners()).toBe(2);
    controller.abort();
    expect(listeners()).toBe(1);
  });
});
