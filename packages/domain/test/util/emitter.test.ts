import { describe, expect, it } from "vitest";
import { Emitter } from "../../src/index.js";
import { countListeners } from "../support/runtime.js";

interface Events {
  readonly count: number;
  readonly text: string;
}

function make(): { emitter: Emitter<Events>; errors: unknown[]; seen: string[] } {
  const errors: unknown[] = [];
  const emitter = new Emitter<Events>((error, type) => errors.push([type, error]));
  return { emitter, errors, seen: [] };
}

describe("an emitter", () => {
  it("calls the listeners of an event at once, in order of subscription", () => {
    const { emitter, seen } = make();
    emitter.on("count", (n) => seen.push(`first ${n}`));
    emitter.on("text", (text) => seen.push(text));
    emitter.on("count", (n) => seen.push(`second ${n}`));
    emitter.emit("count", 1);
    expect(seen).toStrictEqual(["first 1", "second 1"]);
  });

  it("calls nobody when nobody listens", () => {
    const { emitter, errors } = make();
    emitter.emit("count", 1);
    expect([emitter.listenerCount("count"), errors]).toStrictEqual([0, []]);
  });

  it("calls a listener until it is taken off, however often that is done", () => {
    const { emitter, seen } = make();
    const listener = (n: number): void => void seen.push(String(n));
    const off = emitter.on("count", listener);
    emitter.on("count", listener);
    off();
    off();
    emitter.emit("count", 1);
    expect([seen, emitter.listenerCount("count")]).toStrictEqual([["1"], 1]);
  });

  it("gives what a listener throws to its owner, and goes on with the others", () => {
    const { emitter, errors, seen } = make();
    const error = new Error("no");
    emitter.on("count", () => {
      throw error;
    });
    emitter.on("count", (n) => seen.push(String(n)));
    emitter.emit("count", 1);
    expect([errors, seen]).toStrictEqual([[["count", error]], ["1"]]);
  });

  it("calls for one event those who listened when it was emitted", () => {
    const { emitter, seen } = make();
    const offs: (() => void)[] = [];
    emitter.on("count", () => {
      seen.push("first");
      for (const off of offs) off();
      emitter.on("count", () => seen.push("new"));
    });
    offs.push(emitter.on("count", () => seen.push("second")));
    emitter.emit("count", 1);
    expect(seen).toStrictEqual(["first", "second"]);
    emitter.emit("count", 2);
    expect(seen).toStrictEqual(["first", "second", "first", "new"]);
  });

  it("takes a listener off when its signal fires, and lets go of the signal either way", () => {
    const { emitter, seen } = make();
    const controller = new AbortController();
    const { signal } = controller;
    const listeners = countListeners(signal);
    emitter.on("count", () => seen.push("a"), { signal });
    const off = emitter.on("count", () => seen.push("b"), { signal });
    off();
    expect(listeners()).toBe(1);
    controller.abort();
    emitter.emit("count", 1);
    expect([seen, emitter.listenerCount("count")]).toStrictEqual([[], 0]);
    expect(listeners()).toBe(0);
  });

  it("takes no listener whose signal has fired", () => {
    const { emitter } = make();
    emitter.on("count", () => undefined, { signal: AbortSignal.abort() })();
    expect(emitter.listenerCount("count")).toBe(0);
  });
});
