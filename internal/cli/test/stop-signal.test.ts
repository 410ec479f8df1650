import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import { stopSignal, type SignalSource } from "../src/index.js";

class FakeProcess extends EventEmitter implements SignalSource {
  readonly exits: number[] = [];

  exit(code: number): void {
    this.exits.push(code);
  }
}

describe("the stop signal", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ])("fires on the first %s and ends the process on the second", (name, code) => {
    const source = new FakeProcess();
    const signal = stopSignal(source);
    expect(signal.aborted).toBe(false);
    source.emit(name);
    expect([signal.aborted, signal.reason, source.exits]).toEqual([true, name, []]);
    source.emit(name);
    expect(source.exits).toEqual([code]);
  });

  it("counts a second signal of another kind, and keeps the first as its reason", () => {
    const source = new FakeProcess();
    const signal = stopSignal(source);
    source.emit("SIGTERM");
    source.emit("SIGINT");
    expect([signal.reason, source.exits]).toEqual(["SIGTERM", [130]]);
  });
});
